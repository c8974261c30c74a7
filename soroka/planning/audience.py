"""Who gets a mailing: the filter and its SQL."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice of clients: any (or all) of the tags *and* one of the operator codes; an empty list does not restrict.

    tag_ids: ids of ``Tag``.  operator_codes: 0..999.  match_all: all of the tags are needed, not one.
    everyone: the operator said that a filter without any restriction is meant.
    """

    tag_ids: tuple[int, ...] = ()
    operator_codes: tuple[int, ...] = ()
    match_all: bool = False
    everyone: bool = False

    @property
    def restricts(self) -> bool:
        """Whether it leaves anybody out, but for those who opted out."""
        return bool(self.tag_ids or self.operator_codes)

    def to_json(self) -> dict[str, Any]:
        """The form in which a mailing keeps it."""
        return asdict(self) | {"tag_ids": list(self.tag_ids), "operator_codes": list(self.operator_codes)}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Filter":
        """Read it back from a mailing."""
        return cls(tuple(kept["tag_ids"]), tuple(kept["operator_codes"]), kept["match_all"], kept["everyone"])

    def where(self) -> tuple[str, dict[str, Any]]:
        """A condition over ``soroka_client c`` with named parameters. Who opted out is never chosen."""
        conditions = ["NOT c.opted_out"]
        if self.tag_ids:
            conditions.append(f"c.tag_ids {'@>' if self.match_all else '&&'} %(tag_ids)s::int[]")
        if self.operator_codes:
            conditions.append("c.operator_code = ANY(%(operator_codes)s::smallint[])")
        values = {"tag_ids": list(self.tag_ids), "operator_codes": list(self.operator_codes)}
        return " AND ".join(conditions), values
