"""``soroka prove``: break everything that can break, and count."""

import shutil
import sys
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console

from soroka.embedded.errors import StackError
from soroka.prove import report
from soroka.prove.rows import ALL
from soroka.prove.verdict import Verdict


@click.command()
@click.option("--scale", default=1.0, show_default=True, type=click.FloatRange(0.001, 1), help="Of sizes and times.")
@click.option("--seed", default=1, show_default=True, help="Of everything that is drawn by lot.")
@click.option("--only", multiple=True, metavar="NAME", help="Only rows whose name begins so; may be repeated.")
@click.option("--strict", is_flag=True, help="Exit with 1 where a row could not be run as well.")
@click.option("--list", "listing", is_flag=True, help="Name the rows and end.")
@click.option("--json", "json_to", type=click.Path(dir_okay=False, path_type=Path), help="Write the verdicts as JSON.")
@click.option(
    "--markdown", "markdown_to", type=click.Path(dir_okay=False, path_type=Path),
    help="Write them as Markdown, between the markers of a file that has them.",
)  # fmt: skip
def prove(
    scale: float, seed: int, only: tuple[str, ...], strict: bool, listing: bool, json_to: Path | None, markdown_to: Path | None
) -> None:
    """Prove on this machine that no message is lost or sent twice.

    The real stack is started on data of its own: PostgreSQL, Valkey, Celery worker and beat, the web server, and hostile
    gateways that keep their own record. Then programs are killed and kept away and gateways misbehave. Every line says
    what became of the messages by that record and by the ledger; exit code 1 where a promise is broken.
    """
    if listing:
        click.echo("\n".join(f"{row.name:22} {row.fault}" for row in ALL))
        return
    if unknown := [word for word in only if not any(row.name.startswith(word) for row in ALL)]:
        raise click.BadParameter(f"no row begins with {', '.join(unknown)}; --list names them", param_hint="--only")
    chosen = [row for row in ALL if not only or row.name.startswith(only)]
    console = Console(width=None if sys.stdout.isatty() else 150)
    home = Path(tempfile.mkdtemp(prefix="soroka-prove-"))
    home.chmod(0o755)  # root's PostgreSQL is another user and must get to its own folder in it
    from soroka.prove.run import prove as run

    began = time.monotonic()
    try:
        verdicts = run(home, chosen, scale=scale, seed=seed, say=lambda verdict: _say(console, verdict))
    except StackError as error:
        raise click.ClickException(str(error)) from error
    finally:
        shutil.rmtree(home / "postgres", ignore_errors=True)
    console.print(report.table(verdicts))
    report.show_broken(console, verdicts)
    settings = {"scale": f"{scale:g}", "seed": seed, "seconds": round(time.monotonic() - began)}
    run_as = {"machine": report.machine(), **settings}
    if json_to:
        json_to.write_text(report.as_json(verdicts, run_as))
    if markdown_to:
        report.write_markdown(markdown_to, report.markdown(verdicts, run_as))
    if not all(verdict.holds or (verdict.skipped and not strict) for verdict in verdicts):
        console.print(f"what the programs said is kept in {home}/log", markup=False)
        sys.exit(1)
    shutil.rmtree(home, ignore_errors=True)


def _say(console: Console, verdict: Verdict) -> None:
    counts = ""
    if verdict.numbers:
        pairs = zip(report.COLUMNS, verdict.numbers.values(), strict=True)
        counts = ", ".join(f"{value:,} {name}" for name, value in pairs)
    console.print(f"{report.marked(verdict)} {verdict.name}: {counts or verdict.problem or verdict.skipped} ({verdict.seconds:.0f} s)", highlight=False)
