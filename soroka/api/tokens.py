"""Tokens of programs: made for a password, refreshed by themselves, each refresh token good for once."""

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer, TokenRefreshSerializer
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken, UntypedToken
from rest_framework_simplejwt.views import TokenBlacklistView, TokenObtainPairView, TokenRefreshView

LONGEST_USERNAME = 150


# Clients that were generated from the schema know it, and the next one, by these names.
@extend_schema_serializer(component_name="TokenObtainPair")
class NewTokensSerializer(TokenObtainPairSerializer):
    """A username and a password; wrong ones are counted."""

    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[self.username_field] = serializers.CharField(write_only=True, max_length=LONGEST_USERNAME)
        if "request" in self.context:  # whoever counts leaves his marks on Django's own request
            self._context = {**self.context, "request": self.context["request"]._request}

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        """The tokens; who gets them has come in."""
        tokens: dict[str, str] = super().validate(attrs)
        user_logged_in.send(type(self.user), request=self.context["request"], user=self.user)
        _forget_expired(tokens)
        return tokens


class NewTokens(TokenObtainPairView):
    """Tokens for a username and a password. After several wrong ones no password is looked at for a while."""

    serializer_class = NewTokensSerializer


class OnceToken(RefreshToken):
    """A refresh token that only the first of two who use it at once can use."""

    def blacklist(self) -> Any:
        """Let it be good for nothing any more. Raises TokenError where it is so already."""
        kept: Any = super().blacklist()  # and whether it is new
        if not kept[1]:
            raise TokenError(_("Token is blacklisted"))
        return kept


@extend_schema_serializer(component_name="TokenRefresh")
class FreshTokensSerializer(TokenRefreshSerializer):
    """A refresh token, for a new one of each kind; it is used up by that."""

    token_class = OnceToken

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        """The tokens. Raises TokenError and AuthenticationFailed."""
        try:
            tokens: dict[str, str] = super().validate(attrs)
        except User.DoesNotExist:  # removed since
            raise AuthenticationFailed(self.error_messages["no_active_account"], "no_active_account") from None
        _forget_expired(tokens)
        return tokens


def _forget_expired(tokens: dict[str, str]) -> None:
    """Keep no list of those that are over, of the user of these."""
    user_id = UntypedToken(tokens["access"])["user_id"]  # type: ignore[arg-type]  # the stubs know no text here
    OutstandingToken.objects.filter(user_id=user_id, expires_at__lt=timezone.now()).delete()


class FreshTokens(TokenRefreshView):
    """New tokens for a refresh token, which is used up by that: keep the new one."""

    serializer_class = FreshTokensSerializer


class SpentToken(TokenBlacklistView):
    """Use a refresh token up, so that nobody can have new tokens for it. Access tokens end by themselves."""
