from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from soroka.domain.message import Reason, Status
from soroka.models import Attempt, Batch, Gateway, Message
from tests.api.conftest import errors
from tests.rows import settle_all


def settle(message_id: int, status: Status, reason: Reason | None = None, gateway: Gateway | None = None) -> None:
    Message.objects.filter(pk=message_id).update(
        status=status, reason=reason, gateway=gateway, settled_at=datetime.now(UTC)
    )


def test_it_shows_the_whole_story_of_a_message(api, make_clients, make_mailing, gateway):
    [client] = make_clients(1)
    mailing = make_mailing()
    message = Message.objects.get()
    Attempt.objects.create(message=message, gateway=gateway, outcome="rejected", detail="no such number")
    settle(message.pk, Status.NOT_SENT, Reason.REJECTED, gateway)
    shown = api.get(f"/messages/{message.pk}").json()
    batch = Batch.objects.get()
    assert datetime.fromisoformat(shown.pop("created_at")) == batch.created_at
    assert datetime.fromisoformat(shown.pop("due_at")) == batch.due_at
    assert datetime.fromisoformat(shown.pop("expires_at")) == batch.expires_at
    assert shown.pop("settled_at")
    [attempt] = shown.pop("attempts")
    assert attempt.pop("at")
    assert attempt == {"gateway": "default", "outcome": "rejected", "detail": "no such number"}
    assert shown == {
        "id": message.pk,
        "mailing": mailing["id"],
        "client": client.pk,
        "phone": str(client.phone),
        "text": "Добрый день!",
        "status": "not_sent",
        "status_display": "Не отправлено",
        "reason": "rejected",
        "gateway": "default",
        "tries": 0,
    }
    assert api.get(f"/mailings/{mailing['id']}/messages").json()["results"] == [
        api.get(f"/messages/{message.pk}").json()
    ]


@pytest.mark.parametrize(
    ("status", "display"),
    [(Status.IN_PROCESS, "В процессе"), (Status.DELIVERED, "Доставлено")],
)
def test_it_says_the_status_in_the_words_of_the_contract(api, make_clients, make_mailing, status, display):
    make_clients(1)
    make_mailing()
    settle(Message.objects.get().pk, status)
    [shown] = api.get("/messages").json()["results"]
    assert (shown["status"], shown["status_display"], shown["reason"]) == (status.slug, display, None)


def test_a_message_in_doubt_has_no_reason_yet(api, make_clients, make_mailing):
    make_clients(1)
    make_mailing()
    Message.objects.update(reason=Reason.UNKNOWN)
    assert api.get("/messages").json()["results"][0]["reason"] is None


def test_a_message_of_a_future_mailing_is_created_at_its_start(api, make_clients, make_mailing):
    make_clients(1)
    start = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    make_mailing(starts_at=start.isoformat(), ends_at=(start + timedelta(hours=1)).isoformat())
    [shown] = api.get("/messages").json()["results"]
    assert datetime.fromisoformat(shown["created_at"]) == start


def test_it_narrows_the_list(api, make_clients, make_mailing):
    first_client, _ = make_clients(2)
    first, second = make_mailing(), make_mailing()
    third = Message.objects.get(mailing=second["id"], client=first_client)
    assert third.pk == Message.objects.filter(mailing=second["id"]).earliest("pk").pk
    settle_all(second["id"], Reason.EXPIRED)

    def found(query: str) -> list[tuple[int, int]]:
        return [(row["mailing"], row["client"]) for row in api.get(f"/messages?{query}").json()["results"]]

    assert len(found("")) == 4
    assert {mailing for mailing, _ in found(f"mailing={first['id']}")} == {first["id"]}
    assert found(f"client={first_client.pk}") == [(second["id"], first_client.pk), (first["id"], first_client.pk)]
    assert found(f"client={first_client.pk}&mailing={first['id']}") == [(first["id"], first_client.pk)]
    assert found("status=not_sent") == [(second["id"], first_client.pk)]
    assert found(f"mailing={second['id']}&reason=expired") == [(second["id"], first_client.pk)]
    assert found(f"mailing={second['id']}&reason=rejected") == []
    assert {mailing for mailing, _ in found("status=in_process")} == {first["id"]}
    assert [mailing for mailing, _ in found("status=delivered")] == [second["id"]]
    assert len(found(f"client={first_client.pk}&status=in_process")) == 1
    assert found("mailing=999999") == found("client=999999") == []


@pytest.mark.parametrize("reason", [Reason.EXPIRED, Reason.UNKNOWN])
def test_what_is_rare_is_looked_for_only_where_there_is_any(api, make_clients, make_mailing, reason):
    make_clients(1)
    mailings = [make_mailing()["id"] for _ in range(60)]  # more than are looked through one by one
    for mailing in mailings[:-1]:
        settle_all(mailing)
    settle_all(mailings[-1], reason)
    with CaptureQueriesContext(connection) as captured:
        [found] = api.get("/messages?status=not_sent").json()["results"]
    assert found["mailing"] == mailings[-1]
    [query] = [query["sql"] for query in captured if "LIMIT 51" in query["sql"] and "soroka_message" in query["sql"]]
    assert f'"id" BETWEEN {found["id"]} AND {found["id"]}' in query
    with CaptureQueriesContext(connection) as captured:
        assert api.get(f"/messages?mailing={mailings[0]}&reason={reason.slug}").json()["results"] == []
        assert api.get("/messages?status=in_process").json()["results"] == []
    assert not [query["sql"] for query in captured if 'FROM "soroka_message"' in query["sql"]]
    assert len(api.get("/messages?status=delivered").json()["results"]) == 50


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=sent", ("status", "invalid_choice")),
        ("reason=expired", ("reason", "needs_mailing")),
        ("mailing=one", ("mailing", "invalid")),
        ("mailing=0", ("mailing", "min_value")),
        ("client=9223372036854775808", ("client", "max_value")),
        ("page_size=0", ("page_size", "out_of_range")),
        ("page_size=1001", ("page_size", "out_of_range")),
        ("page_size=99999999999999999999", ("page_size", "out_of_range")),
        ("page_size=x", ("page_size", "out_of_range")),
        ("cursor=x", ("cursor", "invalid_cursor")),
        ("cursor=cD1hYmM%3D", ("cursor", "invalid_cursor")),  # p=abc
        ("cursor=cD05OTk5OTk5OTk5OTk5OTk5OTk5OQ%3D%3D", ("cursor", "invalid_cursor")),  # p=99999999999999999999
    ],
)
def test_it_names_the_parameter_that_is_wrong(api, query, expected):
    answer = api.get(f"/messages?{query}")
    assert answer.status_code == 400
    assert errors(answer) == {expected}


def test_it_shows_a_page_with_four_queries_whatever_its_size(
    api, make_clients, make_mailing, django_assert_num_queries
):
    make_clients(30)
    for _ in range(3):
        make_mailing()
    for size in (2, 80):
        with django_assert_num_queries(4):  # role, page with its batches, mailings, attempts
            assert len(api.get(f"/messages?page_size={size}").json()["results"]) == size


def test_a_mailings_messages_are_read_in_order_from_the_primary_key(api, make_clients, make_mailing):
    make_clients(50)
    mailings = [make_mailing() for _ in range(3)]
    ids, address = [], f"/mailings/{mailings[1]['id']}/messages?page_size=20"
    while address:
        page = api.get(address).json()
        ids += [row["id"] for row in page["results"]]
        address = page["next"]
    assert ids == sorted(Message.objects.filter(mailing=mailings[1]["id"]).values_list("pk", flat=True), reverse=True)


def test_a_clients_messages_are_found_without_a_walk_through_the_ledger(api, make_clients, make_mailing):
    [client] = make_clients(1)
    make_clients(200)
    for _ in range(3):
        make_mailing()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # what a table of millions would do by itself
    before = rows_read()
    assert len(api.get(f"/clients/{client.pk}/messages").json()["results"]) == 3
    assert rows_read() - before <= 3 + 3  # a probe a mailing, and then the page


def rows_read() -> int:
    """How many entries of the ledger and its indexes scans came by, in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_stat_get_xact_tuples_returned(oid)) FROM (SELECT 'soroka_message'::regclass AS oid"
            " UNION SELECT indexrelid FROM pg_index WHERE indrelid = 'soroka_message'::regclass) AS relation"
        )
        return int(cursor.fetchone()[0])


def test_nobody_writes_messages(api, make_clients, make_mailing):
    make_clients(1)
    make_mailing()
    item = f"/messages/{Message.objects.get().pk}"
    for method in (api.post, api.put, api.patch, api.delete):
        for address in ("/messages", item):
            answer = method(address, {}, format="json")
            assert answer.status_code == 405
            assert answer.json()["type"] == "urn:soroka:problem:method_not_allowed"
            assert "GET" in answer["Allow"]
