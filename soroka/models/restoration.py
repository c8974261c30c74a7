from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Restoration(models.Model):
    """A backup was brought back. As long as one is not released nothing is offered to a gateway (ADR 40).

    ``soroka restore`` makes the row in the transaction that brings the data back.
    """

    #: When the backup was made: what happened after it is not known here.
    backed_up_at = models.DateTimeField(_("backed up"))
    restored_at = models.DateTimeField(_("restored"), db_default=Now())
    released_at = models.DateTimeField(_("released"), null=True)

    class Meta:
        verbose_name = _("restoration")
        verbose_name_plural = _("restorations")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.backed_up_at:%Y-%m-%d %H:%M}"


def is_held() -> bool:
    """Whether this installation sends nothing, because a person has to look first."""
    return Restoration.objects.filter(released_at=None).exists()
