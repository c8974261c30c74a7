from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Draft(models.Model):
    """A mailing that somebody has begun to write, as it was typed (ADR 24). Nobody else sees it."""

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    #: What it is called in a list: its name, or how its text begins.
    name = models.CharField(max_length=200, blank=True)
    #: Field of the form -> list of what was typed or chosen.
    values = models.JSONField()
    #: Counted up by each save: who saves says which one he has seen.
    version = models.IntegerField(default=1)
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ["-saved_at", "-id"]

    def __str__(self) -> str:
        return self.name or f"№ {self.pk}"
