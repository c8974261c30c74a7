"""Options and arguments that several commands take."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from soroka.terminal import suggestions
from soroka.terminal.suggestions import Suggest

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

as_json: Decorator = click.option("--json", "as_json", is_flag=True, help="One JSON document, for programs.")
as_user: Decorator = click.option(
    "--as", "username", metavar="USER", shell_complete=suggestions.users, help="Who does it: a user of the admin."
)


def mailing_id(suggest: Suggest) -> Decorator:
    """The number of a mailing. suggest: which ones a shell completes."""
    return click.argument("mailing_id", metavar="ID", type=click.IntRange(1, 2**63 - 1), shell_complete=suggest)


def user_named(username: str | None) -> "User | None":
    """The user of ``--as``; None where there is none. Raises BadParameter."""
    from django.contrib.auth.models import User

    if username is None:
        return None
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise click.BadParameter(f"there is no active user {username!r}.", param_hint="--as")
    return user


def acting(user: "User | None") -> AbstractContextManager[None]:
    """What is done inside was done by this user, as the trail tells it; without one, by the command line."""
    from soroka.models import trail

    return trail.acting(lambda: trail.Actor("user", user.get_username())) if user else nullcontext()
