"""The operator's desk at /admin: what the API can do, with the API's own rules, for people."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from soroka.admin import clients, gateways, imports, keys, mailings, messages, segments, tags, users

admin.site.index_title = _("Overview")

__all__ = ["clients", "gateways", "imports", "keys", "mailings", "messages", "segments", "tags", "users"]
