"""Conditions on what a client is and has had; those on attributes have a file of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from soroka.audience.condition import Condition, Values
from soroka.domain.message import Reason, Status


@dataclass(frozen=True, slots=True)
class TagChoice(Condition):
    """Any, all or none of some tags. ids: of ``Tag``, at least one."""

    how: str
    ids: tuple[int, ...]

    @property
    def key(self) -> str:
        """``any``, ``all`` or ``none``."""
        return self.how

    def sql(self, values: Values) -> str:
        """By the index of tags, but for ``none``."""
        ids = values.bind(list(self.ids), "int[]")
        forms = {"any": f"c.tag_ids && {ids}", "all": f"c.tag_ids @> {ids}", "none": f"NOT c.tag_ids && {ids}"}
        return forms[self.how]

    def to_json(self) -> dict[str, Any]:
        """A part of ``Tags``."""
        return {self.how: list(self.ids)}


@dataclass(frozen=True, slots=True)
class Tags(Condition):
    """All of the choices hold. choices: at least one, none of them twice."""

    choices: tuple[TagChoice, ...]

    key = "tags"

    def sql(self, values: Values) -> str:
        """One after the other."""
        return "(" + " AND ".join(choice.sql(values) for choice in self.choices) + ")"

    def to_json(self) -> dict[str, Any]:
        """``{"tags": {"any": [1], "none": [2]}}``."""
        return {"tags": {choice.how: list(choice.ids) for choice in self.choices}}

    def below(self) -> Iterator[tuple[str, Condition]]:
        """The choices."""
        return (("", choice) for choice in self.choices)


@dataclass(frozen=True, slots=True)
class OperatorCodes(Condition):
    """One of these codes, 0..999."""

    codes: tuple[int, ...]

    key = "operator_codes"

    def sql(self, values: Values) -> str:
        """By the index of operator codes."""
        return f"c.operator_code = ANY({values.bind(list(self.codes), 'smallint[]')})"

    def to_json(self) -> dict[str, Any]:
        """``{"operator_codes": [916]}``."""
        return {"operator_codes": list(self.codes)}


@dataclass(frozen=True, slots=True)
class Timezones(Condition):
    """One of these IANA zones; nobody may live there yet."""

    names: tuple[str, ...]

    key = "timezones"

    def sql(self, values: Values) -> str:
        """By the index of zones, whose ids are looked up once a statement."""
        names = values.bind(list(self.names), "text[]")
        return f"c.zone_id = ANY(ARRAY(SELECT z.id FROM soroka_zone z WHERE z.name = ANY({names})))"  # noqa: S608

    def to_json(self) -> dict[str, Any]:
        """``{"timezones": ["Europe/Moscow"]}``."""
        return {"timezones": list(self.names)}


@dataclass(frozen=True, slots=True)
class CreatedSince(Condition):
    """Made at this moment or later. moment: aware."""

    moment: datetime

    key = "created_since"

    def sql(self, values: Values) -> str:
        """By the index of moments."""
        return f"c.created_at >= {values.bind(self.moment, 'timestamptz')}"

    def to_json(self) -> dict[str, Any]:
        """``{"created_since": "2026-11-25T00:00:00+00:00"}``."""
        return {"created_since": self.moment.isoformat()}


#: How a message of a mailing may have ended, each as a condition over ``soroka_message d``.
ENDINGS = {
    "delivered": f"d.status = {Status.DELIVERED.value}",
    "not_delivered": f"d.status = {Status.NOT_SENT.value}",
    "in_doubt": f"d.status = {Status.NOT_SENT.value} AND d.reason = {Reason.UNKNOWN.value}",
}


@dataclass(frozen=True, slots=True)
class Ended(Condition):
    """Had a message of a mailing that ended so. how: one of ``ENDINGS``.

    Who had none, or one that is still in process, meets none of them.
    """

    mailing: int
    how: str

    @property
    def key(self) -> str:
        """How it ended."""
        return self.how

    def sql(self, values: Values) -> str:
        """By the unique index of messages."""
        mailing = values.bind(self.mailing, "bigint")
        return (
            f"EXISTS (SELECT FROM soroka_message d WHERE d.mailing_id = {mailing} AND d.client_id = c.id"
            f" AND {ENDINGS[self.how]})"
        )

    def to_json(self) -> dict[str, Any]:
        """``{"delivered": 5}``."""
        return {self.how: self.mailing}


@dataclass(frozen=True, slots=True)
class Everyone(Condition):
    """Every client."""

    key = "everyone"

    def sql(self, values: Values) -> str:
        """Always."""
        return "true"

    def to_json(self) -> dict[str, Any]:
        """``{"everyone": true}``."""
        return {"everyone": True}
