from django.db import models


class Zone(models.Model):
    """An IANA time zone that some client lives in. A number of its own keeps client and batch rows narrow."""

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField("часовой пояс", max_length=64, unique=True)

    class Meta:
        verbose_name = "часовой пояс"
        verbose_name_plural = "часовые пояса"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
