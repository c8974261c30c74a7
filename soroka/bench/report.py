"""The result on a terminal."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from soroka.bench.documents import Result
from soroka.bench.figures import Row, Share, figure

_COLOURS = {"met": "green", "missed": "red", "": ""}


_WIDTH = 150


def wide(console: Console) -> Console:
    """The console, wide enough for the table where it is no terminal and has no width of its own."""
    return console if console.is_terminal else Console(width=_WIDTH)


def show(console: Console, result: Result) -> None:
    """Print everything."""
    for what, facts in (("machine", result.machine), ("versions", result.versions), ("settings", result.settings)):
        console.print(f"[bold]{what}[/]  {_words(facts)}", highlight=False)
    console.print(_table(result))
    for name, shares in result.profiles.items():
        console.print(_profile(name, shares))
    for note in result.notes:
        console.print(Text(note))
    for part, why in result.failures.items():
        console.print(Text(f"{part} ended early: {why}", style="red"))
    console.print(Text("elapsed: " + ", ".join(f"{part} {seconds:.0f} s" for part, seconds in result.seconds.items())))
    if result.caveat:
        console.print(Text(result.caveat, style="bold yellow"))


def _words(facts: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items()).replace("[", r"\[")


def _table(result: Result) -> Table:
    table = Table(title=f"soroka bench, {result.runs} runs", caption=result.caveat or None)
    table.add_column("part", no_wrap=True)
    table.add_column("measured", ratio=1)
    for heading in ("unit", "target"):
        table.add_column(heading, no_wrap=True)
    for heading in ("median", "minimum", "maximum"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict")
    part = None
    for row in result.rows:
        if part not in (None, row.part):
            table.add_section()
        table.add_row(*_cells(row, first=row.part != part))
        part = row.part
    return table


def _cells(row: Row, *, first: bool) -> Iterator[Text]:
    yield Text(row.part if first else "")
    yield Text(row.name)
    yield Text(row.unit)
    yield Text(str(row.target or ""))
    for value in (row.median, min(row.values), max(row.values)):
        yield Text(figure(value))
    yield Text(row.verdict, style=_COLOURS[row.verdict])


def _profile(name: str, shares: list[Share]) -> Table:
    table = Table(title=f"CPU time of a pump's Python, {name}")
    table.add_column("own time, %", justify="right")
    table.add_column("function")
    for share in shares:
        table.add_row(f"{share.percent:.1f}", Text(share.function))
    return table


class Bars:
    """What is being measured now: a bar on a terminal, a line a part elsewhere."""

    def __init__(self, console: Console, progress: Progress) -> None:
        self._console = console
        self._progress = progress

    @contextmanager
    def part(self, name: str, steps: int) -> Iterator[None]:
        """Show a part until it is done."""
        if not self._console.is_terminal:
            self._console.print(f"measuring {name}")
        self._task = self._progress.add_task(name, total=steps, what="")
        yield
        self._progress.update(self._task, completed=steps, what="done")

    def step(self, what: str) -> None:
        """One more step begins."""
        self._progress.update(self._task, advance=1, what=what)


@contextmanager
def bars(console: Console) -> Iterator[Bars]:
    """Progress bars for the duration."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        *columns, TextColumn("{task.fields[what]}"), console=console, disable=not console.is_terminal
    ) as progress:
        yield Bars(console, progress)
