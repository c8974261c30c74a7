"""``soroka mailing create``."""

import sys
from typing import Any

import click

from soroka.terminal import suggestions
from soroka.terminal.entrance import on_installation
from soroka.terminal.options import as_json, as_user

_LONGEST_FILE = 1_000_000
_MOMENT = "TIME"


@click.command(
    epilog="""
\b
Examples:
  soroka mailing create --text 'Good day!' --tag vip --end +2h
  soroka mailing create --file text.liquid --segment 'Moscow, new' \\
      --start '2034-11-27 10:00' --end '2034-11-27 20:00' --dry-run
  echo 'Good day!' | soroka mailing create --file - --everyone --end +1d --yes --json

A time is 2034-11-27T10:00, with an offset if you like (2034-11-27T10:00+03:00), or counted from now: +90s, +30m, +2h,
+3d. One without an offset is read by the clocks of the service's zone, or of --zone.
"""
)
@click.option("--text", metavar="TEXT", help="What is sent: Liquid over the client's attributes, phone and tags.")
@click.option("--file", "file", type=click.File(encoding="utf-8"), help="The text is in this file; - is stdin.")
@click.option("--name", default="", help="What the mailing is called.")
@click.option(
    "--tag", "tags", multiple=True, shell_complete=suggestions.tags, help="Clients with this tag. Repeatable."
)
@click.option("--match", type=click.Choice(["any", "all"]), default="any", show_default=True,
              help="With any of the tags, or with all of them.")  # fmt: skip
@click.option("--code", "codes", multiple=True, help="Clients with this operator code, such as 916. Repeatable.")
@click.option("--everyone", is_flag=True, help="Every client; has to be said.")
@click.option("--segment", shell_complete=suggestions.segments, help="The clients of this segment.")
@click.option(
    "--filter", "filter_", metavar="JSON", help="A filter as the HTTP API takes it; @FILE reads it from a file."
)
@click.option("--start", metavar=_MOMENT, help="When it begins. Left out: now, for everybody at once.")
@click.option("--end", metavar=_MOMENT, help="Nothing is offered at or after this moment.")
@click.option("--zone", help="The IANA zone whose clocks --start and --end mean; it is one moment for all then.")
@click.option("--local-time/--one-moment", default=None,
              help="--start and --end by each client's own clock, or the same moment for all. "
              "Left out: by each client's clock, if there is a --start and no --zone.")  # fmt: skip
@click.option("--window", metavar="HOURS", help="'09:00-21:00' or '09:00-21:00 1-5': when clients may be written to.")
@click.option("--no-window", is_flag=True, help="At every hour.")
@click.option("--widen-window", is_flag=True, help="The window is meant to be wider than the service's.")
@click.option("--cap", metavar="N/DAYS", help="3/7: at most 3 messages to one client in any 7 days.")
@click.option("--lift-cap", is_flag=True, help="The cap may be looser than that of the service.")
@click.option("--gateway", shell_complete=suggestions.gateways, help="Which one sends it. Left out: default.")
@click.option("--fallback", "fallbacks", multiple=True, shell_complete=suggestions.gateways,
              help="Takes over while those before it are down. Repeatable, in order.")  # fmt: skip
@click.option("--idempotency-key", metavar="KEY",
              help="The same command under the same key makes no second mailing for 24 hours. Needs --as.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Write nothing: say who would be reached, when, and what is wrong.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask. Needed where nobody can be asked.")
@as_user
@as_json
@on_installation
def create(
    *, text: str | None, file: Any, username: str | None, idempotency_key: str | None,
    dry_run: bool, yes: bool, as_json: bool, filter_: str | None, **typed: Any,
) -> None:  # fmt: skip
    """Make a mailing, and start it.

    A person is told how many clients it reaches, and asked; scripts say --yes. Exactly one of --text and --file, and of
    --tag/--code, --everyone, --segment and --filter, says what is sent and to whom. With --json: the mailing as the
    HTTP API shows it; with --dry-run as well: its preview.
    """
    from soroka.terminal.mailing_body import Wanted
    from soroka.terminal.making import Asked, asked_for, look_ahead, make

    _require_one(text=text, file=file)
    _require_one_audience(filter_, typed)
    if idempotency_key is not None and username is None:
        raise click.UsageError("An idempotency key is kept for a user: say who with --as.")
    written = text if text is not None else _read(file)
    asked: Asked = asked_for(Wanted(text=written, filter=filter_, **typed), username, idempotency_key)
    if dry_run:
        look_ahead(asked, as_json=as_json)
    else:
        make(asked, ask=not yes, as_json=as_json)


def _require_one(**given: Any) -> None:
    if sum(value is not None for value in given.values()) != 1:
        raise click.UsageError("Give the text by --text or by --file, one of them.")


def _require_one_audience(filter_: str | None, typed: dict[str, Any]) -> None:
    ways = [bool(typed["tags"] or typed["codes"]), typed["everyone"], bool(typed["segment"]), filter_ is not None]
    if sum(ways) != 1:
        raise click.UsageError(
            "Say whom it is for: by --tag and --code, or by one of --everyone, --segment and --filter."
        )
    if typed["window"] and typed["no_window"]:
        raise click.UsageError("Give --window or --no-window, not both.")
    if typed["zone"] and typed["local_time"]:
        raise click.UsageError("--local-time means each client's own clock: there is no --zone then.")


def _read(file: Any) -> str:
    if file is sys.stdin and file.isatty():
        click.echo("The text, and Ctrl-D after it:", err=True)
    try:
        read: str = file.read(_LONGEST_FILE)
    except (OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"cannot be read as UTF-8: {error}", param_hint="--file") from error
    return read.rstrip("\r\n")
