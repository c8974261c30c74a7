"""The result as files: JSON for programs, Markdown for a page of docs. A file is there whole or not at all."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from soroka.bench.errors import BenchError
from soroka.bench.figures import Row, Share, figure

BEGIN, END = "<!-- soroka bench: begin -->", "<!-- soroka bench: end -->"


@dataclass
class Result:
    """Everything that a run found out. seconds: how long each part took.  failures: parts that ended early, and why.

    machine, versions, settings: names and words, as they are shown.  notes: sentences about how it was measured.
    profiles: the costliest functions of a pump, by what it did.
    """

    made_at: str
    command: str
    scale: float
    runs: int
    machine: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    profiles: dict[str, list[Share]] = field(default_factory=dict)

    @property
    def caveat(self) -> str:
        """What a reader must know before the figures, empty at full size."""
        return "" if self.scale == 1 else f"Scale {self.scale:g}: a quick look, not a result."


def as_json(result: Result) -> bytes:
    """The result for programs; times in seconds unless a row's unit says otherwise."""
    content = {
        "made_at": result.made_at,
        "command": result.command,
        "full_size": result.scale == 1,
        "scale": result.scale,
        "runs": result.runs,
        "machine": result.machine,
        "versions": result.versions,
        "settings": result.settings,
        "rows": [_row(row) for row in result.rows],
        "seconds": result.seconds,
        "failures": result.failures,
        "notes": result.notes,
        "profiles": result.profiles,
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _row(row: Row) -> dict[str, Any]:
    return {
        "part": row.part,
        "name": row.name,
        "unit": row.unit,
        "target": str(row.target) if row.target else None,
        "median": row.median,
        "minimum": min(row.values),
        "maximum": max(row.values),
        "values": row.values,
        "verdict": row.verdict or None,
    }


def as_markdown(result: Result) -> str:
    """The result between its two markers."""
    parts = [
        BEGIN,
        f"`{result.command}`, {result.made_at}; runs of each measurement: {result.runs}.",
        *([f"**{result.caveat}**"] if result.caveat else []),
        _table(result.rows),
        *(f"`{part}` ended early: {why}" for part, why in result.failures.items()),
        *([_notes(result.notes)] if result.notes else []),
        *(_profile(name, shares) for name, shares in result.profiles.items()),
        _about("machine", result.machine),
        _about("versions", result.versions),
        _about("settings", result.settings),
        "Elapsed: " + ", ".join(f"{part} {seconds:.0f} s" for part, seconds in result.seconds.items()) + ".",
        END,
    ]
    return "\n\n".join(parts) + "\n"


def _table(rows: Sequence[Row]) -> str:
    lines = [
        "| part | measured | unit | target | median | minimum | maximum | verdict |",
        "|---|---|---|---|--:|--:|--:|---|",
    ]
    for row in rows:
        spread = " | ".join(figure(value) for value in (row.median, min(row.values), max(row.values)))
        lines.append(f"| {row.part} | {row.name} | {row.unit} | {row.target or ''} | {spread} | {row.verdict} |")
    return "\n".join(lines)


def _notes(notes: Sequence[str]) -> str:
    return "\n".join(f"- {note}" for note in notes)


def _profile(name: str, shares: Sequence[Share]) -> str:
    lines = [f"CPU time of a pump's Python, {name}:", "", "| own time, % | function |", "|--:|---|"]
    return "\n".join([*lines, *(f"| {share.percent:.1f} | `{share.function}` |" for share in shares)])


def _about(what: str, facts: Mapping[str, str]) -> str:
    return f"{what.capitalize()}: " + ", ".join(f"{name} {value}" for name, value in facts.items()) + "."


def write_json(path: Path, result: Result) -> None:
    """Replace the file."""
    _replace(path, as_json(result))


def write_markdown(path: Path, result: Result) -> None:
    """Replace what is between the markers of the file, or make it. Raises BenchError, see ``check_place``."""
    before, after = _around(path)
    _replace(path, (before + as_markdown(result) + after).encode())


def check_place(path: Path, *, markers: bool) -> None:
    """Whether the file can be written, asked before the work is done. Raises BenchError.

    markers: an existing file must hold both, for nothing else in it may be lost.
    """
    if not path.parent.is_dir() or path.is_dir() or not os.access(path.parent, os.W_OK):
        raise BenchError(f"{path} cannot be written: name a file in a folder that exists and is yours")
    if markers:
        _around(path)


def _around(path: Path) -> tuple[str, str]:
    if not path.exists():
        return "", ""
    before, begin, rest = path.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BenchError(f"{path} has no lines {BEGIN} and {END} to write between; add them, or name a new file")
    return before, after.removeprefix("\n")


def _replace(path: Path, content: bytes) -> None:
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    descriptor, making = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        Path(making).chmod(mode)
        Path(making).replace(path)
    except BaseException:
        Path(making).unlink(missing_ok=True)
        raise
