"""One login, as it is agreed with the provider."""

from hashlib import sha256
from typing import Any

from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from soroka.domain.claimed_role import role_of


def nonce_of(verifier: str) -> str:
    """What the ID token of a login has to carry. verifier: that of PKCE, which only its session knows until it ends."""
    return sha256(f"nonce {verifier}".encode()).hexdigest()


class Exchange(OpenIDConnectOAuth2Adapter):
    """Asks the provider where to send people, and who came back. Raises OAuth2Error and requests' errors."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself, if it is the one that was meant."""
        config: dict[str, Any] = super().openid_config
        if config["issuer"] != settings.OIDC_ISSUER:
            raise OAuth2Error(f"OIDC_ISSUER is {settings.OIDC_ISSUER}, and the provider is {config['issuer']}")
        return config

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Where the provider sends people back to."""
        return request.build_absolute_uri(reverse("oidc-callback"))

    def get_access_token_data(self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str = "") -> Any:
        """What the provider gives for the code."""
        self._nonce = nonce_of(pkce_code_verifier)
        return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Who came, by his number at the provider; of what else it says of him, only the role is kept."""
        login = super().complete_login(request, app, token, **kwargs)
        signed, told = login.account.extra_data.get("id_token"), login.account.extra_data["userinfo"]
        if not signed or signed["sub"] != told["sub"]:
            raise OAuth2Error("the ID token is missing, or is of somebody else than the provider tells of")
        if signed.get("nonce") != self._nonce:
            raise OAuth2Error("the ID token is of another login: it does not carry the nonce of this one")
        claim = {**signed, **told}.get(settings.OIDC_ROLES_CLAIM)
        login.account.extra_data = {"role": role_of(claim, settings.OIDC_ROLES)}
        login.email_addresses = []
        return login
