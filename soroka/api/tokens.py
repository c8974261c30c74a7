"""Tokens of programs: made for a password and a code, refreshed by themselves, each refresh token good for once."""

from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer, TokenRefreshSerializer
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken, UntypedToken
from rest_framework_simplejwt.views import TokenBlacklistView, TokenObtainPairView, TokenRefreshView

from soroka.access.proof import PROVED, has_proved
from soroka.access.sessions import end_tokens
from soroka.models.change import Deed
from soroka.models.trail import note

LONGEST_USERNAME, LONGEST_CODE = 150, 32


# Clients that were generated from the schema know it, and the next one, by these names.
@extend_schema_serializer(component_name="TokenObtainPair")
class NewTokensSerializer(TokenObtainPairSerializer):
    """A username and a password; wrong ones are counted. Who has a second factor sends its code as well."""

    default_error_messages = {
        "no_active_account": gettext_lazy(
            "The username, the password or the code is wrong. `code` is what the app of your second factor shows, or a "
            "recovery code; each is good for once."
        )
    }
    code = serializers.CharField(
        write_only=True,
        required=False,
        allow_blank=True,
        max_length=LONGEST_CODE,
        help_text="Of a second factor: the six digits of the app, or a recovery code.",
    )
    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[self.username_field] = serializers.CharField(write_only=True, max_length=LONGEST_USERNAME)
        if "request" in self.context:  # whoever counts leaves his marks on Django's own request
            self._context = {**self.context, "request": self.context["request"]._request}

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        """The tokens; who gets them has come in. Raises AuthenticationFailed."""
        user = authenticate(self.context["request"], **attrs)
        if user is None:
            raise AuthenticationFailed(self.error_messages["no_active_account"], "no_active_account")
        refresh = self.get_token(user)
        tokens = {"access": str(refresh.access_token), "refresh": str(refresh)}
        user_logged_in.send(type(user), request=self.context["request"], user=user)
        _forget_expired(tokens)
        return tokens

    @classmethod
    def get_token(cls, user: Any) -> RefreshToken:
        """It says whether there was a code, and so do those that come of it."""
        token: RefreshToken = super().get_token(user)  # type: ignore[assignment]  # that is its class
        if has_proved(user):
            token[PROVED] = True
        return token


class NewTokens(TokenObtainPairView):
    """Tokens for a username and a password. After several wrong ones no password is looked at for a while."""

    serializer_class = NewTokensSerializer


class OnceToken(RefreshToken):
    """A refresh token that only the first of two who use it at once can use. Who uses it later ends all."""

    def check_blacklist(self) -> None:
        """Two have one that was used before, and nobody knows which of them stole it. Raises TokenError."""
        try:
            super().check_blacklist()
        except TokenError:
            _end_all(self.payload["user_id"])
            raise

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


@transaction.atomic
def _end_all(user_id: str) -> None:
    """Let no refresh token of a user be good any more; the trail says so."""
    if ended := end_tokens(user_id):
        note(Deed.CHANGED, User.objects.get(pk=user_id), before={"tokens": ended}, after={"tokens": 0})


def _forget_expired(tokens: dict[str, str]) -> None:
    """Keep no list of those that are over, of the user of these."""
    user_id = UntypedToken(tokens["access"])["user_id"]  # type: ignore[arg-type]  # the stubs know no text here
    OutstandingToken.objects.filter(user_id=user_id, expires_at__lt=timezone.now()).delete()


class FreshTokens(TokenRefreshView):
    """New tokens for a refresh token, which is used up by that: keep the new one."""

    serializer_class = FreshTokensSerializer


class SpentToken(TokenBlacklistView):
    """Use a refresh token up, so that nobody can have new tokens for it. Access tokens end by themselves."""
