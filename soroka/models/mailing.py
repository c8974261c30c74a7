from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from soroka.models.gateway import Gateway


class Mailing(models.Model):
    """A text, a filter of clients and a window. Its status is derived from the moments it keeps."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField("название", max_length=200, blank=True)
    text = models.TextField("текст")
    #: ``{"tag_ids": [1], "operator_codes": [916], "match": "any" | "all", "everyone": false}``
    filter = models.JSONField("фильтр")
    starts_at = models.DateTimeField("начало")
    ends_at = models.DateTimeField("окончание")
    local_time = models.BooleanField("по часам клиента", default=False)
    #: The service's zone when the mailing was made: its wall-clock times stay what the operator meant.
    timezone = models.CharField("пояс расписания", max_length=64)
    gateway = models.ForeignKey(Gateway, models.PROTECT, verbose_name="шлюз", related_name="+")
    created_at = models.DateTimeField("создана", db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name="кем создана",
        null=True,
        editable=False,
        related_name="+",
    )

    #: The highest client id when the mailing was made: clients who come later are not of its audience.
    last_client_id = models.BigIntegerField(default=0, editable=False)
    #: Clients up to this id are planned.
    planned_to = models.BigIntegerField(default=0, editable=False)
    #: How many ids the next planning slice spans.
    slice_width = models.BigIntegerField(default=50_000, editable=False)
    #: When the first of its messages is due.
    first_due_at = models.DateTimeField("первый срок", null=True, editable=False)
    planned_at = models.DateTimeField("распланирована", null=True, editable=False)
    paused_at = models.DateTimeField("приостановлена", null=True, editable=False)
    cancelled_at = models.DateTimeField("отменена", null=True, editable=False)
    #: The breakdowns of a finished mailing, folded from its batches once.
    breakdown = models.JSONField(null=True, editable=False)

    class Meta:
        verbose_name = "рассылка"
        verbose_name_plural = "рассылки"
        ordering = ["-id"]
        indexes = [
            # Reader: the tick, which rings for mailings whose planning was interrupted.
            models.Index(fields=["id"], name="mailing_unplanned", condition=Q(planned_at=None, cancelled_at=None)),
            # Reader: the tick, which folds the breakdowns of what has finished.
            models.Index(fields=["id"], name="mailing_unfolded", condition=Q(breakdown__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.name or f"№ {self.pk}"
