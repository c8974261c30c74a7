from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from soroka.domain.message import BatchState
from soroka.models.gateway import Gateway
from soroka.models.mailing import Mailing
from soroka.models.zone import Zone


class Batch(models.Model):
    """Up to 1,000 messages of one mailing and one time zone with ids ``id_from..id_to``: the unit of the queue.

    Only ``soroka.planning`` inserts batches and only ``soroka.queue`` changes them.
    """

    id = models.BigAutoField(primary_key=True)
    mailing = models.ForeignKey(Mailing, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="batches")
    gateway = models.ForeignKey(Gateway, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    zone = models.ForeignKey(Zone, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    id_from = models.BigIntegerField()
    id_to = models.BigIntegerField()
    total = models.IntegerField()
    delivered = models.IntegerField(db_default=0)
    not_sent = models.IntegerField(db_default=0)

    state = models.SmallIntegerField(db_default=BatchState.READY)
    #: Its mailing is paused: the batch keeps its state and is neither claimed nor offered.
    held = models.BooleanField(db_default=False)
    #: The ``Reason`` with which its unsettled messages are to be closed; 0: its
    #: mailing does not want them any more (it is 0 then too), and they are removed.
    closing = models.SmallIntegerField(null=True)

    created_at = models.DateTimeField(db_default=Now())
    #: Not before. Never overwritten: lateness is counted from it, but for ``shut_seconds``.
    due_at = models.DateTimeField()
    #: The next offering: ``due_at`` first, later the end of a backoff.
    next_at = models.DateTimeField()
    #: Not after: the deadline, or the end of the present opening of the mailing's send window.
    expires_at = models.DateTimeField()
    #: The clients' own deadline, of a mailing with a send window: what is left at ``expires_at`` goes on in the next
    #: opening before it. None: ``expires_at`` is the deadline.
    deadline = models.DateTimeField(null=True)
    #: When the present opening begins, from the second on.
    opens_at = models.DateTimeField(null=True)
    #: Seconds for which the window was shut since it was due: they are no lateness.
    shut_seconds = models.FloatField(db_default=0.0)

    #: The random token of the pump that holds it.
    owner = models.BigIntegerField(null=True)
    #: Raised by every claim: with ``owner`` the fence that every later write must name.
    epoch = models.IntegerField(db_default=0)
    claimed_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    #: Ids up to this one were offered under the present lease: the point of no return.
    offered_to = models.BigIntegerField(null=True)
    #: Leases in a row that ran out with something offered and unanswered.
    crashes = models.SmallIntegerField(db_default=0)

    first_offered_at = models.DateTimeField(null=True)
    #: Messages by bucket of lateness (``soroka.domain.lateness``), counted at their first offer.
    lateness = ArrayField(models.IntegerField(), default=list)
    lateness_max = models.FloatField(db_default=0.0)
    #: Counts by reason, operator code and minute, written once when the batch closes.
    breakdown = models.JSONField(null=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["id"]
        indexes = [
            # Reader: claim, which walks the mailings of a gateway and takes what is due.
            models.Index(
                fields=["gateway", "mailing", "next_at"],
                name="batch_ready",
                condition=Q(state=BatchState.READY, held=False),
            ),
            # Reader: the sweep of passed deadlines.
            models.Index(fields=["expires_at"], name="batch_expires", condition=Q(state=BatchState.READY)),
            # Reader: rescue.
            models.Index(fields=["lease_until"], name="batch_leased", condition=Q(state=BatchState.LEASED)),
            # Reader: the task that closes what was withdrawn or expired.
            models.Index(fields=["id"], name="batch_closing", condition=Q(state=BatchState.CLOSING)),
            # Reader: whether a mailing has finished; pause, resume and cancel.
            models.Index(fields=["mailing"], name="batch_open", condition=~Q(state=BatchState.CLOSED)),
            # Reader: planning under a cap, which looks for mailings that have something due within its days.
            models.Index(fields=["due_at"], include=["mailing"], name="batch_due"),
            # Reader: the same, for what was put off by its window.
            models.Index(
                fields=["opens_at"], include=["mailing"], name="batch_opens", condition=Q(opens_at__isnull=False)
            ),
            # Reader: which mailings that are not over have something in doubt.
            models.Index(fields=["mailing"], name="batch_doubtful", condition=Q(breakdown__reasons__has_key="unknown")),
            # Reader: the batch of a message; sums of a mailing.
            models.Index(fields=["mailing", "id_from"], name="batch_mailing"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(delivered__gte=0, not_sent__gte=0, total__gte=F("delivered") + F("not_sent")),
                name="batch_counts_add_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} [{self.id_from}..{self.id_to}]"
