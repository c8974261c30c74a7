"""How lines of the log are written: for programs as JSON, for people in a line (ADR 35)."""

import logging
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
import structlog
from django.core.exceptions import ImproperlyConfigured
from structlog.typing import EventDict, Processor, WrappedLogger

from soroka.terminal.log_lines import FIRST, pretty

#: What may be somebody's phone: nothing else that is logged has so many digits in a row, but what is named as an id.
_PHONE = re.compile(r"(?<!\d)\d{10,15}(?!\d)")
#: The address of a client's own page, which is a key.
_LINK = re.compile(r"/u/[\w-]{15,}")
_SHORTEST = 10**9
_IDS = {"batch", "client", "clients", "import_id", "mailing", "message", "messages"}


def discreet(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Leaves phones and opt-out links out of all that is said, of tracebacks too; what is named as an id stays.

    A log is kept longer than a client who asks to be erased (ADR 20), and read by more people than his texts.
    """
    return {name: _shown(name, value) for name, value in event.items()}


def _shown(name: str, value: Any) -> Any:
    if name == "request_id":  # ours has many digits; a caller's may be nothing else
        return hidden(value) if _PHONE.fullmatch(str(value)) else value
    return value if name in _IDS else hidden(value)


def hidden(value: Any) -> Any:
    """A value as it may be shown to whoever reads logs or errors: without phones and opt-out links."""
    if isinstance(value, bool | float | None) or (isinstance(value, int) and abs(value) < _SHORTEST):
        return value
    return _PHONE.sub("[number]", _LINK.sub("/u/[link]", str(value)))


def _console(_: WrappedLogger, __: str, event: EventDict) -> str:
    return pretty(event)


def _json(_: WrappedLogger, __: str, event: EventDict) -> str:
    ordered = {name: event[name] for name in FIRST if name in event} | dict(event)
    return orjson.dumps(ordered, default=str).decode()


def _stamped(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The moment by the service's zone, with its offset."""
    event["time"] = datetime.now().astimezone().isoformat(timespec="milliseconds")
    return event


_FORMATS: Mapping[str, Processor] = {"json": _json, "console": _console}
#: What every line has, whoever says it: a library by ``logging``, or we by ``structlog``.
_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    _stamped,
]


def formatter(kind: str) -> logging.Formatter:
    """kind: ``json`` or ``console``. Raises ImproperlyConfigured for any other."""
    if kind not in _FORMATS:
        raise ImproperlyConfigured("LOG_FORMAT must be json or console.")
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            discreet,
            _FORMATS[kind],
        ],
    )


def configured(kind: str, level: str) -> dict[str, Any]:
    """Django's LOGGING; ``structlog`` is set up with it. kind: see ``formatter``."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter, "kind": kind}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": [], "propagate": False},
            "django.security.DisallowedHost": {"level": "CRITICAL"},  # a scanner's traceback each time tells nothing
            "axes": {"level": "ERROR"},  # its lines name nobody; soroka.access.lockout tells who it was
            # Two lines for every tick would bury the others; a failure is logged all the same.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }
