"""``manage.py changepassword NAME``: Django's own, which knows no trail."""

from getpass import getuser
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.contrib.auth.models import User

from soroka.models.change import Deed
from soroka.models.trail import note


class Command(changepassword.Command):
    """Ask for a new password of a user, twice. His sessions and tokens end, and the trail says so."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Raises CommandError."""
        name = options["username"] or getuser()
        # No transaction holds both: the server ends one that waits for somebody who types.
        said = super().handle(*args, **options | {"username": name})
        note(Deed.CHANGED, User.objects.get(username=name), after={"password": "…"})
        return said
