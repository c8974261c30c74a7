"""``manage.py reset_second_factor NAME``: for an administrator who has lost his phone and his recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from soroka.access.second_factor import reset


class Command(BaseCommand):
    """Switch the second factor of a user off: his password alone lets him in until he sets up a new one.

    His sessions end, and no new tokens are given for those that he has.
    """

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """NAME."""
        parser.add_argument("name", help="the name by which the user logs in")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError."""
        user = User.objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['name']!r}.")
        if not reset(user):
            raise CommandError(f"{user} has no second factor.")
        self.stdout.write(f"The second factor of {user} is off: the password alone lets this user in now.")
