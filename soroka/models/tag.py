from django.db import models
from django.db.models.functions import Lower


class Tag(models.Model):
    """A label of clients. Clients and filters hold its id, so that a renamed tag stays the same tag."""

    name = models.CharField("название", max_length=64)

    class Meta:
        verbose_name = "тег"
        verbose_name_plural = "теги"
        ordering = ["name"]
        constraints = [
            # Reader: looking a tag up by name, case ignored; "VIP" and "vip" are one tag.
            models.UniqueConstraint(Lower("name"), name="tag_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name
