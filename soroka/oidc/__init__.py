"""Login by an identity provider, through allauth (ADR 39). Imported only where OIDC_ISSUER is set."""
