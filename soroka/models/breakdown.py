"""Counts of messages by reason, operator code and minute: written once into a batch that closes, read live before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from soroka.domain.message import Reason
from soroka.models.statement import run

# Those that are alike in everything are counted first: once a message in place of three times.
_MEASURE = """
SELECT operator_code, minute, reason, grouping(operator_code, minute, reason),
       coalesce(sum(alike) FILTER (WHERE status = 0), 0)::bigint,
       coalesce(sum(alike) FILTER (WHERE status = 1), 0)::bigint,
       coalesce(sum(alike) FILTER (WHERE status = 2), 0)::bigint,
       max(last)
  FROM (SELECT operator_code, date_trunc('minute', settled_at) AS minute, reason, status, count(*) AS alike,
               max(settled_at) AS last
          FROM unnest(%(low)s::bigint[], %(high)s::bigint[]) AS batch(id_from, id_to)
          JOIN soroka_message m ON m.id BETWEEN batch.id_from AND batch.id_to
         GROUP BY operator_code, minute, reason, status) message
 GROUP BY GROUPING SETS ((operator_code), (minute), (reason))
"""
_BY_CODE, _BY_MINUTE, _BY_REASON = 0b011, 0b101, 0b110


@dataclass
class Breakdown:
    """Marginal counts; JSON-shaped, and sums with others.

    codes: operator code -> [in process, delivered, not sent]
    minutes: ISO minute, UTC -> [delivered, not sent]
    reasons: slug of a reason -> not sent
    last: ISO moment of the last settle, UTC; "" where nothing is settled
    """

    codes: dict[str, list[int]] = field(default_factory=dict)
    minutes: dict[str, list[int]] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    last: str = ""

    @property
    def settled(self) -> bool:
        """Nothing is in process any more."""
        return not any(in_process for in_process, _, _ in self.codes.values())

    def to_json(self) -> dict[str, Any]:
        """The form in which a closed batch and a finished mailing keep it."""
        return {"codes": self.codes, "minutes": self.minutes, "reasons": self.reasons, "last": self.last}

    def add(self, other: dict[str, Any]) -> None:
        """Sum another one in its JSON form into this one."""
        for mine, theirs in ((self.codes, other["codes"]), (self.minutes, other["minutes"])):
            for key, counts in theirs.items():
                mine[key] = [a + b for a, b in zip(mine.get(key, [0] * len(counts)), counts, strict=True)]
        for reason, count in other["reasons"].items():
            self.reasons[reason] = self.reasons.get(reason, 0) + count
        self.last = max(self.last, other["last"])


def measure(ranges: Sequence[tuple[int, int]]) -> Breakdown:
    """Count the messages whose ids lie in the given closed ranges."""
    result = Breakdown()
    rows = run(_MEASURE, {"low": [low for low, _ in ranges], "high": [high for _, high in ranges]})
    for code, minute, reason, kind, in_process, delivered, not_sent, last in rows:
        if kind == _BY_CODE:
            result.codes[str(code)] = [in_process, delivered, not_sent]
        elif kind == _BY_MINUTE and minute is not None:
            result.minutes[minute.isoformat()] = [delivered, not_sent]
            result.last = max(result.last, last.isoformat())
        elif kind == _BY_REASON and not_sent:
            result.reasons[Reason(reason).slug] = not_sent
    return result
