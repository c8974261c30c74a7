"""``soroka backup``, ``soroka restore`` and ``soroka release``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from soroka.backup.programs import BackupError
from soroka.embedded.errors import StackError
from soroka.terminal.entrance import on_installation
from soroka.terminal.failure import Exit, Failure, Unreachable
from soroka.terminal.options import as_user

_WRITTEN = click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path)
_READ = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_WRITTEN)
@click.option("--replace", is_flag=True, help="Write over FILE where it exists.")
def backup(*, file: Path, replace: bool) -> None:
    """Save everything that the installation keeps into FILE; ``-`` is stdout. It disturbs nothing that runs.

    The keys are not in it: keep secrets.json of the data folder with it, or the files and variables that hold
    SECRET_KEY, SUPPRESSION_KEY and GATEWAY_KEYS. FILE holds phones: only its owner can read it,
    and the trail says who made it.
    """
    from soroka.backup.dump import dump, tables_of
    from soroka.backup.place import open_database

    on_stdout = str(file) == "-"
    if not on_stdout and file.exists() and not replace:
        raise Failure(f"{file} exists already; --replace writes over it.", Exit.NOT_POSSIBLE, "exists")
    with _told(), open_database(new=False) as database, _progress(tables_of(database)) as told:
        dump(database, None if on_stdout else file, told)
    if not on_stdout:
        click.echo(f"Saved as {file}, {file.stat().st_size / 1e6:,.1f} MB. The keys are not in it: keep them with it.")


@click.command()
@click.argument("file", type=_READ)
@click.option("--replace", is_flag=True, help="Remove the installation that is there first.")
def restore(*, file: Path, replace: bool) -> None:
    """Bring back what ``soroka backup`` saved, into a database where nothing is and nothing runs.

    All of it or nothing. What is brought back sends nothing until a person has looked, and said `soroka release`.
    It needs the keys of the installation that was saved.
    """
    from soroka.backup.archive import read_archive
    from soroka.backup.place import open_database
    from soroka.backup.restore import check
    from soroka.backup.restore import restore as bring_back

    with _told():
        archive = read_archive(file)
        with open_database(new=True) as database:
            check(database, archive, replace=replace)
            with _progress(archive.tables) as told:
                bring_back(database, archive, told, replace=replace)
    click.echo(
        f"Brought back as it was at {archive.made_at:%Y-%m-%d %H:%M:%S} UTC. Put its keys in their place, then start "
        "it. It sends nothing until you say `soroka release`, which tells first what is in doubt."
    )


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_user
@on_installation
def release(*, yes: bool, username: str | None) -> None:
    """Let an installation that was restored from a backup send again.

    It tells first what nobody can know from the backup, and asks. Exit code 4 where nothing is held.
    """
    from soroka.terminal.release import released

    released(username, ask=not yes)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except StackError as error:
        raise Unreachable(str(error)) from error
    except BackupError as error:
        raise Failure(str(error), Exit.FAILED, "backup") from error


@contextmanager
def _progress(tables: int) -> Iterator[Callable[[str], None]]:
    """A bar over the tables on stderr, with the name of the one at work; nothing where nobody looks."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from soroka.terminal.screen import console

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    out = console(stderr=True)
    with Progress(*columns, console=out, disable=not out.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=tables)
        begun = iter(range(tables + 1))

        def told(table: str) -> None:
            progress.update(task, description=table, completed=next(begun, tables))

        yield told
