"""``soroka logs``."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from soroka.terminal.failure import Unreachable

if TYPE_CHECKING:
    from soroka.terminal.log_lines import Line

_ID = click.IntRange(1, 2**63 - 1)


@click.command()
@click.option("--mailing", type=_ID, metavar="ID", help="What concerns this mailing.")
@click.option("--message", type=_ID, metavar="ID", help="This message; a line of its batch tells of it too.")
@click.option("--client", type=_ID, metavar="ID", help="This client, and his messages where the ledger can be asked.")
@click.option("--request", metavar="ID", help="The request of the web server with this X-Request-ID.")
@click.option("--file", "files", multiple=True, metavar="FILE",
              help="A log in JSON, - is stdin; may be repeated. Left out: those in the data folder.")  # fmt: skip
@click.option("--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="The lines as they are, for programs.")
def logs(
    *, mailing: int | None, message: int | None, client: int | None, request: str | None,
    files: tuple[str, ...], follow: bool, as_json: bool,
) -> None:  # fmt: skip
    """What the log says of a mailing, a message, a client or a request: of all that are named together.

    The log has to be in JSON (LOG_FORMAT=json), as it is with docker-compose and `soroka up`; other lines are left out.
    Exit code 0, also where nothing is said; 3: there is no such file.
    """
    from soroka.embedded.layout import data_folder
    from soroka.terminal import log_files
    from soroka.terminal.log_lines import Asked, parsed, pretty

    names = files or log_files.of_installation(data_folder())
    asked = Asked(mailing, message, client, request, _messages_of(client) if client else ())
    told = (line for line in map(parsed, log_files.more(names) if follow else log_files.lines(names)) if line)
    about = (line for line in told if asked.fits(line))
    for line in about if follow or files == (log_files.STDIN,) else _in_order(about):
        click.echo(_json(line) if as_json else pretty(line))


def _in_order(lines: Iterable["Line"]) -> Iterator["Line"]:
    """Several files say what happened at the same time."""
    yield from sorted(lines, key=lambda line: str(line.get("time")))


def _json(line: "Line") -> str:
    import json

    return json.dumps(line, ensure_ascii=False)


def _messages_of(client: int) -> list[int]:
    """The client's messages, by the ledger; none where it cannot be asked, which is said."""
    try:
        return _asked_of_ledger(client)
    except Unreachable as error:
        click.echo(f"Only lines that name the client are shown: {error.message}", err=True)
        return []


def _asked_of_ledger(client: int) -> list[int]:
    from soroka.terminal.entrance import on_installation

    @on_installation
    def messages() -> list[int]:
        from soroka.models import Message

        return list(Message.objects.filter(client_id=client).order_by("id").values_list("id", flat=True))

    return messages()
