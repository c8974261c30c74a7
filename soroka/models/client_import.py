from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class ImportState(models.TextChoices):
    """Where an import of clients is."""

    QUEUED = "queued", "в очереди"
    RUNNING = "running", "выполняется"
    FINISHED = "finished", "завершён"
    FAILED = "failed", "не удался"


class ClientImport(models.Model):
    """A file of clients that was handed in, and what became of its rows."""

    id = models.BigAutoField(primary_key=True)
    state = models.CharField("состояние", max_length=8, choices=ImportState, default=ImportState.QUEUED)
    filename = models.CharField("файл", max_length=200, blank=True)
    rows = models.IntegerField("строк", default=0)
    added = models.IntegerField("добавлено", default=0)
    changed = models.IntegerField("изменено", default=0)
    unchanged = models.IntegerField("без изменений", default=0)
    refused = models.IntegerField("отклонено", default=0)
    detail = models.CharField("пояснение", max_length=500, blank=True)
    created_at = models.DateTimeField("загружен", db_default=Now(), editable=False)
    finished_at = models.DateTimeField("завершён", null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name="кем загружен",
        null=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name = "импорт клиентов"
        verbose_name_plural = "импорты клиентов"
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
        verbose_name = "строка импорта"
        verbose_name_plural = "строки импорта"
        ordering = ["line"]

    def __str__(self) -> str:
        return f"{self.line}: {self.error or self.phone}"
