import hmac
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from soroka.models.derived_keys import key_name, keys_of

#: Of the secret that an app has, in bytes: RFC 4226 recommends so many, and apps expect no more.
_LENGTH = 20


class KeyGone(Exception):
    """Its key is not among SUPPRESSION_KEY any more: no code can be judged."""


class Totp(TOTPDevice):  # type: ignore[misc]  # it has no types
    """The app of a user that shows him codes.

    The row has but a half of its secret. The other half is a key of this installation, which ``name`` names: who has a
    copy of the database makes no codes of it.
    """

    objects: ClassVar["models.Manager[Totp]"]
    name: str

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With the key of today, where it is new."""
        self.name = self.name or str(key_name(keys_of("second factor")[0]))
        super().save(*args, **kwargs)

    @property
    def bin_key(self) -> bytes:
        """The secret that the app has. Raises KeyGone."""
        for key in keys_of("second factor"):
            if str(key_name(key)) == self.name:
                return hmac.digest(key, super().bin_key, "sha256")[:_LENGTH]
        raise KeyGone
