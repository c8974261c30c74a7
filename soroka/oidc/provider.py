"""What allauth finds by the name of this file."""

from typing import Any

from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import cached_property

from soroka.oidc.exchange import Exchange, nonce_of


class IdentityProvider(OpenIDConnectProvider):
    """The one that OIDC_ISSUER names."""

    oauth2_adapter_class = Exchange

    def get_oauth2_adapter(self, request: HttpRequest) -> Exchange:
        """One for the whole request: it asks the provider only once what it is."""
        return self._exchange

    @cached_property
    def _exchange(self) -> Exchange:
        return Exchange(self.request, self.app.provider_id)

    def get_pkce_params(self) -> dict[str, Any]:
        """And a nonce, which allauth does not know."""
        params: dict[str, Any] = super().get_pkce_params()
        return params | {"nonce": nonce_of(params["code_verifier"])}

    def get_scope(self) -> list[str]:
        """No e-mail address; and what the roles are called by, where that has to be asked for."""
        offered = self._exchange.openid_config.get("scopes_supported", [])
        return ["openid", "profile", *({settings.OIDC_ROLES_CLAIM} & set(offered))]


provider_classes = [IdentityProvider]
