from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from soroka.domain.send_window import SendWindow
from soroka.models.gateway import Gateway
from soroka.models.segment import Segment


class Mailing(models.Model):
    """A text, a filter of clients and a span. Its status is derived from the moments it keeps."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    text = models.TextField(_("text"))
    #: ``{"tag_ids": [1], "operator_codes": [916], "match_all": false, "everyone": false}``, or a tree of conditions:
    #: ``{"and": [{"tags": {"any": [1]}}, ...]}``. ``soroka.audience`` reads both.
    filter = models.JSONField(_("filter"))
    #: Where the filter was copied from. Reader of its index: the removal of a segment.
    segment = models.ForeignKey(
        Segment, models.SET_NULL, verbose_name=_("segment"), null=True, editable=False, related_name="+"
    )
    starts_at = models.DateTimeField(_("start"))
    ends_at = models.DateTimeField(_("end"))
    local_time = models.BooleanField(_("by the client's clock"), default=False)
    #: The service's zone when the mailing was made: its wall-clock times stay what the operator meant.
    timezone = models.CharField(_("time zone of the schedule"), max_length=64)
    #: The hours at which clients may be written to, by their own clocks, as ``soroka.domain.send_window`` writes them:
    #: ``{"from": "09:00", "to": "21:00", "days": [1, 2], "holidays": ["2027-01-01"]}``; None: at every hour.
    window = models.JSONField(_("send window"), null=True)
    #: The operator has said that it may be wider than the service's.
    widen_window = models.BooleanField(_("wider than the service's"), default=False, db_default=False)
    gateway = models.ForeignKey(Gateway, models.PROTECT, verbose_name=_("gateway"), related_name="+")
    #: Ids of the gateways that take over, in this order, what is due while those before them are down. One that was
    #: removed meanwhile is passed over.
    fallbacks = ArrayField(models.IntegerField(), verbose_name=_("fallbacks"), default=list, db_default=[], blank=True)
    #: ``{"messages": 3, "days": 7}``, that of the service where it had none of its own; null: there was none at all.
    cap = models.JSONField(_("cap"), null=True)
    #: It may be looser than that of the service.
    lift_cap = models.BooleanField(_("may exceed the service's cap"), default=False, db_default=False)
    #: The mailing whose messages in doubt this one sends once more. One alone does so of each.
    resend_of = models.OneToOneField(
        "self", models.SET_NULL, verbose_name=_("resends what is in doubt of"), null=True, editable=False,
        related_name="+",
    )  # fmt: skip
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("created by"),
        null=True,
        editable=False,
        related_name="+",
    )

    #: The highest client id when the mailing was made: clients who come later are not of its audience.
    last_client_id = models.BigIntegerField(default=0, editable=False)
    #: Clients up to this id are planned.
    planned_to = models.BigIntegerField(default=0, editable=False)
    #: How many ids the next planning slice spans.
    slice_width = models.BigIntegerField(default=50_000, editable=False)
    #: When the first of its messages is due.
    first_due_at = models.DateTimeField(_("first due"), null=True, editable=False)
    planned_at = models.DateTimeField(_("planned"), null=True, editable=False)
    paused_at = models.DateTimeField(_("paused"), null=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, editable=False)
    #: The breakdowns of a finished mailing, folded from its batches once.
    breakdown = models.JSONField(null=True, editable=False)
    #: When that was; null again once its messages are gone.
    over_at = models.DateTimeField(null=True, editable=False)
    #: When the first of its messages were removed by age, and the counts of all that were.
    gone_at = models.DateTimeField(null=True, editable=False)
    gone_total = models.BigIntegerField(default=0, db_default=0, editable=False)
    gone_delivered = models.BigIntegerField(default=0, db_default=0, editable=False)
    gone_not_sent = models.BigIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")
        ordering = ["-id"]
        indexes = [
            # Reader: the tick, which rings for mailings whose planning was interrupted.
            models.Index(fields=["id"], name="mailing_unplanned", condition=Q(planned_at=None, cancelled_at=None)),
            # Reader: the tick, which folds the breakdowns of what has finished.
            models.Index(fields=["id"], name="mailing_unfolded", condition=Q(breakdown__isnull=True)),
            # Reader: which mailings that were over lately have something in doubt.
            models.Index(
                fields=["over_at"],
                name="mailing_doubtful",
                condition=Q(over_at__isnull=False, breakdown__not_sent_by_reason__has_key="unknown"),
            ),
            # Reader: the tick, which removes the messages of what was over long ago.
            models.Index(fields=["over_at"], name="mailing_over", condition=Q(over_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name or f"№ {self.pk}"

    @property
    def send_window(self) -> SendWindow | None:
        """The hours at which clients may be written to; None: at every hour."""
        return SendWindow.from_json(self.window) if self.window else None
