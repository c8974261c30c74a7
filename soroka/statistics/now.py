"""What goes on at this moment, for a page that asks every two seconds: a few statements over what is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Value, When, Window
from django.db.models.functions import Now as DatabaseNow

from soroka.domain.message import MailingStatus
from soroka.models import Gateway, Mailing
from soroka.models.status import statuses
from soroka.statistics.condition import failures
from soroka.statistics.health import Services, services
from soroka.statistics.needs import Need, needs
from soroka.statistics.tally import Counts, counts
from soroka.statistics.totals import delivered_in_closed
from soroka.statistics.work import Queue, Work, queue, work

#: Mailings and gateways that the page shows; the lists of them have the rest.
SHOWN = 10
#: Hours for which what failed is shown.
LATELY = 24


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A mailing that is not over. open_: what is not closed of it, by gateway."""

    mailing: Mailing
    status: MailingStatus
    counts: Counts
    open_: list[Work]


@dataclass(frozen=True, slots=True)
class AtGateway:
    """A gateway. delivered: a figure that grows with what it takes, within the hours from ``Now.since`` on."""

    gateway: Gateway
    delivered: int


@dataclass(frozen=True, slots=True)
class Now:
    """One look. mailings, gateways: those that matter most.  ..._in_all: how many there are.  since: UTC."""

    services: Services
    queue: Queue
    mailings: list[UnderWay]
    mailings_in_all: int
    gateways: list[AtGateway]
    gateways_in_all: int
    since: datetime
    needs: list[Need]


def look(most: int, now: datetime) -> Now:
    """How it goes, with so many mailings and gateways at most. now: aware; the hour of it is all that counts."""
    since = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    open_, found = work(), services()
    rows = list(_not_over()[:most])
    gateways = list(Gateway.objects.order_by(F("stopped_at").asc(nulls_last=True), "-trouble", "name"))
    return Now(
        services=found,
        queue=queue(open_),
        mailings=_under_way(rows, open_),
        mailings_in_all=rows[0].in_all if rows else 0,
        gateways=_at_gateways(gateways[:most], open_, since),
        gateways_in_all=len(gateways),
        since=since,
        needs=needs(found, gateways, failures(LATELY)),
    )


def _not_over() -> "QuerySet[Any]":
    """By the index mailing_unfolded: those that are sent now before those that wait, the newest first."""
    waits = Case(
        When(Q(first_due_at__lte=DatabaseNow()) & Q(paused_at=None) & Q(cancelled_at=None), then=Value(0)),
        When(first_due_at__lte=DatabaseNow(), then=Value(1)),
        default=Value(2),
    )
    rows = Mailing.objects.filter(breakdown__isnull=True).defer("text", "filter", "window")
    return rows.annotate(waits=waits, in_all=Window(Count("*"))).order_by("waits", "-id")


def _under_way(rows: Sequence[Mailing], open_: Sequence[Work]) -> list[UnderWay]:
    ids = [mailing.pk for mailing in rows]
    status, four = statuses(ids), counts(ids)
    return [
        UnderWay(row, status[row.pk], four[row.pk], [each for each in open_ if each.mailing_id == row.pk])
        for row in rows
        if row.pk in status  # one that was removed meanwhile has none
    ]


def _at_gateways(gateways: Sequence[Gateway], open_: Sequence[Work], since: datetime) -> list[AtGateway]:
    closed = delivered_in_closed(since)
    return [
        AtGateway(row, closed.get(row.pk, 0) + sum(each.delivered for each in open_ if each.gateway_id == row.pk))
        for row in gateways
    ]
