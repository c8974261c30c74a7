"""The command line: ``soroka`` and ``python -m soroka``. What a command needs is imported when it runs."""

import os
import sys
from contextlib import suppress

import click

from soroka.embedded.errors import StackError
from soroka.embedded.layout import read_layout
from soroka.embedded.story import Story
from soroka.terminal.group import Commands

#: Commands that live elsewhere: the module and the name in it.
_LAZY = {
    "simulate-gateway": ("soroka.gateways.simulator.command", "simulate_gateway"),
    "bench": ("soroka.bench.command", "bench"),
    "prove": ("soroka.prove.command", "prove"),
    "soak": ("soroka.prove.soak.command", "soak"),
    "import-clients": ("soroka.terminal.import_clients", "import_clients"),
    "mailing": ("soroka.terminal.mailing", "mailing"),
    "gateways": ("soroka.terminal.gateways", "gateways"),
    "logs": ("soroka.terminal.logs", "logs"),
    "backup": ("soroka.terminal.backup", "backup"),
    "restore": ("soroka.terminal.backup", "restore"),
    "release": ("soroka.terminal.backup", "release"),
    "status": ("soroka.terminal.status", "status"),
    "completion": ("soroka.terminal.completion", "completion"),
}
#: The demo's gateway is a little like a real one: it takes its time, refuses some for good, and stumbles.
DEMO_GATEWAY = ("--latency=0.003", "--jitter=0.004", "--fault=400=0.01", "--fault=503=0.01", "--retry-after=0")


@click.group(cls=Commands, lazy=_LAZY)
def main() -> None:
    """Soroka sends mailings at the right local time and can prove what became of every message.

    Commands that look at an installation, or change it, find the one whose data is in SOROKA_HOME (default: var);
    DATABASE_URL, REDIS_URL and SECRET_KEY name another. Their exit codes: 0 done; 1 failed, or not well; 2 wrong
    usage; 3 not found; 4 not possible in the present state; 5 the services cannot be reached; 130 Ctrl-C.
    """


@main.command()
def up() -> None:
    """Start everything, and stop it with Ctrl-C.

    PostgreSQL, Valkey and a simulated gateway are started unless DATABASE_URL, REDIS_URL and GATEWAY_URL name others.
    The data is in SOROKA_HOME (default: var), the ports are PORT (8000) and FLOWER_PORT (5555), the first password of
    the user admin is SOROKA_ADMIN_PASSWORD (default: generated).
    """
    _up(Story())


@main.command()
def demo() -> None:
    """Start everything, import 10,000 sample clients, and send a first mailing to half of them.

    DEMO_EXIT=1 ends it after the story, with exit code 1 where a message is not accounted for.
    """
    _up(Story(module="soroka.demo", stays=os.environ.get("DEMO_EXIT") != "1", gateway=DEMO_GATEWAY))


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run a Django command on the installation: ``soroka manage help`` lists them."""
    _django(*arguments)


@main.command("verify-consents", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify_consents(arguments: tuple[str, ...]) -> None:
    """Whether the ledger of consents is as it was written, and where not."""
    _django("verify_consents", *arguments)


def _django(*arguments: str) -> None:
    from soroka.terminal.entrance import join

    join()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["soroka manage", *arguments])


def _up(story: Story) -> None:
    from soroka.embedded.up import up as run_stack

    try:
        code = run_stack(read_layout(), story, _say)
    except StackError as error:
        raise click.ClickException(str(error)) from error
    sys.exit(code)


def _say(line: str) -> None:
    with suppress(OSError):  # the terminal may be gone; the stack must still end in order
        click.echo(f"soroka: {line}")
