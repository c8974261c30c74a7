from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ApiKey(models.Model):
    """A program's credential. The secret itself is shown once and kept as a hash only.

    It acts as a user of its own, who cannot log in with a password and carries the role.
    """

    id = models.AutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=64, unique=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, editable=False, related_name="api_key")
    #: SHA-256 of the secret, hex. The secret has 256 random bits, so that no slow hash is needed.
    digest = models.CharField(max_length=64, unique=True, editable=False)
    #: See ``soroka.domain.scope``; none: whatever its role may.
    scopes = ArrayField(
        models.CharField(max_length=32), verbose_name=_("scopes"), default=list, db_default=[], blank=True
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
