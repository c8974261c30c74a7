"""How the admin looks, and what its sidebar leads to."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

_TEAL = {
    "50": "#f0fdfa",
    "100": "#ccfbf1",
    "200": "#99f6e4",
    "300": "#5eead4",
    "400": "#2dd4bf",
    "500": "#14b8a6",
    "600": "#0f766e",
    "700": "#115e59",
    "800": "#134e4a",
    "900": "#12403d",
    "950": "#042f2e",
}


def _item(title: Any, icon: str, model: str) -> dict[str, Any]:
    """A link to the list of a model, for those who may see it."""
    app, name = model.split(".")

    def may_see(request: HttpRequest) -> bool:
        return bool(request.user.has_perm(f"{app}.view_{name}"))

    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{name}_changelist"),
        "permission": may_see,
    }


def _link(title: Any, icon: str, name: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(name)} | more


def _own_pages(request: HttpRequest) -> list[dict[str, Any]]:
    """What a user sees to by himself; who comes by an identity provider has no password here, nor a code beside it."""
    pages = [{"title": _("Time zone"), "link": reverse_lazy("desk-zone")}]
    if request.user.is_authenticated and request.user.has_usable_password():
        pages += [
            {"title": _("Second factor"), "link": reverse_lazy("desk-second-factor")},
            {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
        ]
    return pages


def _may_see_reports(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("soroka.view_reportmail"))


def _leads_away(request: HttpRequest) -> bool:
    """Never where one is: the link leads out of the admin, and its address begins every other."""
    return False


ADMIN: dict[str, Any] = {
    "SITE_TITLE": _("Soroka"),
    "SITE_HEADER": _("Soroka"),
    "SITE_SUBHEADER": _("Mailings on time"),
    "SITE_SYMBOL": "send",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("soroka/favicon.svg")},
    ],
    "COLORS": {"primary": _TEAL},
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "soroka.admin.held.label",
    "DASHBOARD_CALLBACK": "soroka.admin.dashboard.whats_up",
    "STYLES": [lambda request: static("soroka/admin.css")],
    "SCRIPTS": [
        lambda request: static("soroka/admin.js"),
        lambda request: static("soroka/charts.js"),
        lambda request: static("soroka/live.js"),
        lambda request: static("soroka/zone.js"),
    ],
    "ACCOUNT": {"navigation": _own_pages},
    "SIDEBAR": {
        "navigation": [
            {"items": [_link(_("Overview"), "dashboard", "admin:index")]},
            {
                "title": _("Mailings"),
                "items": [
                    _item(_("Mailings"), "campaign", "soroka.mailing"),
                    _item(_("Messages"), "sms", "soroka.message"),
                ],
            },
            {
                "title": _("Clients"),
                "items": [
                    _item(_("Clients"), "group", "soroka.client"),
                    _item(_("Tags"), "sell", "soroka.tag"),
                    _item(_("Segments"), "filter_alt", "soroka.segment"),
                    _item(_("Imports"), "upload_file", "soroka.clientimport"),
                    _item(_("Consents"), "how_to_reg", "soroka.consent"),
                ],
            },
            {
                "title": _("Service"),
                "items": [
                    _item(_("Gateways"), "cell_tower", "soroka.gateway"),
                    _link(_("Daily report"), "mail", "desk-report", permission=_may_see_reports),
                    _item(_("Users"), "person", "auth.user"),
                    _item(_("Roles"), "badge", "auth.group"),
                    _item(_("Changes"), "history", "soroka.change"),
                    _item(_("API keys"), "key", "soroka.apikey"),
                    _link(_("API"), "api", "root", active=_leads_away),
                    _link(_("API reference"), "menu_book", "swagger", active=_leads_away),
                ],
            },
        ],
    },
}
