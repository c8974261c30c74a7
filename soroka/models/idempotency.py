from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from soroka.models.mailing import Mailing


class IdempotencyKey(models.Model):
    """What a caller named a request, so that repeating it makes no second mailing. It holds for 24 hours."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    #: SHA-256 of what was asked, hex.
    fingerprint = models.CharField(max_length=64)
    #: None inside the transaction that makes it, and once the mailing is removed: repeating makes it no second time.
    mailing = models.ForeignKey(Mailing, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            # Readers: the repeated request, and the insert that a hundred of them race for.
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once"),
        ]
        indexes = [
            # Reader: the chore that removes what is older than a day.
            models.Index(fields=["created_at"], name="idempotency_age"),
        ]

    def __str__(self) -> str:
        return self.key
