"""``soroka bench``: the measurements as a command."""

import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from soroka.bench import documents
from soroka.bench.bench import Bench
from soroka.bench.documents import Result
from soroka.bench.errors import BenchError
from soroka.bench.machine import QUIET, machine, server_settings, versions
from soroka.bench.report import Bars, bars, show, wide
from soroka.bench.scratch import Scratch, scratch
from soroka.embedded.errors import StackError

#: In the order in which they are measured: each finds the messages of those before it in the tables.
PARTS = (
    "delivery",
    "retention",
    "prefork",
    "engine",
    "growth",
    "wal",
    "punctuality",
    "imports",
    "planning",
    "caps",
    "segments",
    "statistics",
    "exports",
    "pages",
)
FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, writable=True, path_type=Path)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    only: tuple[str, ...]
    runs: int
    scale: float
    json: Path | None
    markdown: Path | None
    profile: Path | None
    folder: Path | None


@click.command("bench")
@click.option("--only", multiple=True, type=click.Choice(PARTS), help="Measure only this; may be repeated.")
@click.option("--runs", default=3, show_default=True, type=click.IntRange(1, 100), help="Runs of each measurement.")
@click.option(
    "--scale", default=1.0, show_default=True, type=click.FloatRange(0, 1, min_open=True),
    help="Below 1: fewer messages and clients, for a quick look that is no result.",
)  # fmt: skip
@click.option("--json", type=FILE, help="Write the result to this file.")
@click.option("--markdown", type=FILE, help="Write it into this file, between its markers where the file exists.")
@click.option(
    "--profile",
    type=click.Path(file_okay=False, path_type=Path),
    help="Profile a pump after the measurements; the statistics go to this folder, which is made if it is not there.",
)
@click.option("--folder", type=FOLDER, help="Where the scratch folder is made, 16 GB at full size.  [default: TMPDIR]")
def bench(**options: object) -> None:
    """Measure how fast Soroka is on this machine.

    Everything runs on a PostgreSQL, a Valkey and a stub gateway of its own in a temporary folder, which is removed at
    the end; DATABASE_URL and REDIS_URL are not touched. SOROKA_PG_BIN names another PostgreSQL. Leave the machine
    alone meanwhile. At full size it takes about 20 minutes. The exit code is 1 where a measurement failed; a missed
    target is a result like any other.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: everything is taken down in order
    wish = Wish(**options)  # type: ignore[arg-type]
    console = wide(Console())
    try:
        for path in (wish.json, wish.markdown):
            if path:
                documents.check_place(path, markers=path is wish.markdown)
        result = measure(console, wish)
        if wish.json:
            documents.write_json(wish.json, result)
        if wish.markdown:
            documents.write_markdown(wish.markdown, result)
    except (BenchError, StackError) as error:
        raise click.ClickException(str(error)) from error
    show(console, result)
    sys.exit(1 if result.failures else 0)


def measure(console: Console, wish: Wish) -> Result:
    """Everything that is asked for. A measurement that fails leaves the others. Raises BenchError, StackError."""
    command = shlex.join(["soroka", *sys.argv[1:]])
    result = Result(datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), command, wish.scale, wish.runs)
    with scratch(wish.folder, wish.scale) as stack:
        result.machine = machine(stack.home)
        result.versions, result.settings = versions(), server_settings()
        load = float(result.machine["load before"])
        if load > QUIET:
            result.notes.append(f"The machine was not quiet: its load was {load:g} before.")
        with bars(console) as shown:
            _measure_parts(result, wish, stack, shown)
    return result


def _measure_parts(result: Result, wish: Wish, stack: Scratch, shown: Bars) -> None:
    from soroka.bench.parts import catalogue  # needs the settings, which name the scratch stack by now
    from soroka.bench.profile import profiles

    bench = Bench(stack, wish.runs, wish.scale, shown.step, result.notes)
    for part in catalogue.PARTS:
        if not wish.only or part.name in wish.only:
            with _attempt(result, part.name), shown.part(part.name, part.steps * bench.runs):
                result.rows.extend(part.measure(bench))
    if wish.profile:
        with _attempt(result, "profile"), shown.part("profile", 1):
            result.profiles = profiles(bench, wish.profile)


@contextmanager
def _attempt(result: Result, name: str) -> Iterator[None]:
    """Note how long it takes, and why it fails: a fault of one measurement must not cost the others their figures."""
    from django.db import connection

    began = time.monotonic()
    try:
        yield
    except Exception as error:
        result.failures[name] = f"{type(error).__name__}: {error}"
        connection.close()  # it may be what failed
    result.seconds[name] = round(time.monotonic() - began, 1)
