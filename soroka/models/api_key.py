import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from soroka.domain.role import Role


class ApiKey(models.Model):
    """A program's credential. The secret itself is shown once and kept as a hash only.

    It acts as a user of its own, who cannot log in with a password and carries the role.
    """

    id = models.AutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=64, unique=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, editable=False, related_name="api_key")
    #: SHA-256 of the secret, hex. The secret has 256 random bits, so that no slow hash is needed.
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@transaction.atomic
def issue(name: str, role: Role, expires_at: datetime | None = None) -> tuple[ApiKey, str]:
    """Make a key and the user that it acts as; returns it with its secret, which cannot be read again.

    expires_at: aware; None means never.  Raises IntegrityError where the name is taken.
    """
    secret = secrets.token_urlsafe(32)
    user = User.objects.create_user(f"api key {name}")  # a space: no person's name can look like it
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return ApiKey.objects.create(name=name, user=user, digest=digest_of(secret), expires_at=expires_at), secret


def digest_of(secret: str) -> str:
    """What is kept of a secret: SHA-256, hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
