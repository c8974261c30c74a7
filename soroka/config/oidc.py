"""Login by an identity provider, where OIDC_ISSUER names one, read from the environment (ADR 39)."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from soroka.config.env import env

#: In the order in which they are installed: ours takes the pages of the others off the desk.
APPS = ["allauth", "allauth.account", "allauth.socialaccount", "soroka.oidc"]
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]
#: Characters that allauth keeps of what a user came by.
_LONGEST_ISSUER = 200
_OWN_HOSTS = {"localhost", "127.0.0.1", "::1"}


def issuer(name: str) -> str:
    """The provider's address as itself writes it; empty: there is none. Raises ImproperlyConfigured with the name."""
    address: str = env.str(name, default="")
    if address:
        _check_address(name, address)
        _require_package(name)
    return address


def of_allauth(address: str, shown: str) -> dict[str, Any]:
    """The settings of allauth for a provider. Raises ImproperlyConfigured with the name of what is missing."""
    _needed("OIDC_ROLES")
    app = {
        # Who came in is kept with it: the same number means somebody else at another provider.
        "provider_id": address,
        "name": shown,
        "client_id": _needed("OIDC_CLIENT_ID"),
        "secret": _needed("OIDC_CLIENT_SECRET"),
        "settings": {
            "server_url": f"{address.rstrip('/')}/.well-known/openid-configuration",
            "oauth_pkce_enabled": True,
        },
    }
    return {
        "SOCIALACCOUNT_ADAPTER": "soroka.oidc.people.People",
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"APPS": [app]}},
        "SOCIALACCOUNT_REQUESTS_TIMEOUT": 5,  # seconds
        "ACCOUNT_ADAPTER": "soroka.oidc.sessions.Sessions",
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_SIGNUP_FIELDS": ["username*"],
    }


def _check_address(name: str, address: str) -> None:
    """Tokens are believed because they come straight from the provider, which only HTTPS can tell."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _OWN_HOSTS)
    if not host or not is_safe or parts.query or parts.fragment or len(address) > _LONGEST_ISSUER:
        raise ImproperlyConfigured(
            f"{name} must be an address such as https://id.example.org/realms/main, as the provider writes it: "
            f"HTTPS, no query, {_LONGEST_ISSUER} characters at most."
        )


def _require_package(name: str) -> None:
    try:
        import allauth  # noqa: F401
        import requests  # noqa: F401
    except ImportError as error:
        raise ImproperlyConfigured(
            f"{name} is set and {error.name} is not installed: pip install 'soroka[oidc]', or leave it empty."
        ) from None


def _needed(name: str) -> str:
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} must be set where OIDC_ISSUER is.")
    return value
