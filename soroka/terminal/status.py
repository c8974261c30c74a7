"""``soroka status``."""

import click

from soroka.terminal.entrance import on_installation
from soroka.terminal.options import as_json

_LONGEST = 24 * 365


@click.command()
@click.option("--watch", is_flag=True, help="Look again and again, until Ctrl-C.")
@click.option("--every", type=click.FloatRange(0.5, 3600), default=2.0, show_default=True, metavar="SECONDS",
              help="How often, with --watch.")  # fmt: skip
@click.option("--hours", type=click.IntRange(1, _LONGEST), default=24, show_default=True,
              help="For how long failed imports, and messages in doubt of what is over, ask for a person.")  # fmt: skip
@as_json
@on_installation
def status(*, watch: bool, every: float, hours: int, as_json: bool) -> None:
    """How the service fares: its programs, the queue, gateways, mailings under way, and what needs a person.

    Exit code 0: all is well. 1: something needs a person: a program is missing, a gateway is stopped, an import failed,
    messages are in doubt. 5: there is no installation, or its database does not answer. With --json one document; with
    --watch as well, a document a line.
    """
    from soroka.terminal.condition import follow, shown

    if watch:
        follow(every, hours, as_json=as_json)
    raise click.exceptions.Exit(shown(hours, as_json=as_json))
