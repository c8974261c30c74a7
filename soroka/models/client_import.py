from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ImportState(models.TextChoices):
    """Where an import of clients is."""

    QUEUED = "queued", pgettext_lazy("import", "queued")
    RUNNING = "running", pgettext_lazy("import", "running")
    FINISHED = "finished", pgettext_lazy("import", "finished")
    FAILED = "failed", pgettext_lazy("import", "failed")


class ClientImport(models.Model):
    """A file of clients that was handed in, and what became of its rows."""

    id = models.BigAutoField(primary_key=True)
    state = models.CharField(_("state"), max_length=8, choices=ImportState, default=ImportState.QUEUED)
    filename = models.CharField(_("file"), max_length=200, blank=True)
    rows = models.IntegerField(_("rows"), default=0)
    added = models.IntegerField(_("added"), default=0)
    changed = models.IntegerField(_("changed"), default=0)
    unchanged = models.IntegerField(_("unchanged"), default=0)
    refused = models.IntegerField(_("refused"), default=0)
    detail = models.CharField(_("explanation"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("handed in"), db_default=Now(), editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("handed in by"),
        null=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name = _("import of clients")
        verbose_name_plural = _("imports of clients")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.filename} ({self.get_state_display()})"


class ImportRow(models.Model):
    """A row of a file, checked and waiting to be taken over; a refused one stays and says why."""

    id = models.BigAutoField(primary_key=True)
    client_import = models.ForeignKey(ClientImport, models.CASCADE, related_name="staged")
    line = models.IntegerField()
    phone = models.BigIntegerField(null=True)
    operator_code = models.SmallIntegerField(null=True)
    zone_id = models.SmallIntegerField(null=True)
    tag_ids = ArrayField(models.IntegerField(), null=True)
    attributes = models.JSONField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of an import")
        ordering = ["line"]

    def __str__(self) -> str:
        return f"{self.line}: {self.error or self.phone}"
