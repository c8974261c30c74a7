"""A look ahead at a cap: exact where there is time for it, else an estimate."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from soroka.audience.filter import Filter
from soroka.domain.cap import Cap
from soroka.models import Client, Mailing
from soroka.planning import draw
from soroka.planning.cap_ahead import Crowd, crowd

pytestmark = pytest.mark.django_db(transaction=True)
EVERYONE = Filter(everyone=True)


@pytest.fixture
def ahead(make_clients: Callable[..., list[Client]], make_mailing: Callable[..., Mailing]) -> Mailing:
    """A mailing that is not kept; four of eight clients have had one."""
    clients = make_clients(8)
    Client.objects.filter(pk__in=[client.pk for client in clients[1::2]]).update(tag_ids=[1])
    make_mailing(audience=Filter(tag_ids=(1,)))
    now = datetime.now(UTC)
    return Mailing(starts_at=now, ends_at=now + timedelta(hours=1), timezone="Europe/Moscow")


def test_it_counts_all_where_there_is_time(ahead: Mailing) -> None:
    assert crowd(EVERYONE, ahead, Cap(1, 7)) == Crowd(4, exact=True)
    assert crowd(EVERYONE, ahead, Cap(2, 7)) == Crowd(0, exact=True)
    assert crowd(Filter(tag_ids=(1,)), ahead, Cap(1, 7)) == Crowd(4, exact=True)


def test_it_takes_a_part_for_all_where_there_is_none(ahead: Mailing, monkeypatch: pytest.MonkeyPatch) -> None:
    last = Client.objects.order_by("-pk").values_list("pk", flat=True)[0]
    monkeypatch.setattr(draw, "_WIDTH", 2)
    monkeypatch.setattr(draw, "_SECONDS", 0.0)
    monkeypatch.setattr(draw, "newest_client_id", lambda: last)
    monkeypatch.setattr(draw.random, "shuffle", lambda parts: parts.reverse())
    found = crowd(EVERYONE, ahead, Cap(1, 7))
    assert (found.exact, found.capped) == (False, len(range(0, last, 2)))
