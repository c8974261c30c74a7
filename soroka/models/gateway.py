from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator as AtMost
from django.core.validators import MinValueValidator as AtLeast
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from soroka.models.sealed import UnknownKey, seal, unseal


class GatewayState(models.TextChoices):
    """How a gateway fares."""

    WORKING = "working"
    #: It is left alone for a while, and probed.
    FAILING = "failing"
    #: Its address or token is wrong; a person has to look.
    STOPPED = "stopped"


class UnreadableToken(ValueError):
    """The token was sealed with a key that is gone; the message says what to do."""


class Gateway(models.Model):
    """An external sending service, and how it fares.

    The one named ``default`` takes its address and token from the environment.
    """

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=64, unique=True)
    kind = models.CharField(_("protocol"), max_length=32, default="http_jwt", db_default="http_jwt")
    url = models.URLField(_("address"), blank=True, default="", db_default="")
    idempotent = models.BooleanField(
        _("knows a repeat by its id"),
        default=True,
        db_default=True,
        help_text=_("Repeating a message under the same id does not send it twice"),
    )

    connections = models.PositiveSmallIntegerField(
        _("requests under way at once"),
        default=200,
        db_default=200,
        validators=[AtLeast(1)],
        help_text=_("Over all pumps and hosts."),
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
        db_default=10,
        validators=[AtLeast(1), AtMost(1_000_000)],
        help_text=_("So many messages more than that may come within one second; a tenth of it or more is well."),
    )

    max_tries = models.PositiveSmallIntegerField(
        _("tries of a message"), default=5, db_default=5, validators=[AtLeast(1)]
    )
    #: Seconds; see ``soroka.domain.verdict.Policy``.
    backoff_base = models.FloatField(
        _("first backoff, seconds"),
        default=0.5,
        db_default=0.5,
        validators=[AtLeast(0.01)],
        help_text=_("It doubles with every failed try of a message."),
    )
    backoff_cap = models.FloatField(
        _("longest backoff, seconds"), default=300.0, db_default=300.0, validators=[AtMost(86_400)]
    )
    jitter = models.FloatField(
        _("jitter"),
        default=1.0,
        db_default=1.0,
        validators=[AtLeast(0), AtMost(1)],
        help_text=_("The share of a backoff that is drawn at random: 0 for none of it, 1 for all."),
    )

    #: Encrypted; ``set_token`` and ``read_token`` are the ways in and out.
    token = models.TextField(blank=True, default="", db_default="", editable=False)
    #: What the gateway signs the replies with that it hands in; encrypted as well.
    inbound_secret = models.TextField(blank=True, default="", db_default="", editable=False)

    #: How often in a row pumps had to leave it alone; 0 while it works, else it is probed with single messages.
    trouble = models.PositiveSmallIntegerField(_("failures in a row"), default=0, db_default=0, editable=False)
    #: When it last took or refused a message.
    answered_at = models.DateTimeField(null=True, editable=False)
    #: Nothing is claimed for it before this moment: a breaker's pause or the gateway's own Retry-After.
    paused_until = models.DateTimeField(_("left alone until"), db_default=Now(), editable=False)
    #: Its address or token is wrong since then; a person has to look.
    stopped_at = models.DateTimeField(_("stopped"), null=True, editable=False)
    last_error = models.CharField(
        _("last error"), max_length=200, blank=True, default="", db_default="", editable=False
    )

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
        """Keep a token, sealed with the first of GATEWAY_KEYS; the caller saves the row."""
        self.token = seal(token)

    def read_token(self) -> str:
        """The token, empty where there is none. Raises UnreadableToken."""
        return self._opened(self.token, "token")

    def set_inbound_secret(self, secret: str) -> None:
        """The same for the secret of its inbound replies."""
        self.inbound_secret = seal(secret)

    def read_inbound_secret(self) -> str:
        """The secret of its inbound replies, empty where there is none. Raises UnreadableToken."""
        return self._opened(self.inbound_secret, "inbound secret")

    def _opened(self, kept: str, name: str) -> str:
        try:
            return unseal(kept)
        except UnknownKey:
            raise UnreadableToken(
                f"The {name} of gateway {self.name} was kept under a key that is not in GATEWAY_KEYS: "
                "add that key after the first one, or enter it anew in the admin."
            ) from None
