from django.db import models
from django.db.models.functions import Now


class Gateway(models.Model):
    """An external sending service, and how it fares.

    The one named ``default`` takes its address and token from the environment.
    """

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField("название", max_length=64, unique=True)
    kind = models.CharField("протокол", max_length=32, default="http_jwt")
    url = models.URLField("адрес", blank=True)
    idempotent = models.BooleanField(
        "узнаёт повтор по id", default=True, help_text="Повтор с тем же id не приводит ко второму сообщению"
    )
    connections = models.PositiveSmallIntegerField("соединений у насоса", default=100)
    max_tries = models.PositiveSmallIntegerField("попыток на сообщение", default=5)

    #: How often in a row pumps had to leave it alone; 0 while it works, else it is probed with single messages.
    trouble = models.PositiveSmallIntegerField("сбоев подряд", default=0, editable=False)
    #: Nothing is claimed for it before this moment: a breaker's pause or the gateway's own Retry-After.
    paused_until = models.DateTimeField("не тревожить до", db_default=Now(), editable=False)
    #: Its address or token is wrong since then; a person has to look.
    stopped_at = models.DateTimeField("остановлен", null=True, editable=False)
    last_error = models.CharField("последняя ошибка", max_length=200, blank=True, default="", editable=False)

    class Meta:
        verbose_name = "шлюз"
        verbose_name_plural = "шлюзы"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
