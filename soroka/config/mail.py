"""Where mail is sent through, who sends it and who gets it, read from the environment."""

from email.headerregistry import Address
from email.utils import parseaddr
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from soroka.config.env import env

#: A report is for a handful of people; a list of more has an address of its own.
MOST_RECIPIENTS = 20
#: How mail is sent, and the port where none is named. ``smtps`` means one thing to some and the other to others.
PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465, "consolemail": 0, "filemail": 0}
_LAST_HOUR = 23


def server(name: str) -> dict[str, Any]:
    """The settings ``EMAIL_...`` that an address such as ``smtp+tls://user:password@host:587`` stands for.

    Nothing is sent where it is empty. Raises ImproperlyConfigured, with the name and without the password.
    """
    scheme = env.str(name, default="").partition("://")[0]
    if not scheme:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    try:
        settings: dict[str, Any] = env.email_url(name) if scheme in PORTS else {}
    except ValueError:  # the port is no number, or the address has brackets
        settings = {}
    if not settings or (scheme.startswith("smtp") and not settings["EMAIL_HOST"]):
        raise ImproperlyConfigured(
            f"{name} must be an address such as smtp+tls://user:password@smtp.example.org:587. It begins with smtp+tls "
            "(STARTTLS), smtp+ssl or smtp; @, : and / in a user or password are written as %40, %3A and %2F."
        )
    return settings | {"EMAIL_PORT": settings["EMAIL_PORT"] or PORTS[scheme]}


def recipients(name: str) -> list[str]:
    """Addresses separated by commas, each once. Raises ImproperlyConfigured with the name."""
    listed = list(dict.fromkeys(address.strip() for address in env.list(name, default=[]) if address.strip()))
    for address in listed:
        _check(name, address)
    if len(listed) > MOST_RECIPIENTS:
        raise ImproperlyConfigured(
            f"{name} may have {MOST_RECIPIENTS} addresses. Make a list of them with one address."
        )
    return listed


def sender(name: str) -> str:
    """``name@host`` or ``Soroka <name@host>``; may be empty. Raises ImproperlyConfigured with the name."""
    written = env.str(name, default="")
    if written:
        shown, address = parseaddr(written)
        _check(name, address)
        # An address that is no ASCII was refused; what is shown beside it may be Russian.
        return str(Address(shown, addr_spec=address))
    return ""


def hour(name: str, default: int) -> int:
    """0 to 23. Raises ImproperlyConfigured with the name."""
    try:
        found = int(env.str(name, default="") or default)
    except ValueError:
        found = -1
    if not 0 <= found <= _LAST_HOUR:
        raise ImproperlyConfigured(f"{name} must be an hour from 0 to {_LAST_HOUR}.")
    return found


def _check(name: str, address: str) -> None:
    try:
        validate_email(address)
        address.encode("ascii")
    except (ValidationError, UnicodeError):
        raise ImproperlyConfigured(f"{name}: {address!r} is no e-mail address.") from None
