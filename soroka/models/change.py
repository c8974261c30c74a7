from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Deed(models.TextChoices):
    """What was done."""

    CREATED = "created", pgettext_lazy("trail", "made")
    CHANGED = "changed", pgettext_lazy("trail", "changed")
    DELETED = "deleted", pgettext_lazy("trail", "deleted")
    PAUSED = "paused", pgettext_lazy("trail", "paused")
    RESUMED = "resumed", pgettext_lazy("trail", "resumed")
    CANCELLED = "cancelled", pgettext_lazy("trail", "cancelled")
    RESENT = "resent", pgettext_lazy("trail", "what is in doubt was sent once more")
    OPTED_OUT = "opted_out", pgettext_lazy("trail", "opted out")
    OPTED_IN = "opted_in", pgettext_lazy("trail", "opted in")
    IMPORTED = "imported", pgettext_lazy("trail", "imported")
    EXPORTED = "exported", pgettext_lazy("trail", "exported")
    ERASED = "erased", pgettext_lazy("trail", "erased")
    LOGGED_IN = "logged_in", pgettext_lazy("trail", "logged in")
    LOCKED_OUT = "locked_out", pgettext_lazy("trail", "locked out")
    TRIAL = "trial", pgettext_lazy("trail", "trial send")


class Change(models.Model):
    """An entry of the trail: who did what to which row, when and from where (ADR 26).

    The database lets nobody change or remove it, but for what it says of a client, which erasure empties.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("moment"), db_default=Now())
    #: The user, or the API key by its name; of the command line the login on the machine. Empty for the service.
    actor = models.CharField(_("who"), max_length=150, blank=True)
    #: ``user``, ``key``, ``command`` or ``service``.
    actor_kind = models.CharField(max_length=8)
    #: ``api``, ``admin``, ``command`` or ``service``.
    channel = models.CharField(_("channel"), max_length=8)
    address = models.GenericIPAddressField(_("address"), null=True)
    request_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(_("what"), max_length=10, choices=Deed)
    #: The table, as Django names the model: ``client``.
    kind = models.CharField(_("object"), max_length=16)
    object_id = models.BigIntegerField(_("number"), null=True)
    #: What the row was called; empty for clients, whose name is their phone.
    name = models.CharField(max_length=200, blank=True)
    #: Field -> value; of a change only what differs.
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("entry of the trail")
        verbose_name_plural = _("changes")
        ordering = ["-id"]
        indexes = [
            # Reader: the history of a row; erasure.
            models.Index(fields=["kind", "object_id", "id"], name="change_object"),
            # Reader: what somebody did.
            models.Index(fields=["actor", "id"], name="change_actor"),
            # Reader: the trail by action.
            models.Index(fields=["action", "id"], name="change_action"),
            # Readers: the search of the trail.
            models.Index(fields=["name", "id"], name="change_name"),
            models.Index(fields=["address", "id"], name="change_address"),
            models.Index(fields=["request_id", "id"], name="change_request"),
            # Reader: the trail between two moments; rows lie in that order.
            BrinIndex(fields=["at"], name="change_at"),
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"
