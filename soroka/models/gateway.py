import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
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
    connections = models.PositiveSmallIntegerField(_("connections of a pump"), default=100)
    max_tries = models.PositiveSmallIntegerField(_("tries of a message"), default=5)

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
