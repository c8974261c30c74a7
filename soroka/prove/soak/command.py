"""``soroka soak``: a steady flow and faults for long, and nothing grows."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from soroka.embedded.errors import StackError
from soroka.prove.report import machine, write_markdown
from soroka.prove.soak import report
from soroka.prove.soak.faults import Planned
from soroka.prove.soak.flow import Say, Soaked, Wish
from soroka.prove.soak.run import soak as run
from soroka.prove.soak.sample import Sample

_WIDTH = 150  # where the output is no terminal
_FILE = click.Path(dir_okay=False, path_type=Path)
#: Seconds between two samples that are told where there is no terminal.
_TOLD_EVERY = 60.0


@click.command()
@click.option(
    "--minutes", default=60.0, show_default=True, type=click.FloatRange(1, 1440), help="How long mailings flow."
)
@click.option("--rate", default=2300, show_default=True, type=click.IntRange(10, 50_000), help="Messages a second.")
@click.option("--seed", default=1, show_default=True, help="Of the order and the moments of the faults.")
@click.option("--json", "json_to", type=_FILE, help="Write the verdicts and all samples as JSON.")
@click.option("--markdown", "markdown_to", type=_FILE, help="Write them between the markers of a Markdown file.")
def soak(*, minutes: float, rate: int, seed: int, json_to: Path | None, markdown_to: Path | None) -> None:
    """Let mailings flow for an hour while things break, and see that nothing grows.

    The real stack is started on data of its own, with a simulated gateway. A mailing is made every minute, over HTTP.
    Programs are killed in the first third; connections are cut and the gateway misbehaves all along. Memory, open
    descriptors, connections and tables are measured, and what became of every message is judged by the gateway's
    record and the ledger. Exit code 1 where a promise is broken. An hour needs about 10 GB of disk.
    """
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    home = Path(tempfile.mkdtemp(prefix="soroka-soak-"))
    home.chmod(0o755)  # root's PostgreSQL is another user and must get to its own folder in it
    wish = Wish(minutes, rate, seed)
    try:
        with _telling(console, wish) as say:
            soaked = run(home, wish, say)
    except StackError as error:
        raise click.ClickException(f"{error}\nwhat the programs said is kept in {home}/log") from error
    finally:
        shutil.rmtree(home / "postgres", ignore_errors=True)
        (home / "soak.record").unlink(missing_ok=True)
    console.print(report.table(soaked))
    about = {
        "minutes": f"{minutes:g}", "rate": f"{rate:,} messages/s", "seed": seed, "seconds": f"{soaked.seconds:,.0f}",
        "machine": machine(),
    }  # fmt: skip
    if json_to:
        json_to.write_text(report.as_json(soaked, about))
    if markdown_to:
        write_markdown(markdown_to, report.markdown(soaked, about), "soroka soak")
    _end(console, home, soaked)


@contextmanager
def _telling(console: Console, wish: Wish) -> Iterator[Say]:
    """A bar on a terminal; elsewhere a line a minute. Every fault has its line."""
    columns = (
        TextColumn("{task.percentage:3.0f}%"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("the first mailing", total=wish.seconds)
        told = -_TOLD_EVERY

        def say(seconds: float, news: Sample | Planned) -> None:
            nonlocal told
            line = report.said(news)
            if isinstance(news, Sample):
                progress.update(bar, completed=min(seconds, wish.seconds), description=line)
            if isinstance(news, Planned) or (not console.is_terminal and seconds >= told + _TOLD_EVERY):
                told = told if isinstance(news, Planned) else seconds
                progress.console.print(f"{seconds / 60:5.1f} min  {line}", highlight=False)

        yield say


def _end(console: Console, home: Path, soaked: Soaked) -> None:
    """Exit with 1 where something does not hold, and keep the logs and samples then."""
    if not soaked.holds:
        console.print(f"what the programs said, and the samples, are kept in {home}/log", markup=False)
        sys.exit(1)
    shutil.rmtree(home, ignore_errors=True)
