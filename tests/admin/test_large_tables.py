"""Pages cost the same however many rows there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from soroka.models import Client, Message

MOST_QUERIES = 12


def cost(browser, address) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return [query["sql"] for query in captured]


@pytest.fixture
def addresses(make_clients, vip, make_mailing):
    """Pages of messages, clients and their mailing, once there are ten of each."""
    make_clients(10, tag_ids=[vip.pk])
    mailing = make_mailing()
    client, message = Client.objects.first(), Message.objects.first()
    lists = [f"client/?{query}" for query in ("", f"tag={vip.pk}", "operator_code=916", "opted_out=0", "q=7916")]
    lists += [f"message/?{query}" for query in ("", f"mailing={mailing.pk}", f"mailing={mailing.pk}&status=in_process")]
    lists += [f"message/?q={client.phone}", f"message/?client={client.pk}"]
    rows = [f"client/{client.pk}/change/", f"client/{client.pk}/delete/", f"message/{message.pk}/change/"]
    of_mailing = [f"mailing/{mailing.pk}/change/{part}" for part in ("", "?part=counts", "?part=breakdown")]
    return ["/admin/", *(f"/admin/soroka/{each}" for each in [*lists, *rows, "mailing/", *of_mailing])]


def test_a_thousand_rows_cost_as_many_queries_as_ten(enter, addresses, make_clients, vip, make_mailing):
    browser = enter("operator", "en")
    for address in addresses:
        browser.get(address)  # what the process keeps from now on is no part of the cost
    few = {address: len(cost(browser, address)) for address in addresses}
    make_clients(990, tag_ids=[vip.pk])
    make_mailing(name="Large")
    many = {address: len(cost(browser, address)) for address in addresses}
    assert many == few
    assert max(many.values()) <= MOST_QUERIES, many


def test_no_page_counts_clients_or_messages(enter, addresses):
    browser = enter("operator", "en")
    for address in addresses:
        if "part=breakdown" in address:
            continue  # counts what is in open batches, and is fetched by itself
        counting = [sql for sql in cost(browser, address) if "COUNT(" in sql.upper()]
        assert not [sql for sql in counting if "soroka_client" in sql or "soroka_message" in sql], address


def test_it_leafs_through_without_a_count(enter, make_clients):
    make_clients(120)
    browser = enter("viewer", "en")
    pages = [browser.get(f"/admin/soroka/client/?p={number}") for number in (1, 2, 3)]
    assert [len(page.context["cl"].result_list) for page in pages] == [50, 50, 20]
    assert [b'rel="next"' in page.content for page in pages] == [True, True, False]
    assert browser.get("/admin/soroka/client/?p=201").status_code == 302
