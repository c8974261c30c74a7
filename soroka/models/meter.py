"""What happened so often, counted over all processes and hosts for whoever watches the service (ADR 34)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from django.db import models

from soroka.models.gateway import Gateway
from soroka.models.statement import run


class Counted(StrEnum):
    """What is counted, and by which label."""

    #: What a gateway said to offered messages: by the word of the attempt, or ``accepted``.
    OUTCOMES = "outcomes"
    #: First offers: by the number of the bucket of lateness.
    LATENESS = "lateness"
    #: Of the same, seconds.
    LATENESS_SUM = "lateness_sum"
    #: Messages that planning made.
    PLANNED = "planned"
    #: Imports that ended: by their state.
    IMPORTS = "imports"
    #: Batches that a tick brought back, expired or moved.
    BROUGHT = "brought"
    #: Beginnings of a time in which no password is looked at.
    LOCKOUTS = "lockouts"
    #: Tasks that ended with an error: by their name.
    TASK_FAILURES = "task_failures"


class Count(NamedTuple):
    """label: from a set that the code knows, never an id or what a person wrote.

    gateway_id: at which gateway, None where it is of none.
    """

    name: Counted
    label: str = ""
    gateway_id: int | None = None


class Meter(models.Model):
    """A figure that only grows. A row for each thing that is counted, some dozens for each gateway."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=32)
    label = models.CharField(max_length=32)
    gateway = models.ForeignKey(Gateway, null=True, on_delete=models.CASCADE)
    value = models.FloatField(db_default=0.0)

    class Meta:
        constraints = [
            # Reader: ``count``, which adds to what is there.
            models.UniqueConstraint(fields=["name", "label", "gateway"], name="meter_once", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.label}: {self.value}"


# In one order, so that two who count the same never wait for each other in a circle. A gateway that was deleted
# meanwhile is not counted any more.
_COUNT = """
INSERT INTO soroka_meter (name, label, gateway_id, value)
SELECT said.* FROM unnest(%(names)s::text[], %(labels)s::text[], %(gateways)s::smallint[], %(values)s::float8[])
                       AS said(name, label, gateway_id, value)
 WHERE gateway_id IS NULL OR exists(SELECT FROM soroka_gateway g WHERE g.id = gateway_id)
 ORDER BY name, label, gateway_id
    ON CONFLICT (name, label, gateway_id) DO UPDATE SET value = soroka_meter.value + excluded.value
RETURNING id
"""


def count(happened: Mapping[Count, float]) -> None:
    """Add to the figures, in one statement; none where nothing happened."""
    if not happened:
        return
    values = {
        "names": [what.name for what in happened],
        "labels": [what.label for what in happened],
        "gateways": [what.gateway_id for what in happened],
        "values": [float(value) for value in happened.values()],
    }
    run(_COUNT, values)
