"""Which clients a list shows."""

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from rest_framework import serializers

from soroka.api.fields import Flag, OperatorCode, Phone, TagName, ZoneName
from soroka.api.parameters import LONGEST_SEARCH, Query
from soroka.domain.phone import MOST_DIGITS
from soroka.models import Client
from soroka.models.client import numbers_beginning

_SEPARATORS = str.maketrans("", "", " +-()")


class ClientQuery(Query):
    """Each parameter narrows the list further."""

    tag = TagName(source="tag_ids__contains", required=False)
    operator_code = OperatorCode(required=False)
    timezone = ZoneName(source="zone__name", required=False)
    phone = Phone(required=False)
    opted_out = Flag(required=False)
    search = serializers.CharField(
        max_length=LONGEST_SEARCH,
        required=False,
        allow_blank=True,
        help_text=(
            "The beginning of a number, or a part of an attribute. For the latter a page may be short or even empty "
            "although there is a `next`: it looks through so many clients at most."
        ),
    )

    def narrow(self, rows: QuerySet[Client]) -> QuerySet[Client]:
        """Those of the clients that were asked for."""
        lookups = dict(self.validated_data)
        words = lookups.pop("search", None)
        return _search(rows.filter(**lookups), words) if words else rows.filter(**lookups)


def seeks_attributes(words: str) -> bool:
    """Whether a search is for a part of an attribute, and not for the beginning of a number."""
    return bool(words.strip()) and not _digits(words)


def _search(clients: QuerySet[Client], words: str) -> QuerySet[Client]:
    if digits := _digits(words):
        return clients.filter(numbers_beginning(digits))
    return clients.annotate(own=Cast("attributes", TextField())).filter(own__icontains=words)


def _digits(words: str) -> str:
    """Those of a number, or of its beginning; empty where it is none."""
    digits = words.translate(_SEPARATORS)
    return digits if digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS else ""
