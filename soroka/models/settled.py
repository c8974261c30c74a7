from django.db import models
from django.utils.translation import gettext_lazy as _

from soroka.models.gateway import Gateway
from soroka.models.mailing import Mailing


class Settled(models.Model):
    """So many messages of closed batches were settled in a quarter of an hour.

    Nobody writes it but a trigger of ``soroka_batch``, from the breakdowns of batches (ADR 31). What is in open
    batches is not in here; what was removed by age is.
    """

    #: Of all zones the days begin at a quarter: sums by anybody's days are sums of rows.
    pk = models.CompositePrimaryKey("at", "mailing", "gateway")
    #: When the quarter begins, UTC.
    at = models.DateTimeField()
    mailing = models.ForeignKey(Mailing, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    gateway = models.ForeignKey(Gateway, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    delivered = models.BigIntegerField(db_default=0)
    not_sent = models.BigIntegerField(db_default=0)

    class Meta:
        verbose_name = _("quarter of an hour")
        verbose_name_plural = _("quarters of an hour")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {self.delivered} + {self.not_sent}"
