"""``soroka mailing watch``."""

import click

from soroka.terminal import suggestions
from soroka.terminal.entrance import on_installation
from soroka.terminal.options import as_json, mailing_id


@click.command()
@mailing_id(suggestions.mailings_under_way)
@click.option("--every", type=click.FloatRange(0.2, 3600), metavar="SECONDS",
              help="How often it looks. Left out: every second; every ten where nobody looks on.")  # fmt: skip
@as_json
@on_installation
def watch(*, mailing_id: int, every: float | None, as_json: bool) -> None:
    """Follow a mailing until it is over.

    Exit code 0: it has finished. 1: it was cancelled, or has finished and not one message of it was delivered. Ctrl-C
    (130) ends the watching and leaves the mailing running. With --json: a document a line, at first and whenever
    something has changed: id, status, the four counts, per_second, forecast_ends_at.
    """
    from soroka.terminal.watching import follow

    raise click.exceptions.Exit(follow(mailing_id, every=every, as_json=as_json))
