"""How a soak is shown: verdicts and figures before and after, on a terminal, as JSON and as Markdown."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table

from soroka.prove.report import COLUMNS
from soroka.prove.soak.faults import Planned, counted
from soroka.prove.soak.flow import Soaked
from soroka.prove.soak.judge import ends
from soroka.prove.soak.sample import Sample

#: How a kind of value is shown: its words, what it is divided by, and its decimals; a table's only where it matters.
_SHOWN: Mapping[str, tuple[str, float, int]] = {
    "memory": ("memory of {}, MB", 1e6, 1),
    "processes": ("processes of {}", 1, 0),
    "descriptors": ("open descriptors of {}", 1, 0),
    "sessions": ("sessions of PostgreSQL by {}", 1, 0),
    "clients": ("connections to {}", 1, 0),
    "data": ("data in {}, MB", 1e6, 2),
    "tasks": ("tasks of Celery {}", 1, 0),
    "messages": ("messages {}", 1, 0),
    "seconds": ("oldest {}, s", 1, 1),
    "transactions": ("oldest {}, transactions behind", 1, 0),
    "wal": ("WAL {}, MB", 1e6, 0),
}
_OF_TABLES: Mapping[str, tuple[str, float, int]] = {
    "table": ("{}, MB", 1e6, 1),
    "indexes": ("indexes of {}, MB", 1e6, 1),
    "dead": ("dead rows of {}", 1, 0),
    "vacuumed": ("autovacuums of {}", 1, 0),
}
#: A table is shown if so many rows of it were changed in all.
_BUSY = 1000


def table(soaked: Soaked) -> Table:
    """A line a promise."""
    shown = Table(title="soroka soak", title_justify="left")
    for column in ("", "promise", "figures"):
        shown.add_column(column)
    for promise in soaked.promises:
        mark = "[green]holds[/green]" if promise.holds else "[red]BROKEN[/red]"
        shown.add_row(mark, promise.text, promise.detail)
    return shown


def in_words(sample: Sample) -> str:
    """A sample in a line."""
    values = sample.values
    memory = sum(values.get(f"memory {name}", 0.0) for name in ("postgres", "valkey", "worker", "beat", "web"))
    return (
        f"{values['messages settled']:,} settled, {values['messages open']:,} open, {memory / 1e6:,.0f} MB, "
        f"{values.get('sessions worker', 0)} sessions of the worker, {values['dead soroka_message']:,} dead messages"
    )


def as_json(soaked: Soaked, about: Mapping[str, Any]) -> str:
    """Everything, samples included. about: how it was run."""
    document = {
        "run": about,
        "holds": soaked.holds,
        "numbers": dict(zip(COLUMNS, soaked.numbers.values(), strict=True)),
        "promises": [promise.as_dict() for promise in soaked.promises],
        "faults": [fault._asdict() for fault in soaked.faults],
        "samples": [sample._asdict() for sample in soaked.samples],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def markdown(soaked: Soaked, about: Mapping[str, Any]) -> str:
    """The verdicts, the faults, and the figures before and after."""
    return "\n".join(
        [
            ", ".join(f"{name} {value}" for name, value in about.items()) + ".",
            "",
            *_rows(COLUMNS, [[f"{value:,}" for value in soaked.numbers.values()]]),
            "",
            *(f"- {'kept' if p.holds else '**broken**'}: {p.text} ({p.detail})" for p in soaked.promises),
            "",
            "Faults: " + ", ".join(f"{name} ({count})" for name, count in counted(soaked.faults).items()) + ".",
            "",
            *_rows(("", "at the beginning", "before", "after", "most"), _figures(soaked)),
            "",
        ]
    )


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" + "--:|" * (len(head) - 1)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _figures(soaked: Soaked) -> list[list[str]]:
    """The first sample, medians of the first and the last quarter of the settled time, and the most in all."""
    settled = [sample for sample in soaked.samples if soaked.since <= sample.at <= soaked.seconds]
    return [
        [words, *(f"{figure / unit:,.{decimals}f}" for figure in figures)]
        for name, words, unit, decimals in _named(soaked.samples)
        if (figures := _four(soaked.samples, settled, name))
    ]


def _named(samples: Sequence[Sample]) -> Iterator[tuple[str, str, float, int]]:
    """The values that are shown, kind by kind: their name, words, unit and decimals."""
    found = list({name: None for sample in samples for name in sample.values})
    busy = {
        name.partition(" ")[2]
        for name in found
        if name.startswith("changed ") and max(s.values.get(name, 0.0) for s in samples) >= _BUSY
    }
    for kind, (words, unit, decimals) in {**_SHOWN, **_OF_TABLES}.items():
        for name in found:
            its, _, whose = name.partition(" ")
            if its == kind and (kind in _SHOWN or whose in busy):
                yield name, words.format(whose.removeprefix("soroka_")), unit, decimals


def _four(samples: Sequence[Sample], settled: Sequence[Sample], name: str) -> list[float]:
    """Nothing where the value was not there for long enough."""
    every = [sample.values[name] for sample in samples if name in sample.values]
    found = ends(settled, name)
    return [every[0], found.before, found.after, max(every)] if found else []


def said(news: Sample | Planned) -> str:
    """What goes on, in a line."""
    return in_words(news) if isinstance(news, Sample) else f"now {news.name}"
