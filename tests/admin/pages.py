"""What a page shows to a person."""

from html.parser import HTMLParser

from django.urls import reverse

from soroka.models import Client, ClientImport, Gateway, Mailing, Message, Segment, Tag

LISTS = [
    "soroka_mailing", "soroka_message", "soroka_client", "soroka_tag", "soroka_segment", "soroka_clientimport",
    "soroka_gateway", "auth_user", "auth_group", "soroka_apikey",
]  # fmt: skip
FORMS = [
    "soroka_mailing",
    "soroka_client",
    "soroka_tag",
    "soroka_segment",
    "soroka_clientimport",
    "soroka_gateway",
    "auth_user",
    "soroka_apikey",
]
ROWS = [Mailing, Message, Client, Tag, ClientImport, Gateway, Segment]


def lists() -> list[str]:
    """The addresses of all lists."""
    return [reverse(f"admin:{name}_changelist") for name in LISTS]


def forms() -> list[str]:
    """The addresses of all forms for something new."""
    return [reverse(f"admin:{name}_add") for name in FORMS]


def rows() -> list[str]:
    """The addresses of the first row of each table, and of what can be done to it."""
    found = [
        reverse(f"admin:soroka_{model.__name__.lower()}_change", args=[model.objects.first().pk]) for model in ROWS
    ]
    mailing = found[0]
    verbs = [mailing.replace("/change/", f"/{verb}/") for verb in ("pause", "resume", "cancel")]
    why = reverse("admin:soroka_client_why", args=[Client.objects.first().pk])
    whys = [why, f"{why}?mailing={Mailing.objects.first().pk}"]
    return [*found, *verbs, *whys, f"{mailing}?part=counts", f"{mailing}?part=breakdown"]


class Seen(HTMLParser):
    """The texts of a page, each by itself, without scripts and icons."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._hidden: list[bool] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.texts += [named[name] for name in ("placeholder", "title", "aria-label") if named.get(name)]
        if tag not in ("input", "br", "link", "meta", "img", "hr"):
            icon = "material-symbols" in (named.get("class") or "")
            self._hidden.append(tag in ("script", "style") or icon)

    def handle_endtag(self, tag):
        if tag not in ("input", "br", "link", "meta", "img", "hr") and self._hidden:
            self._hidden.pop()

    def handle_data(self, data):
        if data.strip() and not any(self._hidden):
            self.texts.append(" ".join(data.split()))


def seen(answer) -> list[str]:
    """The texts of an answer."""
    return Seen(answer.content.decode()).texts
