"""What every command begins with: the installation is found, Django is set up on it, and faults get words."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from soroka.embedded.environment import join_installation
from soroka.embedded.errors import StackError
from soroka.terminal.failure import Exit, Failure, NotFound, Unreachable

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def join() -> None:
    """Make this process part of the installation that is found. Raises Unreachable."""
    try:
        join_installation()
    except StackError as error:
        raise Unreachable(str(error)) from error
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soroka.config.settings")


def on_installation(command: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """A command that may use all of the service. Its words are those of LANG; its faults are ``Failure``."""

    @wraps(command)
    def run(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        _set_up()
        from django.utils import translation

        with translation.override(language()), _told():
            return command(*args, **kwargs)

    return run


def language() -> str:
    """``ru`` where the environment asks for Russian, else ``en``."""
    wanted = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "ru" if wanted.lower().startswith("ru") else "en"


def _set_up() -> None:
    join()
    import django
    from django.apps import apps
    from django.core.exceptions import ImproperlyConfigured

    if apps.ready:
        return
    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise Unreachable(f"The environment is not that of an installation: {error}") from error
    # What is wrong is told by the command itself: stderr has to stay one document for whoever asked for JSON.
    logging.disable(logging.CRITICAL)


@contextmanager
def _told() -> Iterator[None]:
    """Every fault that is not ours becomes a Failure with its exit code."""
    from django.core.exceptions import ObjectDoesNotExist
    from django.db import InterfaceError, OperationalError, ProgrammingError
    from django.utils.translation import gettext as _
    from psycopg.errors import UndefinedColumn, UndefinedTable
    from rest_framework.exceptions import APIException, ValidationError

    from soroka.audience.bounded import TooSlow
    from soroka.domain.schedule import BadSpan
    from soroka.models.rule_words import translated
    from soroka.planning.idempotency import KeyMismatch, MailingGone
    from soroka.planning.resend import AlreadyResent
    from soroka.queue.withdraw import NotAllowed
    from soroka.terminal.invalid import invalid

    try:
        yield
    except ValidationError as error:
        raise invalid(error.detail) from error
    except BadSpan as error:
        raise invalid({"ends_at": [str(error)]}) from error
    except NotAllowed as error:
        raise Failure(translated(str(error)), Exit.NOT_POSSIBLE, "not_allowed") from error
    except AlreadyResent as error:
        raise Failure(translated(str(error)), Exit.NOT_POSSIBLE, "already_resent") from error
    except KeyMismatch as error:
        raise Failure(translated(str(error)), Exit.NOT_POSSIBLE, "idempotency_mismatch") from error
    except MailingGone as error:
        raise Failure(translated(str(error)), Exit.NOT_POSSIBLE, "idempotency_gone") from error
    except APIException as error:
        raise Failure(str(error), Exit.NOT_POSSIBLE, str(error.get_codes())) from error
    except TooSlow as error:
        raise Failure(_("This takes longer than it may: narrow the filter."), Exit.FAILED, "too_slow") from error
    except ObjectDoesNotExist as error:
        raise NotFound(str(error)) from error
    except (OperationalError, InterfaceError) as error:
        raise Unreachable(_no_database(error)) from error
    except ProgrammingError as error:
        if isinstance(error.__cause__, UndefinedTable | UndefinedColumn):
            raise Unreachable(_("The database is not prepared: start this Soroka once, `soroka up`.")) from error
        raise


def _no_database(error: Exception) -> str:
    from django.utils.translation import gettext as _

    why = str(error).strip().splitlines()
    words = _("PostgreSQL does not answer at DATABASE_URL. Is Soroka running?")
    return f"{words} {why[0] if why else ''}".rstrip()
