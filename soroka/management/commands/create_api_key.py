"""``manage.py create_api_key NAME --role operator``: a credential for a program."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from soroka.access.keys import NameTaken, make_key
from soroka.domain.role import Role
from soroka.domain.scope import SCOPES
from soroka.models import ApiKey

MOST_DAYS = 36_500


class Command(BaseCommand):
    """Make an API key and show it this once: only its hash is kept."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """NAME, --role, --scope, --days."""
        parser.add_argument("name", help="what the key is called in the admin")
        parser.add_argument("--role", required=True, choices=[role.value for role in Role], help="what it may do")
        parser.add_argument(
            "--scope", action="append", choices=SCOPES, default=[],
            help="what it is confined to; may be given repeatedly; left out: whatever the role may",
        )  # fmt: skip
        parser.add_argument("--days", type=int, help="how long it holds; left out: for ever")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError."""
        name, days = options["name"].strip(), options["days"]
        longest = ApiKey._meta.get_field("name").max_length
        if not 1 <= len(name) <= (longest or 0):
            raise CommandError(f"The name must have 1 to {longest} characters.")
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--days must be a number from 1 to {MOST_DAYS}.")
        try:
            _, secret = make_key(name, Role(options["role"]), days=days, scopes=sorted(set(options["scope"])))
        except NameTaken as error:
            raise CommandError(f"{error} Choose another name.") from None
        self.stdout.write(secret)
        self.stderr.write("This is the only time the key is shown. Send it as: Authorization: Api-Key <key>")
