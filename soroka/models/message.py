from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from soroka.domain.message import Reason, Status
from soroka.models.client import Client
from soroka.models.gateway import Gateway
from soroka.models.mailing import Mailing


class Message(models.Model):
    """One mailing to one client: inserted once by planning, settled once by the queue.

    Its foreign keys carry no constraint in the database: they are right by construction (INSERT ... SELECT), and
    checking them made planning seven times slower. No column that changes is indexed, so that settling is a HOT update.
    """

    id = models.BigIntegerField(primary_key=True)
    mailing = models.ForeignKey(Mailing, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    client = models.ForeignKey(Client, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    #: A copy, so that the ledger still says who was written to when the client's own number has changed. Null: erased.
    phone = models.BigIntegerField(null=True)
    operator_code = models.SmallIntegerField()
    status = models.SmallIntegerField(db_default=Status.IN_PROCESS)
    reason = models.SmallIntegerField(null=True)
    #: The ``Reason`` with which it ends unless the offer in flight is accepted: the client opted out meanwhile.
    recalled = models.SmallIntegerField(null=True)
    tries = models.SmallIntegerField(_("failed tries"), db_default=0)
    settled_at = models.DateTimeField(_("settled"), null=True)
    #: Who refused it, or may have it: a message in doubt here is offered to no other gateway. Who accepted it, only
    #: where that is not its mailing's own gateway: it would be a sixth more of WAL. ``sender`` knows.
    gateway = models.ForeignKey(
        Gateway, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-id"]
        constraints = [
            # The promise that nobody gets a mailing twice. Reader: a client's history, one probe a mailing.
            models.UniqueConstraint(fields=["mailing", "client"], name="message_once"),
            models.CheckConstraint(
                condition=models.Q(status=Status.NOT_SENT, reason__isnull=False)
                | models.Q(status=Status.DELIVERED, reason=None)
                | models.Q(status=Status.IN_PROCESS, reason=None)
                | models.Q(status=Status.IN_PROCESS, reason=Reason.UNKNOWN),
                name="message_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def sender(self) -> Gateway | None:
        """Who accepted or refused it, or may have it; None where nobody does."""
        return self.mailing.gateway if self.status == Status.DELIVERED and not self.gateway else self.gateway


class MessageText(models.Model):
    """What a personalised mailing says to one client, written before it is offered: a repeat says the same."""

    message = models.OneToOneField(
        Message, models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="rendered"
    )
    text = models.TextField()

    class Meta:
        verbose_name = _("text of a message")
        verbose_name_plural = _("texts of messages")

    def __str__(self) -> str:
        return self.text


class Attempt(models.Model):
    """An offer that was not accepted, or a message that could not be rendered. An accepted one leaves none."""

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, models.DO_NOTHING, db_constraint=False, related_name="attempts")
    #: None where the message was never offered: it could not be rendered.
    gateway = models.ForeignKey(
        Gateway, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    at = models.DateTimeField(db_default=Now())
    #: ``rejected``, ``deferred``, ``unknown`` or ``invalid``.
    outcome = models.CharField(max_length=8)
    detail = models.CharField(max_length=200)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.detail}"
