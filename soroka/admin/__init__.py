"""The operator's desk at /admin: what the API can do, with the API's own rules, for people."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from soroka.admin import clients, consents, gateways, imports, keys, mailings, messages, segments, tags, trail, users
from soroka.admin.login import LoginForm

admin.site.index_title = _("Overview")
admin.site.login_form = LoginForm

__all__ = [
    "clients",
    "consents",
    "gateways",
    "imports",
    "keys",
    "mailings",
    "messages",
    "segments",
    "tags",
    "trail",
    "users",
]
