import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator as AtMost
from django.core.validators import MinValueValidator as AtLeast
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class GatewayState(models.TextChoices):
    """How a gateway fares."""

    WORKING = "working"
    #: It is left alone for a while, and probed.
    FAILING = "failing"
    #: Its address or token is wrong; a person has to look.
    STOPPED = "stopped"


class UnreadableToken(ValueError):
    """The token was kept under another SECRET_KEY; the message says what to do."""


class Gateway(models.Model):
    """An external sending service, and how it fares.

    The one named ``default`` takes its address and token from the environment.
    """

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=64, unique=True)
    kind = models.CharField(_("protocol"), max_length=32, default="http_jwt")
    url = models.URLField(_("address"), blank=True)
    idempotent = models.BooleanField(
        _("knows a repeat by its id"),
        default=True,
        help_text=_("Repeating a message under the same id does not send it twice"),
    )

    connections = models.PositiveSmallIntegerField(
        _("requests under way at once"), default=200, validators=[AtLeast(1)], help_text=_("Over all pumps and hosts.")
    )
    rate = models.FloatField(
        _("messages a second"),
        null=True,
        blank=True,
        validators=[AtLeast(0.001), AtMost(1_000_000)],
        help_text=_("Over all pumps and hosts. Left empty: no limit."),
    )
    burst = models.PositiveIntegerField(
        _("burst"),
        default=10,
        validators=[AtLeast(1), AtMost(1_000_000)],
        help_text=_("So many messages more than that may come within one second; a tenth of it or more is well."),
    )

    max_tries = models.PositiveSmallIntegerField(_("tries of a message"), default=5, validators=[AtLeast(1)])
    #: Seconds; see ``soroka.domain.verdict.Policy``.
    backoff_base = models.FloatField(
        _("first backoff, seconds"),
        default=0.5,
        validators=[AtLeast(0.01)],
        help_text=_("It doubles with every failed try of a message."),
    )
    backoff_cap = models.FloatField(_("longest backoff, seconds"), default=300.0, validators=[AtMost(86_400)])
    jitter = models.FloatField(
        _("jitter"),
        default=1.0,
        validators=[AtLeast(0), AtMost(1)],
        help_text=_("The share of a backoff that is drawn at random: 0 for none of it, 1 for all."),
    )

    #: Encrypted; ``set_token`` and ``read_token`` are the ways in and out.
    token = models.TextField(blank=True, default="", editable=False)

    #: How often in a row pumps had to leave it alone; 0 while it works, else it is probed with single messages.
    trouble = models.PositiveSmallIntegerField(_("failures in a row"), default=0, editable=False)
    #: When it last took or refused a message.
    answered_at = models.DateTimeField(null=True, editable=False)
    #: Nothing is claimed for it before this moment: a breaker's pause or the gateway's own Retry-After.
    paused_until = models.DateTimeField(_("left alone until"), db_default=Now(), editable=False)
    #: Its address or token is wrong since then; a person has to look.
    stopped_at = models.DateTimeField(_("stopped"), null=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=200, blank=True, default="", editable=False)

    class Meta:
        verbose_name = _("gateway")
        verbose_name_plural = _("gateways")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> GatewayState:
        """How it fares, as far as the row tells."""
        if self.stopped_at:
            return GatewayState.STOPPED
        return GatewayState.FAILING if self.trouble else GatewayState.WORKING

    def clean(self) -> None:
        """Raises ValidationError that names the field."""
        base, cap = self.backoff_base, self.backoff_cap
        if None not in (base, cap) and base > cap:
            raise ValidationError({"backoff_cap": _("Must be at least the first backoff.")})

    def set_token(self, token: str) -> None:
        """Keep a token, encrypted by a key that is derived from SECRET_KEY; the caller saves the row."""
        self.token = _cipher().encrypt(token.encode()).decode() if token else ""

    def read_token(self) -> str:
        """The token, empty where there is none. Raises UnreadableToken."""
        try:
            return _cipher().decrypt(self.token).decode() if self.token else ""
        except InvalidToken:
            raise UnreadableToken(
                f"The token of gateway {self.name} was kept under another SECRET_KEY: enter it anew in the admin."
            ) from None


def _cipher() -> Fernet:
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"gateway token").digest()
    return Fernet(base64.urlsafe_b64encode(key))
