"""``manage.py send_report`` or ``soroka manage send_report``: the report of a day, now."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from soroka.models.clock import database_now
from soroka.report.day import report_of
from soroka.report.letter import letter_of
from soroka.report.send import send_now


class Command(BaseCommand):
    """Send the report of a day by e-mail, or show it. What is sent every day by itself is sent all the same."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--day, --to, --language, --print."""
        parser.add_argument("--day", type=_day, help="such as 2026-11-28; left out: yesterday, by TIME_ZONE")
        parser.add_argument("--to", type=_address, action="append", help="left out: REPORT_TO; may be given repeatedly")
        parser.add_argument("--language", choices=[code for code, _ in settings.LANGUAGES])
        parser.add_argument("--print", action="store_true", help="write it to the terminal and send nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError."""
        yesterday = database_now().astimezone(ZoneInfo(settings.TIME_ZONE)).date() - timedelta(days=1)
        day, language = options["day"] or yesterday, options["language"] or settings.REPORT_LANGUAGE
        if options["print"]:
            letter = letter_of(report_of(day), language)
            self.stdout.write(f"{letter.subject}\n\n{letter.text}")
            return
        addresses = options["to"] or settings.REPORT_TO
        self._check(addresses)
        try:
            send_now(day, addresses, language)
        except OSError as error:  # smtplib's own errors are such, too
            raise CommandError(
                f"The mail server at EMAIL_URL did not take it: {type(error).__name__}: {error}"
            ) from None
        self.stdout.write(f"The report of {day} is sent to {', '.join(addresses)}.")

    def _check(self, addresses: list[str]) -> None:
        if not addresses:
            raise CommandError("Nobody would get it: set REPORT_TO, or name somebody by --to.")
        if settings.EMAIL_BACKEND.endswith("dummy.EmailBackend"):
            raise CommandError("EMAIL_URL is not set: there is no mail server to send it through.")
        if not settings.DEFAULT_FROM_EMAIL:
            raise CommandError("DEFAULT_FROM_EMAIL is not set: the report needs a sender.")


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ArgumentTypeError(f"{written!r} is no day; it is written like 2026-11-28") from None


def _address(written: str) -> str:
    try:
        validate_email(written)
    except ValidationError:
        raise ArgumentTypeError(f"{written!r} is no e-mail address") from None
    return written
