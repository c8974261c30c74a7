"""The filters of clients: each by an index, none counts."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RadioFilter, TextFilter

from soroka.domain.phone import InvalidPhone, parse_phone
from soroka.models import Client, Tag, Zone
from soroka.models.client import numbers_beginning

#: More would make a page of nothing but choices; the list of tags leads to the clients of any.
MOST_CHOICES = 1000


class ByTag(DropdownFilter):
    """Clients that carry a tag."""

    title = _("tag")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Tags by name."""
        first = Tag.objects.order_by("name").values_list("pk", "name")[:MOST_CHOICES]
        return [(str(pk), name) for pk, name in first]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Client]") -> "QuerySet[Client]":
        """By the index over the arrays."""
        return queryset.filter(tag_ids__contains=[_number(self.value(), 9)]) if self.value() else queryset


class ByOperatorCode(TextFilter):
    """Clients of an operator code."""

    title = _("operator code")
    parameter_name = "operator_code"

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Client]") -> "QuerySet[Client]":
        """By code and id."""
        return queryset.filter(operator_code=_number(self.value())) if self.value() else queryset


class ByZone(DropdownFilter):
    """Clients of a time zone."""

    title = _("time zone")
    parameter_name = "zone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Zones that some client lives in."""
        return [(str(pk), name) for pk, name in Zone.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Client]") -> "QuerySet[Client]":
        """By zone and id."""
        return queryset.filter(zone=_number(self.value())) if self.value() else queryset


class ByOptOut(RadioFilter):
    """Clients who opted out, or did not."""

    title = _("opted out")
    parameter_name = "opted_out"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Yes and no."""
        return [("1", _("Yes")), ("0", _("No"))]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Client]") -> "QuerySet[Client]":
        """Few among many: they have an index of their own."""
        return queryset.filter(opted_out=self.value() == "1") if self.value() else queryset


def begins_with(written: str) -> Q:
    """Phones that are the number as it is written, or begin with these digits."""
    digits = "".join(character for character in written if character.isdigit() and character.isascii())
    found = numbers_beginning(digits) if digits else Q(pk=None)
    try:
        return found | Q(phone=parse_phone(written))
    except InvalidPhone:
        return found


def _number(written: str | None, digits: int = 4) -> int:
    """A number of so many digits at most, or -1, which no row has."""
    text = (written or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else -1
