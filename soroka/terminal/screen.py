"""What goes to the terminal: tables and lines that fit its width, and JSON for programs."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.timezone import localtime
from django.utils.translation import get_language
from rest_framework.utils.encoders import JSONEncoder
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

#: Columns of a terminal below which a table leaves out what is least needed.
_WIDE = 100
#: States, by the colour in which they are shown where there are colours.
COLOURS = {
    "running": "cyan", "planning": "cyan", "scheduled": "blue", "paused": "yellow", "finished": "green",
    "cancelled": "bright_black", "working": "green", "failing": "yellow", "stopped": "bold red",
}  # fmt: skip


def console(*, stderr: bool = False) -> Console:
    """Without colours, and 80 columns wide, where nobody looks at it directly."""
    return Console(highlight=False, stderr=stderr, emoji=False, markup=False)


def show(*parts: RenderableType, stderr: bool = False) -> None:
    """Print them, one below the other; in a file or a pipe no line ends with spaces."""
    out = console(stderr=stderr)
    if out.is_terminal:
        out.print(*parts, sep="\n")
        return
    with out.capture() as captured:
        out.print(*parts, sep="\n")
    lines = captured.get().splitlines()
    print("\n".join(line.rstrip() for line in lines), file=sys.stderr if stderr else sys.stdout, flush=True)


def say(sentence: str) -> None:
    """Print it in one line, whatever the width: what is to be copied must not be broken."""
    print(sentence, flush=True)


def is_wide() -> bool:
    """Whether there is room for all columns of a table."""
    return console().width >= _WIDE


def print_json(document: Any, *, indent: int | None = 2) -> None:
    """The one document of stdout."""
    plain = not (sys.stdout.encoding or "").lower().startswith("utf")
    print(json.dumps(document, cls=JSONEncoder, indent=indent, ensure_ascii=plain), flush=True)


def number(value: float | None) -> str:
    """1,234,567 or 1 234 567, by the language; a dash where nobody knows."""
    if value is None:
        return "—"
    grouped = f"{value:,.0f}"
    return grouped.replace(",", "\u00a0") if get_language() == "ru" else grouped


def speed(value: float | None) -> str:
    """A number with decimals where it is small."""
    return number(value) if value is None or value >= 10 else f"{value:.1f}"  # noqa: PLR2004


def moment(value: str | datetime | None) -> str:
    """2026-11-27 10:00:05, by the clocks of the service's zone; a dash where there is none."""
    if not value:
        return "—"
    aware = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{localtime(aware):%Y-%m-%d %H:%M:%S}"


def zone() -> str:
    """The name of the service's zone."""
    return str(settings.TIME_ZONE)


def state(value: str, words: Any) -> Text:
    """A state in words, in its colour."""
    return Text(str(words), style=COLOURS.get(value, ""))


def bar(done: float, total: float) -> RenderableType:
    """How much of something is done, as wide as it may be."""
    line = Table.grid(expand=True)  # by itself it does not end its line
    line.add_row(ProgressBar(total=max(total, 1), completed=done if total else 0, complete_style="cyan"))
    return line


def share(done: int, total: int) -> str:
    """57 %; never 100 before all is done."""
    return f"{min(100 * done // total, 100) if total else 0} %"


def table(*headers: str, right: Iterable[int] = ()) -> Table:
    """An empty table with these headers. right: the columns that hold numbers."""
    numbers = set(right)
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for index, header in enumerate(headers):
        made.add_column(header, justify="right" if index in numbers else "left", overflow="fold")
    return made


def facts(pairs: Sequence[tuple[str, RenderableType]]) -> Table:
    """What is known of one thing, a line each; what is empty is left out."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="bold")
    made.add_column(overflow="fold")
    for name, value in pairs:
        if str(value):
            made.add_row(name, value)
    return made


def indented(content: RenderableType) -> Padding:
    """Two columns further to the right."""
    return Padding(content, (0, 0, 0, 2))
