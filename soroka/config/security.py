"""Keys and what keeps strangers out, read from the environment."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from soroka.access.own_key import SHORTEST_KEY
from soroka.config.env import env
from soroka.domain.guessing import COOL_OFF, LIMIT, LIMITS

#: The fields of the forms that a wrong try would leave in the database, beside ``password``, which it never does.
_TYPED_SECRETS = ["code", "old_password", "new_password1", "new_password2", "password1", "password2"]
#: Guessing of passwords, for django-axes.
LOCKOUT: dict[str, Any] = {
    "AXES_HANDLER": "soroka.access.lockout.Lockout",
    "AXES_LOCKOUT_PARAMETERS": [each if isinstance(each, str) else list(each) for each in LIMITS],
    "AXES_FAILURE_LIMIT": LIMIT,
    "AXES_COOLOFF_TIME": COOL_OFF,
    "AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT": False,  # what the page says of the time holds
    "AXES_RESET_ON_SUCCESS": True,
    "AXES_CLIENT_IP_CALLABLE": "soroka.api.address.address_of",
    "AXES_LOCKOUT_CALLABLE": "soroka.api.locked_out.tell_locked_out",
    "AXES_DISABLE_ACCESS_LOG": True,
    "AXES_ENABLE_ADMIN": False,
    "AXES_VERBOSE": False,
    "AXES_SENSITIVE_PARAMETERS": ["username", "ip_address", *_TYPED_SECRETS],
}


def cookies(*, behind_proxy: bool) -> dict[str, Any]:
    """The settings of sessions and HTTPS, by ``HTTPS_ONLY``, ``HSTS_SECONDS`` and ``SESSION_HOURS``."""
    https = env.bool("HTTPS_ONLY", default=False)
    return {
        "SESSION_COOKIE_SECURE": https,
        "CSRF_COOKIE_SECURE": https,
        "SESSION_COOKIE_AGE": int(life("SESSION_HOURS", "hours", default=12).total_seconds()),
        "SECURE_HSTS_SECONDS": env.int("HSTS_SECONDS", default=30 * 24 * 60 * 60) if https else 0,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if behind_proxy else None,
        # Only the proxy can tell which requests came without HTTPS; probes come from inside.
        "SECURE_SSL_REDIRECT": https and behind_proxy,
        "SECURE_REDIRECT_EXEMPT": ["^livez/?$", "^readyz/?$", "^metrics/?$"],
        # Whether HTTPS counts for all other hosts of the domain is not ours to say.
        "SILENCED_SYSTEM_CHECKS": ["security.W005", "security.W021"],
    }


def require_long_token(token: str) -> None:
    """Raises SystemExit where what opens /metrics could be guessed. Empty: nothing opens it."""
    if 0 < len(token) < SHORTEST_KEY:
        raise SystemExit(
            f"METRICS_TOKEN is too short: whoever guesses it reads /metrics. Give it {SHORTEST_KEY} characters or "
            "more, at random: openssl rand -hex 24"
        )


def bound(name: str, default: int) -> int:
    """How much may be asked for in a minute; 0: there is no limit. Raises ImproperlyConfigured with the name."""
    most: int = env.int(name, default=default)
    if most < 0:
        raise ImproperlyConfigured(f"{name} is a number of requests a minute, or 0 for no limit.")
    return most


def required_of(name: str, default: str) -> str:
    """Who must have a second factor. Raises ImproperlyConfigured with the name."""
    whom: str = env.str(name, default="") or default
    if whom not in {"none", "admin", "all"}:
        raise ImproperlyConfigured(f"{name} must be none, admin or all.")
    return whom


def life(name: str, unit: str, default: int) -> timedelta:
    """How long something holds. unit: ``minutes`` or ``hours``. Raises ImproperlyConfigured with the name."""
    number: int = env.int(name, default=default)
    if number < 1:
        raise ImproperlyConfigured(f"{name} is a number of {unit}, 1 or more.")
    return timedelta(**{unit: number})


def gateway_keys(name: str, last: str) -> list[str]:
    """Keys separated by commas: the first seals what is new, all of them open, and so does ``last``.

    Raises ImproperlyConfigured with the name and without the keys.
    """
    keys = [key.strip() for key in env.list(name, default=[]) if key.strip()]
    if any(len(key) < SHORTEST_KEY for key in keys):
        raise ImproperlyConfigured(f"{name}: each key must have {SHORTEST_KEY} characters or more, at random.")
    return [*keys, last]


#: Of programs, signed with SECRET_KEY. A new password ends them, and so does switching the user off.
TOKENS: dict[str, Any] = {
    "ACCESS_TOKEN_LIFETIME": life("ACCESS_TOKEN_MINUTES", "minutes", default=5),
    "REFRESH_TOKEN_LIFETIME": life("REFRESH_TOKEN_HOURS", "hours", default=24),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "CHECK_REVOKE_TOKEN": True,
}
