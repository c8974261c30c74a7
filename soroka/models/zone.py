from django.db import models
from django.utils.translation import gettext_lazy as _


class Zone(models.Model):
    """An IANA time zone that some client lives in. A number of its own keeps client and batch rows narrow."""

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(_("time zone"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("time zone")
        verbose_name_plural = _("time zones")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
