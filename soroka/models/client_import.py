from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ImportState(models.TextChoices):
    """Where an import of clients is."""

    #: A person is being asked what its columns are.
    WAITING = "waiting", pgettext_lazy("import", "waits for its columns")
    QUEUED = "queued", pgettext_lazy("import", "queued")
    RUNNING = "running", pgettext_lazy("import", "running")
    FINISHED = "finished", pgettext_lazy("import", "finished")
    FAILED = "failed", pgettext_lazy("import", "failed")


class ClientImport(models.Model):
    """A file of clients that was handed in, how it is to be taken, and what became of its rows.

    ``rows``, ``taken_to`` and ``read_at`` say where to go on after a kill; they are written together with what they
    count (ADR 18).
    """

    id = models.BigAutoField(primary_key=True)
    state = models.CharField(_("state"), max_length=8, choices=ImportState, default=ImportState.QUEUED)
    filename = models.CharField(_("file"), max_length=200, blank=True)
    #: Bytes of the file.
    size = models.BigIntegerField(_("size"), db_default=0, editable=False)
    is_workbook = models.BooleanField(db_default=False, editable=False)
    #: What its bytes are, as Python names it; of no meaning for a workbook.
    encoding = models.CharField(max_length=16, db_default="utf-8", editable=False)
    delimiter = models.CharField(max_length=1, db_default=",", editable=False)
    #: The cells of the header.
    columns = ArrayField(models.TextField(), db_default=[], editable=False)
    #: What the caller says columns are: the header's cell -> a field, an attribute, or null for neither.
    mapping = models.JSONField(db_default={}, editable=False)
    create_missing_tags = models.BooleanField(db_default=True, editable=False)
    replace_tags = models.BooleanField(db_default=False, editable=False)
    dry_run = models.BooleanField(_("dry run"), db_default=False, editable=False)
    #: The share that is done, 0 to 1.
    progress = models.FloatField(_("progress"), db_default=0.0, editable=False)
    rows = models.IntegerField(_("rows"), default=0)
    added = models.IntegerField(_("added"), default=0)
    changed = models.IntegerField(_("changed"), default=0)
    unchanged = models.IntegerField(_("unchanged"), default=0)
    refused = models.IntegerField(_("refused"), default=0)
    #: When the file was read to its end and every row of it was staged.
    read_at = models.DateTimeField(null=True, editable=False)
    #: The line up to which staged rows were taken over.
    taken_to = models.IntegerField(db_default=0, editable=False)
    #: How often it was begun since the last slice that was done.
    tries = models.SmallIntegerField(db_default=0, editable=False)
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
        return self.filename or f"№ {self.pk}"

    @property
    def is_over(self) -> bool:
        """Whether nothing more becomes of it."""
        return self.state in (ImportState.FINISHED, ImportState.FAILED)


class ImportChunk(models.Model):
    """A piece of an uploaded file: the one who takes it in and the one who reads it may be on different hosts.

    Removed when the import is over; of a dry run a day later, for it may be wanted for real.
    """

    id = models.BigAutoField(primary_key=True)
    client_import = models.ForeignKey(ClientImport, models.CASCADE, related_name="chunks", db_index=False)
    number = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        verbose_name = _("piece of a file")
        verbose_name_plural = _("pieces of files")
        constraints = [
            # Reader: reading the file, piece by piece.
            models.UniqueConstraint(fields=["client_import", "number"], name="import_chunk_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.client_import_id}: {self.number}"


class ImportRow(models.Model):
    """A row of a file, checked and waiting to be taken over; a refused one stays and says why."""

    id = models.BigAutoField(primary_key=True)
    client_import = models.ForeignKey(
        ClientImport, models.CASCADE, related_name="staged", db_index=False, db_constraint=False
    )
    line = models.IntegerField()
    phone = models.BigIntegerField(null=True)
    #: As the file says; null where it does not.
    operator_code = models.SmallIntegerField(null=True)
    #: As the number says.
    derived_code = models.SmallIntegerField(null=True)
    zone_id = models.SmallIntegerField(null=True)
    #: Null where the file has no column for them.
    tag_ids = ArrayField(models.IntegerField(), null=True)
    attributes = models.JSONField(null=True)
    #: What the row says of being written to, and the wording of a consent; null where it does not.
    opted_out = models.BooleanField(null=True)
    consent = models.TextField(null=True)
    error = models.CharField(max_length=200, blank=True)
    #: The bytes of the row: of the file, or of its writing as CSV for a workbook.
    original = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of an import")
        ordering = ["line"]
        indexes = [
            # Readers: taking over slice by slice; lists of refused rows.
            models.Index(fields=["client_import", "line"], name="import_row_line"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.error or self.phone}"
