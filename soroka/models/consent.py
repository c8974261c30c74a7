from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Act(models.TextChoices):
    """What a person did."""

    OPT_IN = "opt_in", pgettext_lazy("consent", "opt-in")
    OPT_OUT = "opt_out", pgettext_lazy("consent", "opt-out")


class Channel(models.TextChoices):
    """By which way Soroka learnt of it."""

    API = "api", pgettext_lazy("channel", "API")
    ADMIN = "admin", pgettext_lazy("channel", "admin")
    IMPORT = "import", pgettext_lazy("channel", "import")
    LINK = "link", pgettext_lazy("channel", "link in a text")
    INBOUND = "inbound", pgettext_lazy("channel", "reply to a text")


class Consent(models.Model):
    """An opt-in or opt-out as it was recorded: a row of a ledger that the database lets nobody change.

    It holds no phone, only its digest, and no text, only that of the source and wording: ``ConsentText`` has them.
    """

    id = models.BigAutoField(primary_key=True)
    #: The ``ConsentSeal`` that binds it.
    seal_id = models.BigIntegerField()
    at = models.DateTimeField(_("recorded"))
    phone_digest = models.BinaryField(max_length=32)
    #: Who had that phone then; None where nobody had.
    client_id = models.BigIntegerField(null=True)
    act = models.CharField(_("act"), max_length=7, choices=Act)
    channel = models.CharField(_("channel"), max_length=7, choices=Channel)
    text = models.ForeignKey(
        "ConsentText",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        db_column="text_digest",
        null=True,
        related_name="+",
    )
    #: The user who recorded it; empty where the client did it by himself.
    recorded_by = models.CharField(_("recorded by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-id"]
        indexes = [
            # Reader: the evidence of a phone, and whether an act is new.
            models.Index(fields=["phone_digest", "id"], name="consent_phone"),
            # Reader: the evidence of a client whose phone has changed.
            models.Index(fields=["client_id", "id"], name="consent_client"),
            # Reader: verification, seal by seal.
            models.Index(fields=["seal_id", "id"], name="consent_seal"),
            # Reader: whether somebody else's row has the same text.
            models.Index(fields=["text"], name="consent_text", condition=models.Q(text__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()} № {self.pk}"


class ConsentSeal(models.Model):
    """A link of the chain: its hash binds the rows of ``Consent`` that name it, and the hash before."""

    #: From 1, without a gap: its place in the chain.
    id = models.BigIntegerField(primary_key=True)
    rows = models.IntegerField()
    #: With which key the hash was made, see ``derived_keys.key_name``.
    key = models.IntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.pk)


class ConsentText(models.Model):
    """Source and wording of consents, once however many cite them. It may quote a person, and can be forgotten."""

    digest = models.BinaryField(max_length=32, primary_key=True)
    source = models.TextField(_("source"))
    wording = models.TextField(_("wording"))

    class Meta:
        verbose_name = _("text of a consent")
        verbose_name_plural = _("texts of consents")

    def __str__(self) -> str:
        return self.wording


class Suppression(models.Model):
    """A phone that must not be written to, whoever has it; every client who opted out has his here."""

    id = models.BigAutoField(primary_key=True)
    phone_digest = models.BinaryField(max_length=32, unique=True)
    #: With which key the digest was made, see ``derived_keys.key_name``.
    key = models.IntegerField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("suppressed phone")
        verbose_name_plural = _("suppressed phones")

    def __str__(self) -> str:
        return str(self.pk)
