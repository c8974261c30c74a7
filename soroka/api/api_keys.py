from django.contrib.auth.models import User
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from soroka.access.keys import BadKey, key_of
from soroka.models import ApiKey

SCHEME = "Api-Key"


class ApiKeyAuthentication(BaseAuthentication):
    """``Authorization: Api-Key <key>``: a program comes in as the user of its key."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """The key's user, and the key; None where the header is of another kind. Raises AuthenticationFailed."""
        scheme, _space, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        try:
            key = key_of(secret.strip())
        except BadKey as error:
            raise AuthenticationFailed(str(error), code="bad_api_key") from None
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return SCHEME
