"""The filter of a mailing or a segment: whom it takes, as one SQL condition."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from soroka.audience.condition import Condition, Values, walk
from soroka.audience.leaves import Ended, Everyone, OperatorCodes, TagChoice
from soroka.audience.tree import read


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice of clients: a tree of conditions, or the short form: any (or all) of the tags *and* one of the codes.

    tag_ids: ids of ``Tag``.  operator_codes: 0..999; an empty list does not restrict.
    match_all: all of the tags are needed, not one.
    everyone: the operator said that a filter without any restriction is meant.
    tree: in place of all of these.
    """

    tag_ids: tuple[int, ...] = ()
    operator_codes: tuple[int, ...] = ()
    match_all: bool = False
    everyone: bool = False
    tree: Condition | None = None

    @property
    def restricts(self) -> bool:
        """Whether it leaves anybody out, but for those who opted out."""
        return any(not isinstance(part, Everyone) for _, part in self.parts())

    @property
    def tags(self) -> set[int]:
        """The ids of all tags that are named anywhere in it."""
        return {tag_id for _, part in self.parts() if isinstance(part, TagChoice) for tag_id in part.ids}

    @property
    def mailings(self) -> set[int]:
        """The ids of all mailings whose messages it asks about."""
        return {part.mailing for _, part in self.parts() if isinstance(part, Ended)}

    def to_json(self) -> dict[str, Any]:
        """The form in which a row keeps it."""
        if self.tree:
            return self.tree.to_json()
        return {
            "tag_ids": list(self.tag_ids),
            "operator_codes": list(self.operator_codes),
            "match_all": self.match_all,
            "everyone": self.everyone,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Filter":
        """Read it back from a row."""
        if "tag_ids" not in kept:
            return cls(tree=read(kept))
        return cls(tuple(kept["tag_ids"]), tuple(kept["operator_codes"]), kept["match_all"], kept["everyone"])

    def parts(self) -> Iterator[tuple[str, Condition]]:
        """Every condition of it, each with its path: ``filter.and[1].tags.any``."""
        if self.tree:
            yield from walk(self.tree, "filter")
        if self.tag_ids:
            yield "filter.tags", TagChoice("all" if self.match_all else "any", self.tag_ids)
        if self.operator_codes:
            yield "filter.operator_codes", OperatorCodes(self.operator_codes)
        if self.everyone:
            yield "filter.everyone", Everyone()

    def where(self) -> tuple[str, dict[str, Any]]:
        """A condition over ``soroka_client c`` with named parameters. Who opted out is never chosen."""
        values = Values()
        matches = self.sql(values)
        return f"NOT c.opted_out AND {matches}", values.named

    def sql(self, values: Values) -> str:
        """Whether a client matches, be it one who opted out."""
        if self.tree:
            return self.tree.sql(values)
        return " AND ".join(part.sql(values) for _, part in self.parts()) or "true"
