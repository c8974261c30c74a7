"""The judgement over the samples: pure functions, so that a leak can be made up and seen."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from soroka.prove.soak.sample import GATEWAY, Sample
from soroka.prove.tally import Promise

#: What may be more in the last quarter of the settled time than in its first: a share of it, and so much beside.
_MEMORY, _DESCRIPTORS, _CONNECTIONS, _SIZE = (0.10, 16e6), (0.10, 8), (0.10, 8), (0.20, 1e6)
#: Seconds of changes that may be dead above autovacuum's threshold: its nap of a minute, and the time that it works.
_VACUUM_TAKES = 180.0
#: Seconds for which a transaction may keep what it sees from being vacuumed.
_SNAPSHOT = 30.0
#: What grows with every message by design: judged by the row, or not at all.
_BY_THE_ROW = ("soroka_message", "soroka_batch")
_GROWING = (*_BY_THE_ROW, "soroka_attempt")
_HELD = 0.8
_MB = 1e6


class Ends(NamedTuple):
    """Medians of a value over the first and the last quarter of the settled time."""

    before: float
    after: float


def judge(samples: Sequence[Sample], since: float, rate: float, wished: float) -> list[Promise]:
    """samples: until the flow ended.  since: seconds from which nothing was restarted any more.

    rate, wished: messages a second.
    """
    settled = [sample for sample in samples if sample.at >= since]
    return [
        _flat(settled, "memory", _MEMORY, _MB, "memory stays flat, MB"),
        _flat(settled, "descriptors", _DESCRIPTORS, 1, "open descriptors do not grow"),
        _flat(settled, "sessions", _CONNECTIONS, 1, "sessions of PostgreSQL do not grow"),
        _flat(settled, "clients", _CONNECTIONS, 1, "connections to Valkey do not grow"),
        _flat(settled, "data", _MEMORY, _MB, "what Valkey keeps does not grow, MB"),
        _flat(settled, "tasks", _CONNECTIONS, 1, "tasks of Celery do not pile up"),
        _dead(settled),
        _row_size(settled),
        _flat(_others(settled), "size", _SIZE, _MB, "tables that do not grow with the messages keep their size, MB"),
        _snapshots(settled),
        Promise("the rate is held", rate >= _HELD * wished, f"{rate:,.0f} messages/s of {wished:,.0f}"),
    ]


def ends(samples: Sequence[Sample], name: str) -> Ends | None:
    """None where it was never measured in one of the quarters."""
    first, last = samples[0].at, samples[-1].at
    quarter = (last - first) / 4
    before = [s.values[name] for s in samples if name in s.values and s.at <= first + quarter]
    after = [s.values[name] for s in samples if name in s.values and s.at >= last - quarter]
    return Ends(median(before), median(after)) if before and after else None


def names(samples: Sequence[Sample], kind: str) -> list[str]:
    """What there is of a kind, but of the gateway: it keeps every call, so as to be the witness."""
    found = {name: None for sample in samples for name in sample.values if name.partition(" ")[0] == kind}
    return [name for name in found if name != f"{kind} {GATEWAY}"]


def _flat(samples: Sequence[Sample], kind: str, more: tuple[float, float], unit: float, text: str) -> Promise:
    share, beside = more
    grown, said = [], []
    for name in names(samples, kind):
        if found := ends(samples, name):
            whose = name.partition(" ")[2]
            said.append(f"{whose} {found.before / unit:,.0f} → {found.after / unit:,.0f}")
            if found.after > found.before * (1 + share) + beside:
                grown.append(whose)
    bound = f"; at most {share:.0%} and {beside / unit:g} more"
    return Promise(text, bool(said) and not grown, ", ".join(said) + bound + _list(grown))


def _others(samples: Sequence[Sample]) -> list[Sample]:
    """Tables that do not grow, with their indexes, as one size each and all together."""
    return [Sample(at, {"size all": sum(_sizes(values))}) for at, values in samples]


def _sizes(values: Mapping[str, float]) -> Iterator[float]:
    for name, figure in values.items():
        kind, _, table = name.partition(" ")
        if kind in {"table", "indexes"} and table not in _GROWING:
            yield figure


def _row_size(samples: Sequence[Sample]) -> Promise:
    """Tables with their indexes, by the row: what is dead and not used again makes it larger."""
    rows = [
        Sample(
            at,
            {
                f"row {table}": (values[f"table {table}"] + values[f"indexes {table}"]) / values[f"rows {table}"]
                for table in _BY_THE_ROW
                if values.get(f"rows {table}")
            },
        )
        for at, values in samples
    ]
    return _flat(rows, "row", (_SIZE[0], 0), 1, "bytes of a message and of a batch, indexes included, do not grow")


def _dead(samples: Sequence[Sample]) -> Promise:
    """At every sample with enough of them before it."""
    late: list[str] = []
    said: list[str] = []
    tables = names(samples, "dead")
    for name in tables:
        table = name.partition(" ")[2]
        most, allowed = _worst(samples, table)
        changed = samples[-1].values.get(f"changed {table}", 0) - samples[0].values.get(f"changed {table}", 0)
        if changed > 10 * len(samples):
            came = samples[-1].values[f"vacuumed {table}"] - samples[0].values[f"vacuumed {table}"]
            said.append(f"{table} {most:,.0f} where {allowed:,.0f} may be, vacuumed {came:.0f} times")
        if most > allowed:
            late.append(table)
    text = "vacuum keeps up: dead rows are at most autovacuum's threshold and the changes of three minutes"
    return Promise(text, bool(tables) and not late, "; ".join(said) + _list(late))


def _worst(samples: Sequence[Sample], table: str) -> tuple[float, float]:
    """The dead rows of a table and how many may be, where that is nearest; zeros in a short run."""
    found = [(0.0, 0.0)]
    for sample in samples:
        before = [one for one in samples if one.at <= sample.at - _VACUUM_TAKES and f"changed {table}" in one.values]
        if before and f"dead {table}" in sample.values:
            recent = sample.values[f"changed {table}"] - before[-1].values[f"changed {table}"]
            found.append((sample.values[f"dead {table}"], sample.values[f"threshold {table}"] + recent))
    return max(found, key=lambda pair: pair[0] / max(pair[1], 1.0))


def _snapshots(samples: Sequence[Sample]) -> Promise:
    seen = [sample.values["seconds snapshot"] for sample in samples if "seconds snapshot" in sample.values]
    longest = max(seen, default=float("nan"))
    return Promise(
        f"no transaction keeps a snapshot for {_SNAPSHOT:g} s", longest <= _SNAPSHOT, f"{longest:.1f} s at most"
    )


def _list(grown: Sequence[str]) -> str:
    return f"; too much: {', '.join(grown)}" if grown else ""
