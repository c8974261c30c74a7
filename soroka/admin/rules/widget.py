"""The field of a filter: rows with selects for people, and the JSON of it for engineers."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.widgets import INPUT_CLASSES, SELECT_CLASSES, TEXTAREA_CLASSES

from soroka.admin.api_form import pathed
from soroka.admin.rules.posted import Posted, acted, as_text
from soroka.admin.rules.shown import shown
from soroka.admin.rules.tree import TAG_CHOICES, Group, Rule
from soroka.admin.rules.words import COMPARISON_WORDS, JOINT_WORDS, KIND_WORDS
from soroka.api.problems import by_field
from soroka.domain.schedule import zone_names
from soroka.models import Mailing, Tag

#: So many are offered while one types; the name of any other can be typed as well.
MOST_OFFERED = 1000
#: The latest of them; one that is chosen already is offered whatever its age.
MAILINGS_OFFERED = 200

_TEMPLATES = dict.fromkeys(TAG_CHOICES, "tags") | dict.fromkeys(("delivered", "not_delivered"), "mailing")


@dataclass
class Draft:
    """A filter that is being written: rows, or where there are none a text that should be JSON.

    too_deep: rows were asked for, and cannot show it.
    """

    rules: Group | None = None
    text: str = ""
    too_deep: bool = False

    @classmethod
    def of(cls, written: Any) -> "Draft":
        """Of JSON: rows where they can show all of it."""
        rules = shown(written)
        return cls(rules) if rules else cls(text=_readable(written), too_deep=True)

    def written(self) -> Any:
        """Its JSON. Raises ValueError where the text is none."""
        return self.rules.written() if self.rules else json.loads(self.text)

    def acted(self, act: str) -> "Draft":
        """After a button: from rows to JSON and back, or what ``acted`` does to rows."""
        if self.rules is None:
            return self._as_rows() if act == "rows" else self
        rules = acted(self.rules, act)
        if act == "json" or not rules.fits:
            return Draft(text=_readable(rules.written()), too_deep=not rules.fits)
        return Draft(rules)

    def _as_rows(self) -> "Draft":
        try:
            found = Draft.of(json.loads(self.text))
        except (ValueError, RecursionError):
            return self
        return found if found.rules else Draft(text=self.text, too_deep=True)


class RulesWidget(forms.Widget):
    """Draws a draft. faults: sentences by the key of their row."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: dict[str, list[str]] = {}

    class Media:
        css = {"all": ["soroka/rules.css"]}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Draft:
        """What was sent, after the button that sent it."""
        draft = Draft(text=data[name]) if name in data else Draft(Posted(data, name).group())
        return draft.acted(data.get(f"{name}-act", ""))

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The field with the lists that are offered."""
        tags = Tag.objects.order_by("name").values_list("name", flat=True)[:MOST_OFFERED]
        offered = {"tags": tags, "zones": sorted(zone_names())}
        return render_to_string("admin/soroka/rules/field.html", self.drawn(name, value) | offered)

    def drawn(self, name: str, draft: Draft) -> dict[str, Any]:
        """What the template of a draft needs."""
        rows = list(draft.rules.walk()) if draft.rules else []
        for row in rows:
            _dress(row, self.faults.get(row.key, []))
        return {
            "name": name,
            "draft": draft,
            "kinds": KIND_WORDS,
            "joints": JOINT_WORDS,
            "comparisons": COMPARISON_WORDS,
            "mailings": _mailings([row for row in rows if isinstance(row, Rule)]),
            "zone": settings.TIME_ZONE,
            "input_classes": " ".join(INPUT_CLASSES),
            "select_classes": " ".join(SELECT_CLASSES),
            "text_classes": " ".join(TEXTAREA_CLASSES),
        }

    def id_for_label(self, id_: str) -> str:
        """The legend names it: it is no single control."""
        return ""


class RulesField(forms.Field):
    """JSON of a filter out, not judged: the API does that."""

    widget = RulesWidget

    def prepare_value(self, value: Any) -> Draft:
        """A draft of what the row has, or the one that was sent."""
        return value if isinstance(value, Draft) else Draft.of(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """The writer judges that by the row itself."""
        return True

    def clean(self, value: Draft) -> Draft:
        """Only JSON. Raises ValidationError."""
        try:
            value.written()
        except (ValueError, RecursionError):
            raise ValidationError(_("This is not JSON.")) from None
        return value

    def tell(self, draft: Draft, found: Any) -> list[str]:
        """Put errors in the shape of the API to their rows; what is left to be said above them all."""
        if draft.rules is None:
            return pathed({"filter": found})
        paths, widget = dict(draft.rules.paths()), cast(RulesWidget, self.widget)
        for error in by_field({"filter": found}):
            key = paths[_nearest(error["field"], paths)]
            widget.faults.setdefault(key, []).append(error["message"])
        return [_("Some conditions are not right yet: see below.")]


def _nearest(field: str, paths: Collection[str]) -> str:
    """The longest path that an error's field lies at or below."""
    return max((path for path in paths if field == path or field.startswith((f"{path}.", f"{path}["))), key=len)


def _dress(row: Any, faults: list[str]) -> None:
    """What a template cannot work out: words of values, errors, which button has the focus."""
    row.faults = list(dict.fromkeys(faults))
    if not row.is_group:
        row.template = f"admin/soroka/rules/{_TEMPLATES.get(row.kind, row.kind)}.html"
        part = "value" if row.kind == "attribute" else row.kind
        row.typed, row.was = as_text(part, row.value), json.dumps(row.value)
        row.listed = [(_listed(row, value), _in_words(value)) for value in row.values]


def _listed(row: Rule, value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if row.kind == "attribute" else str(value)


def _in_words(value: Any) -> str:
    return _("empty") if value is None or value == "" else as_text("value", value)


def _mailings(rules: list[Rule]) -> list[tuple[str, str]]:
    """Numbers and names to choose from, where a row asks for one."""
    asked = [rule.value for rule in rules if rule.kind in {"delivered", "not_delivered"}]
    if not asked:
        return []
    latest = list(Mailing.objects.filter(gone_at=None).order_by("-id")[:MAILINGS_OFFERED])
    offered = {str(mailing.pk): f"{mailing.name or _('Mailing')} № {mailing.pk}" for mailing in latest}
    return list(({str(value): f"№ {value}" for value in asked if value != ""} | offered).items())


def _readable(written: Any) -> str:
    """Cyrillic as it is, a condition a line."""
    return json.dumps(written, ensure_ascii=False, indent=2)
