from django.conf import settings
from django.db import models


class OwnNumber(models.Model):
    """A phone to which a user sends test messages: his own, as he says (ADR 24)."""

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    phone = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            # Reader: erasure, by phone.
            models.UniqueConstraint(fields=["phone", "owner"], name="own_number_once"),
        ]

    def __str__(self) -> str:
        return f"+{self.phone}"
