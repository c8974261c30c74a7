from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ReportMail(models.Model):
    """The report of one day to one recipient, and what became of it."""

    id = models.BigAutoField(primary_key=True)
    #: The day that is reported on, by the service's zone.
    day = models.DateField(_("day"))
    address = models.CharField(_("recipient"), max_length=254)
    #: Counted when a try begins: one that ended with its process is counted as well.
    tries = models.SmallIntegerField(_("tries"), db_default=0)
    #: Nobody begins a try before. It is moved on by the same statement that begins one.
    next_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(_("sent"), null=True)
    #: When nobody would try any more.
    given_up_at = models.DateTimeField(null=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True, db_default="")

    class Meta:
        verbose_name = _("report sent by e-mail")
        verbose_name_plural = _("reports sent by e-mail")
        ordering = ["-day", "address"]
        constraints = [
            # Reader: whether a day is on record. The table has a row a day and recipient, and forgets old ones.
            models.UniqueConstraint(fields=["day", "address"], name="report_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.address}"
