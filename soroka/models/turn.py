from django.db import models
from django.utils.translation import gettext_lazy as _

from soroka.models.mailing import Mailing


class Turn(models.Model):
    """When batches of a mailing were last claimed. Only ``soroka.queue.claim`` writes it.

    It is no column of the mailing: planning holds that row for as long as a slice takes, and claiming must not wait.
    """

    mailing = models.OneToOneField(
        Mailing, models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="turn"
    )
    claimed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")

    def __str__(self) -> str:
        return f"{self.pk} {self.claimed_at}"
