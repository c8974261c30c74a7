from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models.functions import Now
from django.db.models.lookups import GreaterThan, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from soroka.domain.phone import MOST_DIGITS
from soroka.models.zone import Zone

#: Tags that a client may have and still be found in ``client_count``: an entry of an index has a largest size.
FEW_TAGS = 100
_TAGS = models.Func(models.F("tag_ids"), function="cardinality", output_field=models.IntegerField())


class Client(models.Model):
    """A recipient."""

    id = models.BigAutoField(primary_key=True)
    phone = models.BigIntegerField(_("phone"), unique=True, help_text=_("Digits with the country code: 79161234567"))
    operator_code = models.SmallIntegerField(_("operator code"))
    #: Ids of tags. An array, not a join table: one statement imports a slice, and a filter yields no client twice.
    tag_ids: "models.Field[Any, list[int]]" = ArrayField(
        models.IntegerField(), verbose_name=_("tags"), default=list, blank=True
    )
    zone = models.ForeignKey(Zone, models.PROTECT, verbose_name=_("time zone"), related_name="+")
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    opted_out = models.BooleanField(_("opted out"), default=False)
    #: The number of the import that made him; None where that was somebody else. Imports go by age, the number stays.
    made_by_import = models.BigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        ordering = ["id"]
        indexes = [
            # Reader: planning and lists by tag.
            GinIndex(fields=["tag_ids"], name="client_tags"),
            # Reader: planning and lists by operator code, in id order.
            models.Index(fields=["operator_code", "id"], name="client_operator_code"),
            # Reader: lists of who opted out, few among many.
            models.Index(fields=["id"], name="client_opted_out", condition=models.Q(opted_out=True)),
            # Reader: lists by time zone, in id order.
            models.Index(fields=["zone", "id"], name="client_zone"),
            # Reader: counts by operator code, tags and zone, which read no client's row (ADR 16).
            models.Index(
                fields=["operator_code"],
                include=["tag_ids", "opted_out", "zone"],
                name="client_count",
                condition=models.Q(LessThanOrEqual(_TAGS, FEW_TAGS)),
            ),
            # Reader: the rest of those counts.
            models.Index(fields=["id"], name="client_many_tags", condition=models.Q(GreaterThan(_TAGS, FEW_TAGS))),
            # Reader: filters by attribute: equal, one of, and there at all.
            GinIndex(fields=["attributes"], name="client_attributes"),
            # Reader: filters by when a client was made; rows lie in that order.
            BrinIndex(fields=["created_at"], name="client_created"),
        ]

    def __str__(self) -> str:
        return f"+{self.phone}"


def numbers_beginning(digits: str) -> models.Q:
    """Phones with this beginning: a range for every length a number may have, which the unique index finds.

    digits: at least one.
    """
    ranges = models.Q(pk=None)
    for more in range(MOST_DIGITS - len(digits) + 1):
        lowest = int(digits) * 10**more
        ranges |= models.Q(phone__range=(lowest, lowest + 10**more - 1))
    return ranges
