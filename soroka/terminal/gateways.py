"""``soroka gateways``."""

import click

from soroka.terminal import suggestions
from soroka.terminal.entrance import on_installation
from soroka.terminal.options import as_json, as_user

_name = click.argument("name", shell_complete=suggestions.gateways)


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def gateways(ctx: click.Context, *, as_json: bool) -> None:
    """How the gateways fare, and to have a stopped one tried again. Without a command: the list.

    They are made and changed in the admin.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_gateways, as_json=as_json)
    elif as_json:
        raise click.UsageError("Say --json after the command that it is for.")


@gateways.command("list")
@as_json
@on_installation
def list_gateways(*, as_json: bool = False) -> None:
    """All gateways: their state, what they may bear, what went wrong last.

    With --json: {"results": [...]}, each as the HTTP API shows it. The exit code is 0 whatever their state.
    """
    from soroka.terminal.gateway_views import shown_list

    shown_list(as_json=as_json)


@gateways.command()
@_name
@as_json
@on_installation
def show(*, name: str, as_json: bool) -> None:
    """All that is known of a gateway. With --json: as the HTTP API shows it."""
    from soroka.terminal.gateway_views import shown

    shown(name, as_json=as_json)


@gateways.command("start-again")
@_name
@as_user
@as_json
@on_installation
def start_again(*, name: str, username: str | None, as_json: bool) -> None:
    """Have a gateway tried again at once that is stopped or left alone.

    It would be tried by itself within a minute. A message that is due is its probe; it goes on once that is answered.
    Exit code 4 where it is not left alone.
    """
    from soroka.terminal.gateway_views import tried_again

    tried_again(name, username, as_json=as_json)
