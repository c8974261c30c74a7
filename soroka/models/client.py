from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now

from soroka.models.zone import Zone


class Client(models.Model):
    """A recipient."""

    id = models.BigAutoField(primary_key=True)
    phone = models.BigIntegerField("телефон", unique=True, help_text="Цифры с кодом страны: 79161234567")
    operator_code = models.SmallIntegerField("код оператора")
    #: Ids of tags. An array, not a join table: one statement imports a slice, and a filter yields no client twice.
    tag_ids: "models.Field[Any, list[int]]" = ArrayField(
        models.IntegerField(), verbose_name="теги", default=list, blank=True
    )
    zone = models.ForeignKey(Zone, models.PROTECT, verbose_name="часовой пояс", related_name="+")
    attributes = models.JSONField("свойства", default=dict, blank=True)
    opted_out = models.BooleanField("отказался от рассылок", default=False)
    created_at = models.DateTimeField("создан", db_default=Now(), editable=False)
    updated_at = models.DateTimeField("изменён", auto_now=True)

    class Meta:
        verbose_name = "клиент"
        verbose_name_plural = "клиенты"
        ordering = ["id"]
        indexes = [
            # Reader: planning and lists by tag.
            GinIndex(fields=["tag_ids"], name="client_tags"),
            # Reader: planning and lists by operator code, in id order.
            models.Index(fields=["operator_code", "id"], name="client_operator_code"),
            # Reader: lists by time zone, in id order.
            models.Index(fields=["zone", "id"], name="client_zone"),
        ]

    def __str__(self) -> str:
        return f"+{self.phone}"
