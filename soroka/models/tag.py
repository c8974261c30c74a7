from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Tag(models.Model):
    """A label of clients. Clients and filters hold its id, so that a renamed tag stays the same tag."""

    name = models.CharField(_("name"), max_length=64)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [
            # Reader: looking a tag up by name, case ignored; "VIP" and "vip" are one tag.
            models.UniqueConstraint(Lower("name"), name="tag_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class TagCount(models.Model):
    """By how many clients more, or fewer, a tag is carried since some statement; the sum of its rows is all of them.

    Triggers of ``soroka_client`` write it, and the tick adds rows of one tag up (ADR 33).
    """

    id = models.BigAutoField(primary_key=True)
    tag_id = models.IntegerField()
    clients = models.BigIntegerField()

    class Meta:
        indexes = [
            # Readers: how many clients carry each tag of a page; the tick.
            models.Index(fields=["tag_id"], name="tag_count")
        ]

    def __str__(self) -> str:
        return f"{self.tag_id}: {self.clients}"
