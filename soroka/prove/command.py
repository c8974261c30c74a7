"""``soroka prove``: break everything that can break, and count."""

import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from soroka.embedded.errors import StackError
from soroka.prove import report
from soroka.prove.rows import ALL
from soroka.prove.run import Wish
from soroka.prove.run import prove as run
from soroka.prove.verdict import Row, Verdict

_WIDTH = 150  # where the output is no terminal
_FILE = click.Path(dir_okay=False, path_type=Path)


def _list(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo("\n".join(f"{row.name:20} {row.fault}" for row in ALL))
        context.exit()


def _rows(_context: click.Context, _option: click.Parameter, words: tuple[str, ...]) -> list[Row]:
    if unknown := [word for word in words if not any(row.name.startswith(word) for row in ALL)]:
        raise click.BadParameter(f"no row begins with {', '.join(unknown)}; --list names them")
    return [row for row in ALL if not words or row.name.startswith(words)]


@click.command()
@click.option("--scale", default=1.0, show_default=True, type=click.FloatRange(0.001, 1), help="Of sizes and times.")
@click.option("--seed", default=1, show_default=True, help="Of everything that is drawn by lot.")
@click.option("--only", "rows", multiple=True, metavar="NAME", callback=_rows, help="Rows whose name begins so.")
@click.option("--list", is_flag=True, is_eager=True, expose_value=False, callback=_list, help="Name the rows and end.")
@click.option("--strict", is_flag=True, help="Exit with 1 as well where a row could not be run.")
@click.option("--json", "json_to", type=_FILE, help="Write the verdicts as JSON.")
@click.option("--markdown", "markdown_to", type=_FILE, help="Write them between the markers of a Markdown file.")
def prove(*, rows: list[Row], strict: bool, json_to: Path | None, markdown_to: Path | None, **wish: float) -> None:
    """Prove on this machine that no message is lost or sent twice.

    The real stack is started on data of its own: PostgreSQL, Valkey, Celery worker and beat, the web server, and
    hostile gateways that keep their own record. Then programs are killed and kept away, and gateways misbehave. Every
    line says what became of the messages by that record and by the ledger; exit code 1 where a promise is broken.
    """
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    home = Path(tempfile.mkdtemp(prefix="soroka-prove-"))
    home.chmod(0o755)  # root's PostgreSQL is another user and must get to its own folder in it
    began = time.monotonic()
    settled = Wish(wish["scale"], int(wish["seed"]))
    try:
        with console.status("starting") as status:
            verdicts = run(home, rows, settled, lambda verdict: _say(console, status.update, verdict))
    except StackError as error:
        raise click.ClickException(f"{error}\nwhat the programs said is kept in {home}/log") from error
    finally:
        shutil.rmtree(home / "postgres", ignore_errors=True)
    console.print(report.table(verdicts))
    seconds = round(time.monotonic() - began)
    about = {"scale": f"{settled.scale:g}", "seed": settled.seed, "seconds": seconds, "machine": report.machine()}
    if json_to:
        json_to.write_text(report.as_json(verdicts, about))
    if markdown_to:
        report.write_markdown(markdown_to, report.markdown(verdicts, about))
    _end(console, home, verdicts, strict=strict)


def _say(console: Console, update: "report.Update", verdict: Verdict) -> None:
    """A line as it falls, and the next one is awaited."""
    line = f"{report.marked(verdict)} {verdict.name}: {report.in_words(verdict)} ({verdict.seconds:.0f} s)"
    console.print(line, highlight=False)
    report.show_broken(console, verdict)
    update(f"after {verdict.name}")


def _end(console: Console, home: Path, verdicts: Sequence[Verdict], *, strict: bool) -> None:
    """Exit with 1 where something does not hold, and keep the logs then."""
    if not all(verdict.holds or (verdict.skipped and not strict) for verdict in verdicts):
        console.print(f"what the programs said is kept in {home}/log", markup=False)
        sys.exit(1)
    shutil.rmtree(home, ignore_errors=True)
