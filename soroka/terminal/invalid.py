"""What the API finds wrong with a mailing, in the words of the command line."""

from typing import Any

from soroka.api.problems import by_field
from soroka.terminal.failure import Exit, Failure

#: The API's path of a field -> the option that fills it; the longest that fits counts.
OPTIONS = {
    "text": "--text",
    "name": "--name",
    "filter": "--filter",
    "filter.tags": "--tag",
    "filter.match": "--match",
    "filter.operator_codes": "--code",
    "filter.everyone": "--everyone",
    "segment": "--segment",
    "starts_at": "--start",
    "ends_at": "--end",
    "local_time": "--local-time",
    "window": "--window",
    "cap": "--cap",
    "gateway": "--gateway",
    "fallbacks": "--fallback",
    "may_arrive_twice": "--may-arrive-twice",
    "Idempotency-Key": "--idempotency-key",
}


def invalid(detail: Any) -> Failure:
    """All that is wrong, each with its field and its option. detail: of a ValidationError."""
    from django.utils.translation import gettext as _
    from rest_framework.exceptions import ValidationError

    errors = [error | _option(error["field"]) for error in by_field(ValidationError(detail).detail)]
    return Failure(_("This is not a mailing that can be made."), Exit.USAGE, "invalid", errors)


def _option(field: str) -> dict[str, str]:
    path = field.replace("[", ".")
    fitting = [known for known in OPTIONS if path == known or path.startswith(f"{known}.")]
    return {"option": OPTIONS[max(fitting, key=len)]} if fitting else {}
