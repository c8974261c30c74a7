"""Pages cost the same however many rows there are."""

import re
from contextlib import contextmanager

import psycopg
import pytest
from django.contrib.auth.models import User

from soroka.models import Client
from tests.admin.everything import addresses, grow, opened

MOST_QUERIES = 16
COUNTING = re.compile(r"\bcount\(.*\b(?:FROM|JOIN)\s+\"?(?:soroka_client|soroka_message)\b", re.IGNORECASE | re.DOTALL)
#: Parts of pages, fetched by themselves, that count the messages of a bounded number of batches.
BOUNDED = {
    "/admin/soroka/mailing/1/change/?part=breakdown",
    "/admin/soroka/mailing/1/change/?part=course",
    "/admin/soroka/mailing/1/report/",
    "/admin/soroka/gateway/1/change/",
    "/admin/soroka/gateway/1/change/?part=fares",
}


@pytest.fixture
def statements(monkeypatch):
    """``with statements() as seen``: whatever goes to the database, by Django's cursors or not."""
    seen: list[str] = []
    execute = psycopg.Cursor.execute

    def noting(cursor, query, *args, **kwargs):
        seen.append(query if isinstance(query, str) else str(query))
        return execute(cursor, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", noting)

    @contextmanager
    def watched():
        seen.clear()
        yield seen

    return watched


@pytest.fixture
def desk(enter):
    """An administrator who sees every page."""
    browser = enter("admin", "en")
    User.objects.filter(username="admin").update(is_superuser=True)
    return browser


@pytest.fixture
def costs(desk, statements):
    """``costs()``: of every page and of every part that it fetches, the statements it runs."""

    def measure():
        found, pages = {}, addresses()
        with statements() as seen:
            for address, answer in opened(desk, pages):
                assert answer.status_code < 500, address
                name = re.sub(r"=[^&]*\d[^&]*", "=…", re.sub(r"/\d+/", "/1/", address))
                found[name] = list(seen)
                seen.clear()
        return found

    return measure


def test_every_page_costs_the_same_with_thirty_rows_as_with_three(costs, make_mailing):
    grow(3, make_mailing)
    costs()  # what the process keeps from now on is no part of the cost
    few = costs()
    grow(27, make_mailing)
    many = costs()
    assert len(many) > 80
    assert {page: (len(few[page]), len(many[page])) for page in many if len(many[page]) != len(few[page])} == {}
    assert {page: len(seen) for page, seen in many.items() if len(seen) > MOST_QUERIES} == {}
    counting = {page: seen for page, run in many.items() if (seen := [sql for sql in run if COUNTING.search(sql)])}
    assert {page: seen for page, seen in counting.items() if page not in BOUNDED} == {}


@pytest.mark.parametrize(
    "query",
    [
        "client/?tag={tag}", "client/?operator_code=916", "client/?opted_out=0", "client/?q=7916", "client/?zone=1",
        "message/?mailing={mailing}", "message/?mailing={mailing}&status=in_process", "message/?q={phone}",
        "message/?client={client}",
    ],
)  # fmt: skip
def test_a_filter_costs_the_same_with_a_hundred_rows_as_with_three(
    desk, statements, make_clients, make_mailing, vip, query
):
    def cost():
        with statements() as seen:
            assert desk.get(f"/admin/soroka/{query.format(**named)}").status_code == 200
            assert not [sql for sql in seen if COUNTING.search(sql)]
            return len(seen)

    make_clients(3, tag_ids=[vip.pk])
    mailing, client = make_mailing(), Client.objects.first()
    named = {"tag": vip.pk, "mailing": mailing.pk, "client": client.pk, "phone": client.phone}
    cost()
    few = cost()
    make_clients(97, tag_ids=[vip.pk])
    make_mailing(name="Large")
    assert cost() == few


def test_it_leafs_through_without_a_count(enter, make_clients):
    make_clients(120)
    browser = enter("viewer", "en")
    pages = [browser.get(f"/admin/soroka/client/?p={number}") for number in (1, 2, 3)]
    assert [len(page.context["cl"].result_list) for page in pages] == [50, 50, 20]
    assert [b'rel="next"' in page.content for page in pages] == [True, True, False]
    assert browser.get("/admin/soroka/client/?p=201").status_code == 302
