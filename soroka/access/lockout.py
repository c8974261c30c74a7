from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.http import HttpRequest

from soroka.domain.guessing import LIMIT, LIMITS


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
