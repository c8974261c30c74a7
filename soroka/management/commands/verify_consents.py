"""``manage.py verify_consents`` or ``soroka verify-consents``: whether the ledger of consents is as it was written."""

import sys
from argparse import ArgumentParser
from typing import Any

import click
from django.core.management.base import BaseCommand, CommandError

from soroka.consent.verify import Broken, Head, check_texts, head, verify


class Command(BaseCommand):
    """Follow the chain of hashes from its beginning; exit code 1 and the place where it breaks."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--head."""
        parser.add_argument(
            "--head", type=_head, help="what an earlier run printed: also notice an end that is cut off"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError."""
        end = head()
        try:
            with click.progressbar(length=end.place, label="seals", file=sys.stderr) as bar:
                for seals in verify(end, options["head"]):
                    bar.update(seals)
            forgotten = check_texts()
        except Broken as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"The ledger is whole: {end.place} seals; the texts of {forgotten} rows were forgotten.")
        self.stdout.write(f"Keep its head where nobody who can write to the database can: --head {end}")


def _head(written: str) -> Head:
    place, _, digest = written.partition(":")
    return Head(int(place), bytes.fromhex(digest))
