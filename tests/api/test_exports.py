"""Clients, messages and statistics as files."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished
from django.db import close_old_connections
from django.utils.timezone import localtime
from python_calamine import CalamineWorkbook

from soroka.api import download
from soroka.domain.message import BatchState, Reason, Status
from soroka.exports import clients, csv_file, pages
from soroka.exports.messages import MessagesGone
from soroka.imports.run import run
from soroka.models import Batch, Client, Consent, Mailing, Message, Segment, Suppression, Zone
from soroka.planning.revise import remove
from soroka.queue.retire import retire
from tests.api.conftest import errors
from tests.api.test_messages import settle
from tests.rows import settle_all


@pytest.fixture
def fetch(caller):
    """``fetch("/clients/export", "csv")``: the lines of the file, as one who may only read gets it."""
    viewer = caller("viewer")

    def get(address: str, kind: str = "csv", query: str = "", language: str = "en") -> list[list[Any]]:
        answer = viewer.get(f"{address}.{kind}{query}", headers={"Accept-Language": language})
        assert answer.status_code == 200, answer.content
        body = b"".join(answer)
        if kind == "csv":
            return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
        return CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()

    return get


def leave(answer: Any) -> None:
    """Close the answer as a server does, also where the caller has gone away; the test keeps its connection."""
    request_finished.disconnect(close_old_connections)
    answer.close()
    request_finished.connect(close_old_connections)


@pytest.fixture
def anna(make_clients, vip) -> Client:
    [anna] = make_clients(
        1, tag_ids=[vip.pk], attributes={"name": "Anna", "city": "Омск; ул. Мира", "age": 30, "x": None}
    )
    return anna


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_it_writes_clients_with_the_columns_of_an_import_and_one_for_each_attribute(fetch, anna, make_clients, kind):
    age = "30" if kind == "csv" else "30.0"  # a number to both
    [other] = make_clients(1, operator_code=9, attributes={"has car": True}, opted_out=True)
    assert [[str(cell) for cell in row] for row in fetch("/clients/export", kind)] == [
        ["phone", "operator_code", "tags", "timezone", "opted_out", "age", "city", "has car", "name", "x"],
        [
            str(anna.phone),
            "916",
            "vip",
            "Europe/Moscow",
            "false",
            age,
            "Омск; ул. Мира",
            "",
            "Anna",
            "",
        ],
        [str(other.phone), "009", "", "Europe/Moscow", "true", "", "", "true", "", ""],
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_without_rows_has_its_header(fetch, kind):
    assert fetch("/clients/export", kind) == [["phone", "operator_code", "tags", "timezone", "opted_out"]]


def test_it_comes_to_the_end_over_many_pages(fetch, make_clients, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 2)
    phones = [str(client.phone) for client in make_clients(5)]
    assert [row[0] for row in fetch("/clients/export")[1:]] == phones


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?tag=vip", {"anna"}),
        ("?operator_code=917", {"boris", "leaver"}),
        ("?opted_out=true", {"leaver"}),
        ("?search=Anna", {"anna"}),
        ("?segment=MOSCOW", {"anna", "boris"}),
        ("?segment=moscow&operator_code=917", {"boris"}),
    ],
)
def test_it_writes_those_who_were_asked_for(fetch, anna, make_clients, query, found):
    Segment.objects.create(name="Moscow", filter={"timezones": ["Europe/Moscow"]})
    [boris] = make_clients(1, operator_code=917)
    [leaver] = make_clients(1, operator_code=917, opted_out=True)
    names = {str(anna.phone): "anna", str(boris.phone): "boris", str(leaver.phone): "leaver"}
    assert {names[row[0]] for row in fetch("/clients/export", query=query)[1:]} == found


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("?tag=nobody", ("tag", "unknown_tag")),
        ("?operator_code=x", ("operator_code", "invalid_operator_code")),
        ("?segment=nobody", ("segment", "unknown_segment")),
    ],
)
def test_what_cannot_be_asked_for_is_an_error_and_no_file(api, query, wrong):
    answer = api.get(f"/clients/export.csv{query}", headers={"Accept": "text/csv"})
    assert (answer.status_code, errors(answer)) == (400, {wrong})


def test_more_attributes_than_a_file_may_have_are_an_error(api, make_clients, monkeypatch):
    monkeypatch.setattr(clients, "MOST_ATTRIBUTES", 2)
    make_clients(1, attributes={"a": 1, "b": 1})
    assert b"".join(api.get("/clients/export.csv"))
    make_clients(1, attributes={"c": 1})
    answer = api.get("/clients/export.csv")
    assert (answer.status_code, errors(answer)) == (400, {("", "too_many_attributes")})


def test_what_a_spreadsheet_would_run_is_defused_in_csv_and_a_text_in_xlsx(fetch, make_clients):
    make_clients(1, attributes={"=name": "=HYPERLINK(1)", "dial": "+79161234567"})
    assert fetch("/clients/export")[0][5:] == ["'=name", "dial"]
    assert fetch("/clients/export")[1][5:] == ["'=HYPERLINK(1)", "+79161234567"]
    assert fetch("/clients/export", "xlsx")[1][5:] == ["=HYPERLINK(1)", "+79161234567"]


@pytest.mark.parametrize("language", ["ru", "en"])
def test_an_import_of_what_was_exported_changes_nothing(caller, api, anna, make_clients, language):
    Client.objects.filter(pk=anna.pk).update(
        attributes={"name": 'Anna "A" <a&b>\n2', "Телефон": "shadowed", "=sum": "=1+1"}
    )
    _, leaver = make_clients(2)
    api.post(f"/clients/{leaver.pk}/opt-out")
    before = list(Client.objects.order_by("pk").values())
    body = b"".join(caller("viewer").get("/clients/export.csv", headers={"Accept-Language": language}))
    posted = api.post("/clients/imports", {"file": SimpleUploadedFile("clients.csv", body)}).json()
    run(posted["id"])
    report = api.get(f"/clients/imports/{posted['id']}").json()
    assert (report["rows"], report["unchanged"]) == (3, 3), report
    assert list(Client.objects.order_by("pk").values()) == before
    assert Consent.objects.count() == 1


def test_who_opted_out_has_opted_out_where_his_file_is_taken_in(caller, api, make_clients):
    stays, leaves = make_clients(2)
    api.post(f"/clients/{leaves.pk}/opt-out")
    body = b"".join(caller("viewer").get("/clients/export.csv"))
    Client.objects.all().delete()
    Suppression.objects.all().delete()
    run(api.post("/clients/imports", {"file": SimpleUploadedFile("clients.csv", body)}).json()["id"])
    found = dict(Client.objects.values_list("phone", "opted_out"))
    assert found == {stays.phone: False, leaves.phone: True}


def test_it_writes_messages_with_status_and_reason(fetch, make_clients, make_mailing, gateway):
    _, second, _ = make_clients(3)
    mailing = make_mailing()
    sent, refused, doubtful = Message.objects.order_by("pk")
    settle(sent.pk, Status.DELIVERED)
    settle(refused.pk, Status.NOT_SENT, Reason.REJECTED, gateway)
    Message.objects.filter(pk=doubtful.pk).update(reason=Reason.UNKNOWN, gateway=gateway, tries=1)
    refused.refresh_from_db()
    batch = Batch.objects.get()
    due, end, settled = (
        localtime(at).isoformat(timespec="seconds") for at in (batch.due_at, batch.expires_at, refused.settled_at)
    )
    header, *rows = fetch(f"/mailings/{mailing['id']}/messages/export")
    assert [dict(zip(header, row, strict=True)) for row in rows][1] == {
        "id": str(refused.pk),
        "client": str(second.pk),
        "phone": str(second.phone),
        "operator_code": "916",
        "timezone": "Europe/Moscow",
        "status": "not_sent",
        "status_display": "Not sent",
        "reason": "rejected",
        "reason_display": "refused by the gateway",
        "due_at": due,
        "expires_at": end,
        "settled_at": settled,
        "gateway": "default",
        "tries": "0",
    }
    shown = ("status", "reason", "gateway", "tries")
    assert [[row[header.index(name)] for name in shown] for row in rows] == [
        ["delivered", "", "default", "0"],
        ["not_sent", "rejected", "default", "0"],
        ["in_process", "", "default", "1"],
    ]
    in_russian = fetch(f"/mailings/{mailing['id']}/messages/export", "xlsx", language="ru")
    assert [row[6] for row in in_russian[1:]] == ["Доставлено", "Не отправлено", "В процессе"]
    assert [row[0] for row in fetch(f"/mailings/{mailing['id']}/messages/export", query="?status=not_sent")[1:]] == [
        str(refused.pk)
    ]


def test_a_message_has_the_deadline_that_it_has_elsewhere_not_the_close_of_its_window(
    fetch, api, make_clients, make_mailing
):
    make_clients(1)
    at = datetime.now(UTC)
    mailing = make_mailing(
        window={"from": "00:00", "to": "24:00"}, ends_at=(at + timedelta(days=3)).isoformat(timespec="seconds")
    )
    batch = Batch.objects.get()
    assert batch.expires_at < batch.deadline
    [shown] = api.get(f"/mailings/{mailing['id']}/messages").json()["results"]
    header, row = fetch(f"/mailings/{mailing['id']}/messages/export")
    assert row[header.index("expires_at")] == shown["expires_at"]
    assert datetime.fromisoformat(shown["expires_at"]) == batch.deadline


def test_the_message_of_an_erased_client_has_no_phone(fetch, make_clients, make_mailing):
    make_clients(1)
    mailing = make_mailing()
    Message.objects.update(phone=None)
    header, row = fetch(f"/mailings/{mailing['id']}/messages/export")
    assert row[header.index("phone")] == ""


def test_messages_of_a_mailing_that_is_not_there_are_a_404(api):
    assert api.get("/mailings/1/messages/export.csv").status_code == 404


def test_a_format_that_nobody_knows_is_a_404(api):
    assert api.get("/clients/export.pdf").status_code == 404


def test_it_writes_what_mailings_came_to(fetch, make_clients, make_mailing):
    make_clients(2)
    first, second = make_mailing(name="First"), make_mailing(name="Second")
    refused = Message.objects.filter(mailing=first["id"]).first()
    settle(refused.pk, Status.NOT_SENT, Reason.REJECTED)
    Batch.objects.filter(mailing=first["id"]).update(not_sent=1)
    header, *rows = fetch("/mailing-statistics/export", "xlsx")
    shown = ("id", "name", "status", "total", "in_process", "not_sent", "rejected", "expired")
    assert [[row[header.index(name)] for name in shown] for row in rows] == [
        [first["id"], "First", "running", 2, 1, 1, 1, 0],
        [second["id"], "Second", "running", 2, 2, 0, 0, 0],
    ]
    assert [row[1] for row in fetch("/mailing-statistics/export", query="?search=sec")[1:]] == ["Second"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_it_writes_what_one_mailing_came_to(fetch, make_clients, make_mailing, kind):
    make_clients(2)
    make_clients(1, operator_code=926)
    mailing = make_mailing(name="First")["id"]
    settle_all(mailing, Reason.REJECTED)
    header, *rows = fetch(f"/mailings/{mailing}/statistics/export", kind)
    assert header == [
        "part", "part_display", "value", "value_display", "total", "in_process", "delivered", "not_sent"
    ]  # fmt: skip
    minutes = {row[2] for row in rows if row[0] == "minute"}
    plain = [[f"{cell:.0f}" if isinstance(cell, float) else cell for cell in row] for row in rows]
    assert [row for row in plain if row[0] != "minute"] == [
        ["mailing", "the whole mailing", str(mailing), "First", "3", "0", "2", "1"],
        ["reason", "why not sent", "rejected", "refused by the gateway", "", "", "", "1"],
        ["timezone", "time zone", "Europe/Moscow", "Europe/Moscow", "3", "0", "2", "1"],
        ["operator_code", "operator code", "916", "916", "2", "0", "1", "1"],
        ["operator_code", "operator code", "926", "926", "1", "0", "1", "0"],
    ]
    assert len(minutes) == 1 and minutes.pop().endswith(":00+03:00")


def test_a_mailing_without_messages_has_its_figures_too(api, fetch, make_mailing):
    mailing = make_mailing()["id"]
    assert [row[0] for row in fetch(f"/mailings/{mailing}/statistics/export")[1:]] == ["mailing"]
    assert api.get("/mailings/999/statistics/export.csv").status_code == 404


def test_csv_has_the_separator_of_the_callers_country_and_a_byte_order_mark(caller):
    viewer = caller("viewer")
    for language, separator in (("ru", b";"), ("en", b",")):
        body = b"".join(viewer.get("/clients/export.csv", headers={"Accept-Language": language}))
        assert body.startswith(b"\xef\xbb\xbfphone" + separator)


def test_nobody_reads_a_file_without_a_login(caller):
    assert caller().get("/clients/export.csv").status_code == 401
    assert caller().get("/clients/export.csv", headers={"Accept": "text/html"}).status_code == 302


def test_head_tells_the_same_without_the_file(api, make_clients):
    make_clients(1)
    answer = api.head("/clients/export.xlsx")
    assert (answer.status_code, b"".join(answer)) == (200, b"")
    assert answer["Content-Disposition"] == 'attachment; filename="clients.xlsx"'
    leave(answer)


def test_more_files_at_a_time_than_leave_room_for_others_are_put_off(api, make_clients):
    sent = [api.get("/clients/export.csv") for _ in range(download.AT_ONCE)]
    answer = api.get("/clients/export.csv")
    assert (answer.status_code, answer.json()["type"], answer["Retry-After"]) == (503, "urn:soroka:problem:busy", "60")
    for each in sent:
        leave(each)
    assert api.get("/clients/export.csv?tag=nobody").status_code == 400
    for _ in range(download.AT_ONCE + 1):
        assert b"".join(api.get("/clients/export.csv"))


def test_a_file_that_breaks_off_says_so(api, make_clients, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 1)
    monkeypatch.setattr(csv_file, "_LINES_A_CHUNK", 1)
    make_clients(3)
    answer = api.get("/clients/export.csv", headers={"Accept-Language": "en"})
    pieces = iter(answer)
    next(pieces), next(pieces)
    monkeypatch.setattr(pages, "connection", None)  # lost
    assert b"".join(pieces).endswith(b"The file broke off here: it is not whole. Ask again.\r\n")


def test_a_workbook_that_breaks_off_cannot_be_opened(api, make_clients, monkeypatch):
    make_clients(1)
    answer = api.get("/clients/export.xlsx")
    monkeypatch.setattr(pages, "connection", None)  # lost
    with pytest.raises(AttributeError):
        b"".join(answer)


def retention_begins(mailing_id: int) -> None:
    Batch.objects.filter(mailing=mailing_id).update(state=BatchState.CLOSED)
    Mailing.objects.filter(pk=mailing_id).update(over_at=datetime.now(UTC) - timedelta(days=2))
    retire(1, seconds=5)
    assert not Message.objects.filter(mailing=mailing_id).exists()


@pytest.mark.parametrize("removes", [retention_begins, remove])
def test_a_file_whose_messages_are_removed_while_it_is_read_is_no_whole_one(
    api, make_clients, make_mailing, monkeypatch, removes: Callable[[int], None]
):
    monkeypatch.setattr(csv_file, "_LINES_A_CHUNK", 1)
    make_clients(1)
    make_clients(1, zone=Zone.objects.create(name="Asia/Omsk"))
    starts_at = datetime.now(UTC) + timedelta(hours=1)
    mailing = make_mailing(starts_at=starts_at.isoformat(), ends_at=(starts_at + timedelta(hours=1)).isoformat())
    address = f"/mailings/{mailing['id']}/messages/export"
    table, book = (api.get(f"{address}.{kind}", headers={"Accept-Language": "en"}) for kind in ("csv", "xlsx"))
    lines = iter(table)
    next(lines), next(lines)
    removes(mailing["id"])
    assert b"".join(lines).endswith(b"The file broke off here: it is not whole. Ask again.\r\n")
    with pytest.raises(MessagesGone):
        b"".join(book)
