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
