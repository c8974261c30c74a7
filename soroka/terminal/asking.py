"""Questions to the person at the terminal."""

import sys

import click
from django.utils.translation import gettext as _


def has_person() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def require_person() -> None:
    """Raises UsageError where nobody can be asked."""
    if not has_person():
        raise click.UsageError(_("Nobody can be asked here: say --yes if it is meant."))


def confirm(question: str) -> None:
    """Raises Abort where the answer is no, UsageError where nobody can be asked."""
    require_person()
    click.confirm(question, abort=True, err=True)
