"""The page of commands, of the commands themselves."""

import inspect
import re
from argparse import Action
from collections.abc import Iterator
from pkgutil import iter_modules
from typing import Any

import click
from django.core.management import load_command_class
from django.core.management.base import BaseCommand

import soroka.management.commands
from docs.site.tables import code, table
from soroka.cli import main

_HEAD = """# Commands

Written by `make reference`; a test fails where it is not what the code says. [The command line](terminal.md) tells how
they are used, what `--json` answers, and when each exit code comes; `--help` after a command says what stands here.

"""
_DJANGO = """## `soroka manage`

Django's commands, on the installation; `soroka manage help` lists all of them. These are Soroka's own:

"""
_OPTIONS = ("option", "takes", "default", "what it does")


def page() -> str:
    """The whole of it."""
    top = click.Context(main, info_name="soroka")
    parts = [_words(main), *_commands(main, top, "##"), _DJANGO, *_of_django()]
    return _HEAD + "\n\n".join(part.strip() for part in parts) + "\n"


def _commands(group: click.Group, context: click.Context, depth: str) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or name == "manage":
            continue
        below = click.Context(command, info_name=name, parent=context)
        yield _command(command, below, depth)
        if isinstance(command, click.Group):
            yield from _commands(command, below, depth + "#")


def _command(command: click.Command, context: click.Context, depth: str) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    options = table(_OPTIONS, [_option(each, context) for each in command.params if isinstance(each, click.Option)])
    return f"{depth} `{context.command_path}`\n\n```text\n{usage}\n```\n\n{_words(command)}\n{options}"


def _words(command: click.Command) -> str:
    """Its help; what a terminal shows line by line (after a backspace) stays so."""
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    return "\n\n".join(_paragraph(each) for each in paragraphs) + "\n"


def _paragraph(text: str) -> str:
    return f"```text\n{text.lstrip(chr(8)).strip(chr(10))}\n```" if text.startswith("\b") else _typed(text)


def _typed(text: str) -> str:
    """Options, and what a docstring marks, as they are typed."""
    return re.sub(r"(?<![\w`-])--?[a-z][\w-]*(?![\w`-])", r"`\g<0>`", text.replace("``", "`"))


def _option(option: click.Option, context: click.Context) -> Any:
    names = ", ".join(map(code, [*option.opts, *option.secondary_opts]))
    default = option.to_info_dict()["default"]
    takes = "" if option.is_flag else _kind(option, context) + (", repeatedly" if option.multiple else "")
    shown = "" if option.is_flag or default in (None, "", ()) else code(default)
    return names, takes, "needed" if option.required else shown, _typed(option.help or "")


def _kind(option: click.Option, context: click.Context) -> str:
    match option.type:
        case click.Choice(choices=choices):
            return " or ".join(map(code, choices))
        case click.types._NumberRangeBase(min=least, max=most) if not option.metavar:
            return f"{least:g} to {most:g}"
    return code(option.make_metavar(context))


def _of_django() -> Iterator[str]:
    usual = {action.dest for action in BaseCommand().create_parser("soroka", "manage")._actions}
    for module in iter_modules(soroka.management.commands.__path__):
        command = load_command_class("soroka", module.name)
        parser = command.create_parser("soroka manage", module.name)
        own = [action for action in parser._actions if action.dest not in usual]
        words = _typed(inspect.cleandoc(command.help or ""))
        yield f"### `soroka manage {module.name}`\n\n{words}\n\n" + table(_OPTIONS, map(_argument, own))


def _argument(action: Action) -> Any:
    names = ", ".join(map(code, action.option_strings)) or code(action.metavar or action.dest.upper())
    takes = " or ".join(map(code, action.choices or []))
    if action.option_strings and action.nargs != 0 and not takes:
        takes = code(action.metavar or action.dest.upper())
    default = code(action.default) if action.default not in (None, False, []) else ""
    words = (action.help or "") % {"default": action.default, "prog": "soroka manage"}
    return names, takes, "needed" if action.required and action.option_strings else default, words
