"""Mailings of a given size, planned as the service plans them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from soroka.audience.filter import Filter
from soroka.bench.clients import make_clients
from soroka.bench.errors import BenchError
from soroka.models import Gateway, Mailing
from soroka.models.clock import database_now
from soroka.planning import launch
from soroka.statistics import tally

TEXT = "Сорока на хвосте принесла: завтра ваш заказ будет у вас."
TEMPLATE = "{{ name }}, сорока на хвосте принесла: завтра ваш заказ будет у вас."
_LIFETIME = timedelta(days=1)
_PLANNING_SECONDS = 60.0


def planned(messages: int, *, text: str = TEXT, starts_at: datetime | None = None) -> Mailing:
    """A mailing to the first ``messages`` clients, planned whole. starts_at: aware; None means now.

    The log is written out first, so that each measurement begins with the same distance to the next checkpoint.
    """
    make_clients(messages)
    mailing = launch.create_mailing(
        name=f"{messages:,} messages",
        text=text,
        audience=Filter(everyone=True),
        starts_at=starts_at,
        ends_at=(starts_at or database_now()) + _LIFETIME,
        local_time=False,
        gateway=default_gateway(),
        user=None,
    )
    Mailing.objects.filter(pk=mailing.pk).update(last_client_id=messages)
    plan(mailing)
    checkpoint()
    return mailing


def plan(mailing: Mailing) -> None:
    """Plan what is left to be planned, as the task does, without the pauses between its turns."""
    while not launch.plan(mailing.pk, seconds=_PLANNING_SECONDS):
        pass


def checkpoint() -> None:
    """Write everything out."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")


def require_delivered(mailing: Mailing, messages: int) -> None:
    """Raises BenchError unless exactly so many messages were delivered and none is left: else a rate means nothing."""
    counts = tally.counts([mailing.pk])[mailing.pk]
    if counts != tally.Counts(total=messages, delivered=messages):
        raise BenchError(f"of {messages} messages this became: {counts.as_dict()}")


def default_gateway() -> Gateway:
    """The only gateway there is."""
    return Gateway.objects.get(name="default")


def set_gateway(*, kind: str, connections: int) -> None:
    """Change the gateway for the pumps to come. connections: of each pump."""
    Gateway.objects.filter(name="default").update(kind=kind, connections=connections * settings.PUMPS)
