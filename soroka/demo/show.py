"""How the demo shows what it learns."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from soroka.demo.api import ApiError

Mailing = dict[str, Any]


def follow(console: Console, read: Callable[[], Mailing], within: float) -> None:
    """Show how far a mailing is until it has finished: a bar on a terminal, else a line a second.

    within: seconds.  Raises ApiError when they are over.
    """
    show, shown_by = _bar(console) if console.is_terminal else _lines(console)
    deadline = time.monotonic() + within
    with shown_by:
        while (mailing := read())["status"] != "finished":
            show(mailing["statistics"])
            if time.monotonic() > deadline:
                raise ApiError(f"the mailing has not finished within {within:g} s: {mailing}")
            time.sleep(0.1)
        show(mailing["statistics"])


Show = Callable[[dict[str, int]], None]


def _bar(console: Console) -> tuple[Show, AbstractContextManager[object]]:
    columns = (TextColumn("sending"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=console)
    task = progress.add_task("sending")

    def show(counts: dict[str, int]) -> None:
        progress.update(task, total=counts["total"], completed=counts["total"] - counts["in_process"])

    return show, progress


def _lines(console: Console) -> tuple[Show, AbstractContextManager[object]]:
    last = -1.0

    def show(counts: dict[str, int]) -> None:
        nonlocal last
        if time.monotonic() - last > 1 or counts["in_process"] == 0:
            last = time.monotonic()
            console.print(f"settled {counts['total'] - counts['in_process']:,} of {counts['total']:,}")

    return show, nullcontext()


def result_table(statistics: dict[str, Any]) -> Table:
    """What became of a finished mailing's messages."""
    table = Table(title="what became of the messages", title_justify="left")
    table.add_column("")
    table.add_column("messages", justify="right")
    table.add_row("delivered", f"{statistics['delivered']:,}")
    for reason, count in statistics["not_sent_by_reason"].items():
        table.add_row(f"not sent: {reason}", f"{count:,}")
    table.add_section()
    table.add_row("total", f"{statistics['total']:,}")
    table.add_row("a second", f"{rate(statistics):,.0f}")
    return table


def rate(statistics: dict[str, Any]) -> float:
    """Settled messages a second, from the first that was offered to the last that was settled; 0 if none was."""
    moments = statistics["first_offered_at"], statistics["last_settled_at"]
    if None in moments:
        return 0.0
    first, last = map(datetime.fromisoformat, moments)
    return float(statistics["total"] / max((last - first).total_seconds(), 0.001))


def zone_table(local_start: str, by_timezone: dict[str, dict[str, int]]) -> Table:
    """When each zone gets a mailing that starts at ``local_start``, a wall-clock time; the earliest first."""
    table = Table(title="who gets it when", title_justify="left")
    for column in ("time zone", "clients", "by their clock", "UTC"):
        table.add_column(column, justify="right" if column == "clients" else "left")
    start = datetime.fromisoformat(local_start)
    rows = [(start.replace(tzinfo=ZoneInfo(zone)), zone, counts["total"]) for zone, counts in by_timezone.items()]
    for moment, zone, total in sorted(rows):
        table.add_row(zone, f"{total:,}", f"{moment:%d.%m %H:%M}", f"{moment.astimezone(UTC):%d.%m %H:%M}")
    return table
