"""Entries of the trail in words."""

from django.apps import apps
from django.utils.translation import gettext as _

from soroka.models import Change

KINDS = {
    "client": "soroka", "tag": "soroka", "segment": "soroka", "mailing": "soroka", "gateway": "soroka",
    "clientimport": "soroka", "apikey": "soroka", "restoration": "soroka", "user": "auth",
}  # fmt: skip


def kind_in_words(kind: str) -> str:
    """``client`` as the desk calls it."""
    app = KINDS.get(kind)
    return str(apps.get_model(app, kind)._meta.verbose_name) if app else kind


def actor_in_words(change: Change) -> str:
    """Who it was."""
    match change.actor_kind:
        case "user":
            return change.actor
        case "key":
            return _("API key %(name)s") % {"name": change.actor}
        case "command":
            return f"{_('command line')} ({change.actor})" if change.actor else _("command line")
        case _:
            return _("service")


def channel_in_words(change: Change) -> str:
    """Through what it came."""
    match change.channel:
        case "api":
            return _("API")
        case "admin":
            return _("desk")
        case "command":
            return _("command line")
        case _:
            return _("service")
