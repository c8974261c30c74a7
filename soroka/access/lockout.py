from typing import Any

import structlog
from axes.handlers.database import AxesDatabaseHandler
from django.contrib.auth.models import User
from django.http import HttpRequest

from soroka.domain.guessing import LIMIT, LIMITS
from soroka.models.change import Deed
from soroka.models.meter import Count, Counted, count
from soroka.models.trail import note

log = structlog.get_logger(__name__)


class Lockout(AxesDatabaseHandler):  # type: ignore[misc]
    """Counts wrong passwords by user and address, by address, and by user."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """The largest of the counts, each as a part of its own limit: ``LIMIT`` where one of them is reached."""
        counted = zip(self.get_user_attempts(request, credentials), LIMITS.values(), strict=True)
        parts = [
            LIMIT * sum(attempts.values_list("failures_since_start", flat=True)) // most for attempts, most in counted
        ]
        return int(max(parts))

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Who comes in has his own slips forgotten, not what else came from his address or for his name."""
        own, *_ = self.filter_user_attempts(request, credentials)
        return int(own.delete()[0])

    def user_login_failed(self, sender: str, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
        """Tell of it, for what is counted here is forgotten. request: Django's own, on which axes keeps its marks."""
        was_locked_out = request.axes_locked_out
        super().user_login_failed(sender, credentials, request, **kwargs)
        # A name that nobody has may be a password in the wrong field.
        user = User.objects.filter(username=credentials.get("username")).first()
        who = {"user": user and user.get_username(), "address": request.axes_ip_address}
        log.warning("login refused", **who)
        if request.axes_locked_out and not was_locked_out:
            log.warning("locked out", **who)
            count({Count(Counted.LOCKOUTS): 1})
            if user:
                note(Deed.LOCKED_OUT, user)
