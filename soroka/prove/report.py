"""How the verdicts are shown: on a terminal, as JSON and as Markdown."""

import json
import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from soroka.prove.tally import Numbers
from soroka.prove.verdict import Verdict

#: Replaces the words beside the progress.
Update = Callable[[str], None]
COLUMNS = ("planned", "offered", "accepted", "delivered", "not sent", "sent twice", "lost", "in doubt")
COMMAND = "soroka prove"


def table(verdicts: Sequence[Verdict]) -> Table:
    """A line a verdict."""
    shown = Table(title="soroka prove", title_justify="left")
    shown.add_column("fault")
    shown.add_column("")
    for column in COLUMNS:
        shown.add_column(column, justify="right")
    shown.add_column("s", justify="right")
    for verdict in verdicts:
        mark = marked(verdict)
        shown.add_row(verdict.name, mark, *_counts(verdict.numbers), f"{verdict.seconds:.0f}")
    return shown


def marked(verdict: Verdict) -> str:
    """The word of a verdict in its colour."""
    colour = {"holds": "green", "BROKEN": "red"}.get(verdict.word, "yellow")
    return f"[{colour}]{verdict.word}[/{colour}]"


def show_broken(console: Console, verdict: Verdict) -> None:
    """Every promise that did not hold, with its numbers."""
    for promise in verdict.promises:
        if not promise.holds:
            console.print(f"    broken: {promise.text} ({promise.detail})", markup=False)


def as_json(verdicts: Sequence[Verdict], run: dict[str, Any]) -> str:
    """run: how it was run."""
    document = {"run": run, "holds": all(v.holds for v in verdicts), "verdicts": [v.as_dict() for v in verdicts]}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def markdown(verdicts: Sequence[Verdict], run: dict[str, Any]) -> str:
    """A table of numbers and, below it, every promise with what was seen."""
    head = ["fault", "verdict", *COLUMNS, "seconds"]
    lines = [
        ", ".join(f"{name} {value}" for name, value in run.items()) + ".",
        "",
        "| " + " | ".join(head) + " |",
        "|---|---|" + "--:|" * (len(COLUMNS) + 1),
    ]
    for verdict in verdicts:
        mark = "holds" if verdict.holds else f"**{verdict.word}**"
        cells = [verdict.name, mark, *_counts(verdict.numbers), f"{verdict.seconds:.0f}"]
        lines.append("| " + " | ".join(cells) + " |")
    for verdict in verdicts:
        lines += ["", f"**{verdict.name}**: {verdict.fault}.", ""]
        lines += [f"- {'kept' if p.holds else '**broken**'}: {p.text} ({p.detail})" for p in verdict.promises]
        lines += [f"- **{verdict.word}**: {why}"] if (why := verdict.problem or verdict.skipped) else []
    return "\n".join(lines) + "\n"


def write_markdown(path: Path, text: str, command: str = COMMAND) -> None:
    """Put the text between the command's markers in a file that has them; else it becomes the file."""
    begin, end = markers(command)
    page = path.read_text() if path.exists() else ""
    before, begun, rest = page.partition(begin)
    _, ended, after = rest.partition(end)
    if begun and ended:
        text = f"{before}{begin}\n\n{text}\n{end}{after}"
    path.write_text(text)


def markers(command: str = COMMAND) -> tuple[str, str]:
    """Between which a file holds what the command wrote."""
    return f"<!-- {command}: begin -->", f"<!-- {command}: end -->"


def in_words(verdict: Verdict) -> str:
    """Its numbers, or why there are none."""
    why = verdict.problem or verdict.skipped
    if why or not verdict.numbers:
        return why
    pairs = zip(COLUMNS, verdict.numbers.values(), strict=True)
    return ", ".join(f"{value:,} {name}" for name, value in pairs)


def machine() -> str:
    """What it was run on, in a few words."""
    return f"{platform.system()} on {os.cpu_count()} cores, Python {platform.python_version()}"


def _counts(numbers: Numbers | None) -> list[str]:
    return [f"{value:,}" for value in numbers.values()] if numbers else [""] * len(COLUMNS)
