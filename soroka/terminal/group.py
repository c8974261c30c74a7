"""The group of all commands: they are imported only when they are asked for, and end with codes for scripts."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from soroka.terminal.failure import Exit, tell


class Commands(click.Group):
    """lazy: the name of a command -> the module it lives in, and its name there."""

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted([*super().list_commands(ctx), *self._lazy])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module, name = self._lazy[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command

    def main(self, args: Sequence[str] | None = None, *_: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run, and exit with a code of ``Exit``; what went wrong is told on stderr."""
        words = sys.argv[1:] if args is None else list(args)
        try:
            ended = super().main(words, standalone_mode=False, **extra)
        except click.Abort as abort:
            # Ctrl-C, or the end of the input where a question waited for its answer.
            interrupted = isinstance(abort.__cause__ or abort.__context__, KeyboardInterrupt)
            click.echo(err=True)
            sys.exit(Exit.INTERRUPTED if interrupted else Exit.FAILED)
        except click.ClickException as error:
            tell(error, as_json="--json" in words)
            sys.exit(error.exit_code)
        if standalone_mode:
            sys.exit(ended if isinstance(ended, int) else Exit.OK)
        return ended
