"""``soroka completion``."""

import click

_SHELLS = ["bash", "zsh", "fish"]
_VARIABLE = "_SOROKA_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what makes a shell complete commands, options, mailings and gateways.

    \b
    bash:  echo 'eval "$(soroka completion bash)"' >> ~/.bashrc
    zsh:   echo 'eval "$(soroka completion zsh)"' >> ~/.zshrc
    fish:  soroka completion fish > ~/.config/fish/completions/soroka.fish

    `soroka` has to be a command that the shell finds: put the folder bin of the checkout into PATH.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101  one of the choices
    click.echo(kind(ctx.find_root().command, {}, "soroka", _VARIABLE).source())
