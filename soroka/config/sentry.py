"""Errors that are reported to a Sentry, where SENTRY_DSN names one: what happened where, and no person in it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

from soroka.config.logs import hidden

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

#: Made by Sentry, and read by it: digits in them are no phone.
_ITS_OWN = {"event_id", "trace_id", "span_id", "parent_span_id", "timestamp", "release", "modules"}
#: Of a request: all that says which one it was, and who asked.
_OF_REQUEST = {"method", "url"}


def start(dsn: str) -> None:
    """Report errors of this process from now on; nothing where ``dsn`` is empty. Raises ImproperlyConfigured."""
    if not dsn:
        return
    try:
        import sentry_sdk
        from sentry_sdk.integrations.logging import ignore_logger
    except ImportError:
        raise ImproperlyConfigured(
            "SENTRY_DSN is set and sentry-sdk is not installed: pip install 'soroka[sentry]', or leave it empty."
        ) from None
    sentry_sdk.init(
        dsn,
        send_default_pii=False,
        include_local_variables=False,  # texts and phones are in them
        max_request_body_size="never",
        before_send=without_persons,
    )
    ignore_logger("soroka.access.lockout")  # it names users and addresses
    ignore_logger("django.request")  # the error itself is reported; a /readyz that says no is none


def without_persons(event: "Event", _: "Hint") -> "Event":
    """The event without phones, opt-out links, queries, headers and users."""
    said: dict[str, Any] = _scrubbed(event)
    said.pop("user", None)
    if "request" in said:
        said["request"] = {name: value for name, value in said["request"].items() if name in _OF_REQUEST}
    return said  # type: ignore[return-value]


def _scrubbed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: part if name in _ITS_OWN else _scrubbed(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(part) for part in value]
    return hidden(value) if isinstance(value, str | int) else value
