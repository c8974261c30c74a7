"""What a page shows to a person."""

from html.parser import HTMLParser

from django.urls import reverse

from soroka.models import Client, ClientImport, Gateway, Mailing, Message, Segment, Tag

LISTS = [
    "soroka_mailing", "soroka_message", "soroka_client", "soroka_tag", "soroka_segment", "soroka_clientimport",
    "soroka_consent", "soroka_change",
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
    return [*(reverse(f"admin:{name}_add") for name in FORMS), reverse("admin:soroka_client_take_out")]


def rows() -> list[str]:
    """The addresses of the first row of each table, and of what can be done to it."""
    found = [
        reverse(f"admin:soroka_{model.__name__.lower()}_change", args=[model.objects.first().pk]) for model in ROWS
    ]
    mailing = found[0]
    verbs = [mailing.replace("/change/", f"/{verb}/") for verb in ("pause", "cancel", "report")]
    why = reverse("admin:soroka_client_why", args=[Client.objects.first().pk])
    whys = [why, f"{why}?mailing={Mailing.objects.first().pk}", why.replace("/why", "/consent")]
    return [*found, *verbs, *whys, *(f"{mailing}?part={part}" for part in ("counts", "course", "breakdown"))]


class Seen(HTMLParser):
    """The texts of a page, each by itself, without scripts and icons."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._hidden: list[bool] = []
        self.feed(page.replace("<wbr>", ""))  # a word that may be broken there is one word

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


class _Controls(HTMLParser):
    """What a browser sends of the controls of a page, buttons left aside."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.answers: list[tuple[str, str]] = []
        self._name = self._text = None
        self._options: list[dict] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if tag == "input" and "name" in named and (named.get("type") != "checkbox" or "checked" in named):
            self.answers.append((named["name"], named.get("value") or ""))
        elif tag == "select":
            self._name, self._options = named["name"], []
        elif tag == "option" and self._name:
            self._options.append(named)
        elif tag == "textarea":
            self._text, self._name = "", named["name"]

    def handle_data(self, data):
        if self._text is not None:
            self._text += data

    def handle_endtag(self, tag):
        if tag == "select":
            chosen = [option for option in self._options if "selected" in option] or self._options[:1]
            self.answers += [(self._name, option.get("value") or "") for option in chosen]
            self._name = None
        elif tag == "textarea":
            self.answers.append((self._name, self._text))
            self._text = self._name = None


def sent(page: str) -> list[tuple[str, str]]:
    """Names and values, in order."""
    return _Controls(page).answers
