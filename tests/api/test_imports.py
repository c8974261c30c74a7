import json
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from soroka.imports import stage, upsert
from soroka.models import Client, ClientImport, ImportRow, Tag, Zone
from tests.api.conftest import errors


@pytest.fixture
def hand_in(api):
    """``hand_in("phone\\n7916...")``: POST the text as a file, and take it over as the worker would."""

    def post(content: str | bytes, query: str = "") -> dict:
        body = content.encode() if isinstance(content, str) else content
        answer = api.post(f"/clients/imports{query}", {"file": SimpleUploadedFile("clients.csv", body)})
        assert answer.status_code == 202, answer.content
        queued = answer.json()
        assert queued["state"] == "queued"
        assert answer["Location"].endswith(f"/clients/imports/{queued['id']}")
        upsert.run(queued["id"])
        return api.get(f"/clients/imports/{queued['id']}").json()

    return post


def numbers(report: dict) -> tuple[str, int, int, int, int, int]:
    return tuple(report[name] for name in ("state", "rows", "added", "changed", "unchanged", "refused"))


def refusals(report: dict) -> dict[int, str]:
    return {row["line"]: row["error"] for row in report["refusals"]}


def test_it_takes_a_file_over(api, hand_in):
    report = hand_in(
        "name,tags,phone,operator_code,timezone\n"
        "Анна,vip; new,8 (916) 123-45-67,,Asia/Vladivostok\n"
        "Пётр,,79267654321,999,\n"
    )
    assert numbers(report) == ("finished", 2, 2, 0, 0, 0)
    anna, pyotr = api.get("/clients").json()["results"]
    assert (anna["phone"], anna["operator_code"], anna["tags"]) == ("79161234567", "916", ["new", "vip"])
    assert (anna["timezone"], anna["attributes"]) == ("Asia/Vladivostok", {"name": "Анна"})
    assert (pyotr["operator_code"], pyotr["tags"], pyotr["timezone"]) == ("999", [], "Europe/Moscow")
    assert not ImportRow.objects.exists()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_it_understands_what_spreadsheets_write(hand_in, delimiter, encoding, line_end):
    lines = ["Phone,timezone,tags,город", '79161234567,Asia/Omsk,"a;b",Омск', ",,,", ""]
    report = hand_in(line_end.join(lines).replace(",", delimiter).encode(encoding))
    assert numbers(report) == ("finished", 1, 1, 0, 0, 0)
    client = Client.objects.get()
    assert (client.phone, client.zone.name, client.attributes) == (79161234567, "Asia/Omsk", {"город": "Омск"})
    assert sorted(Tag.objects.filter(pk__in=client.tag_ids).values_list("name", flat=True)) == ["a", "b"]


def test_the_same_file_twice_changes_nothing(hand_in):
    content = "phone,tags,timezone,name\n79161234567,a;b,Asia/Omsk,Анна\n79267654321,b,,\n"
    hand_in(content)
    before = list(Client.objects.values())
    assert numbers(hand_in(content)) == ("finished", 2, 0, 0, 2, 0)
    assert list(Client.objects.values()) == before


def test_a_known_client_is_merged(hand_in):
    hand_in("phone,operator_code,tags,timezone,name,city\n79161234567,999,a,Asia/Omsk,Анна,Омск\n")
    report = hand_in("phone,tags,city,level\n79161234567,b,Томск,3\n79161234568,,,\n")
    assert numbers(report) == ("finished", 2, 1, 1, 0, 0)
    client = Client.objects.get(phone=79161234567)
    assert (client.operator_code, client.zone.name) == (999, "Asia/Omsk")
    assert client.attributes == {"name": "Анна", "city": "Томск", "level": "3"}
    assert list(Tag.objects.filter(pk__in=client.tag_ids).order_by("name").values_list("name", flat=True)) == ["a", "b"]


def test_an_opt_out_survives_an_import(api, hand_in):
    api.post("/clients", {"phone": "79161234567", "opted_out": True}, format="json")
    hand_in("phone,name\n79161234567,Анна\n")
    assert Client.objects.get().opted_out


def test_a_refused_row_stops_nothing_and_names_its_line(hand_in):
    report = hand_in(
        b"phone,operator_code,timezone,tags,name\n"
        b"12,,,,\n"
        b"79161234567,,,,good\n"
        b"79161234568,1,,,\n"
        b"79161234569,,Mars/Olympus,,\n"
        b"79161234570,,,,\xff\xfe\n"
        b"79161234571,,,,a\x00b\n"
        b"79161234572,,,,one,two\n"
        b"79161234573,,," + b"t" * 65 + b",\n"
        b"79161234574,,,," + b"n" * 1001 + b"\n"
        b",,,,nobody\n"
        b'79161234575,,,,"' + b"q" * 140_000 + b'"\n'
        b"79161234576,,,,also good\n"
        b"13,,,,\n"
    )
    assert report["state"] == "finished"
    assert set(Client.objects.values_list("attributes__name", flat=True)) == {"good", "also good"}
    assert (report["added"], report["rows"]) == (2, 2 + report["refused"])
    lines = refusals(report)
    assert lines.keys() == {2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14}
    assert "too short" in lines[2]
    assert "three digits" in lines[4]
    assert "Mars/Olympus" in lines[5]
    assert "UTF-8" in lines[6]
    assert "NUL" in lines[7]
    assert "more cells" in lines[8]
    assert "tag" in lines[9]
    assert "longer than 1000" in lines[10]
    assert "empty" in lines[11]


def test_an_open_quote_spoils_its_rows_and_not_the_import(hand_in):
    rows = "".join(f"7916{number:07},x\n" for number in range(20_000))
    report = hand_in(f'phone,name\n79260000000,"never closed\n{rows}')
    assert report["state"] == "finished"
    assert report["added"] > 5_000
    assert report["refused"] >= 1


def test_the_last_line_of_a_phone_counts(hand_in):
    report = hand_in("phone,name\n79161234567,first\n8 916 123-45-67,second\n+79161234567,third\n")
    assert numbers(report) == ("finished", 3, 1, 0, 0, 2)
    assert refusals(report) == {
        2: "The same phone comes again in line 4, which counts.",
        3: "The same phone comes again in line 4, which counts.",
    }
    assert Client.objects.get().attributes == {"name": "third"}


def test_unknown_tags_refuse_their_rows_where_none_may_be_made(hand_in, vip):
    report = hand_in("phone,tags\n79161234567,VIP\n79161234568,vip;nobody\n", "?create_missing_tags=false")
    assert numbers(report) == ("finished", 2, 1, 0, 0, 1)
    assert refusals(report) == {3: "There is no tag 'nobody'."}
    assert Client.objects.get().tag_ids == [vip.pk]
    assert Tag.objects.count() == 1


def test_tags_are_one_whatever_their_case(hand_in, vip):
    hand_in("phone,tags\n79161234567,Новый;VIP\n79161234568,новый;НОВЫЙ\n")
    assert Tag.objects.count() == 2
    first, second = Client.objects.order_by("phone")
    assert vip.pk in first.tag_ids
    assert set(second.tag_ids) < set(first.tag_ids)


@pytest.mark.parametrize(
    "content",
    [
        b"name,tags\nAnna,vip\n",
        b"79161234567\n",
        b"phone,name,name\n79161234567,a,b\n",
        b"phone," + b"x" * 65 + b"\n79161234567,a\n",
        b"phone,na\xffme\n79161234567,a\n",
        b"phone," + b",".join(b"c%d" % number for number in range(100)) + b"\n",
        b"\n\n",
        b"\x00\x00\x00",
    ],
)
def test_a_file_whose_header_is_of_no_use_is_refused_whole(api, content):
    answer = api.post("/clients/imports", {"file": SimpleUploadedFile("clients.csv", content)})
    assert answer.status_code == 400
    assert errors(answer) == {("file", "unreadable_file")}
    assert not ClientImport.objects.exists()


@pytest.mark.parametrize(
    ("form", "query", "expected"),
    [
        ({}, "", ("file", "required")),
        ({"file": "text"}, "", ("file", "invalid")),
        ({"file": SimpleUploadedFile("clients.csv", b"")}, "", ("file", "empty")),
        (
            {"file": SimpleUploadedFile("a.csv", b"phone\n")},
            "?create_missing_tags=x",
            ("create_missing_tags", "invalid"),
        ),
    ],
)
def test_it_names_the_field_that_is_wrong(api, form, query, expected):
    answer = api.post(f"/clients/imports{query}", form)
    assert answer.status_code == 400
    assert errors(answer) == {expected}


def test_an_upload_above_the_limit_is_refused(api, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    answer = api.post("/clients/imports", {"file": SimpleUploadedFile("a.csv", b"phone\n" + b"79161234567\n" * 100)})
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:soroka:problem:too_large"


def test_json_is_no_file(api):
    assert api.post("/clients/imports", json.dumps({"file": "x"}), content_type="application/json").status_code == 415


def test_a_finished_import_is_left_alone(api, hand_in):
    report = hand_in("phone,name\n79161234567,Анна\n12,\n")
    Client.objects.all().delete()
    upsert.run(report["id"])
    assert not Client.objects.exists()
    assert api.get(f"/clients/imports/{report['id']}").json() == report


def test_a_killed_import_begins_anew(api, moscow):
    queued = stage.stage(BytesIO(b"phone\n79161234567\n"), filename="", create_missing_tags=True, user=None)
    ClientImport.objects.update(state="running")
    upsert.run(queued.pk)
    assert numbers(api.get(f"/clients/imports/{queued.pk}").json()) == ("finished", 1, 1, 0, 0, 0)


def test_an_import_that_another_worker_takes_over_is_left_to_it(transactional_db, moscow):
    queued = stage.stage(BytesIO(b"phone\n79161234567\n"), filename="", create_missing_tags=True, user=None)
    row = ClientImport.objects.filter(pk=queued.pk)
    row.update(state="running")
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            row.select_for_update().get()
            other.submit(upsert.run, queued.pk).result(10)
        assert row.get().state == "running"
        other.submit(upsert.run, queued.pk).result(10)
        other.submit(lambda: connection.close()).result(10)
    assert numbers(vars(row.get())) == ("finished", 1, 1, 0, 0, 0)


def test_what_the_database_refuses_makes_it_failed_and_nothing_is_kept(api, hand_in):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE soroka_client ADD CONSTRAINT no_odd CHECK (phone % 2 = 0) NOT VALID")
    report = hand_in("phone\n79161234568\n79161234567\n")
    assert report["state"] == "failed"
    assert "no_odd" in report["detail"]
    assert report["finished_at"]
    assert not Client.objects.exists()


def test_a_large_file_goes_through_in_chunks_with_few_statements(api, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(stage, "CHUNK", 100)
    zones = ["Europe/Moscow", "Asia/Omsk", "Asia/Tokyo"]
    rows = "".join(f"7916{number:07},t{number % 7},{zones[number % 3]}\n" for number in range(1000))
    file = SimpleUploadedFile("a.csv", f"phone,tags,timezone\n{rows}".encode())
    with django_assert_max_num_queries(120):
        queued = api.post("/clients/imports", {"file": file}).json()
    upsert.run(queued["id"])
    assert (Client.objects.count(), Tag.objects.count(), Zone.objects.count()) == (1000, 7, 3)


def test_it_lists_imports(api, hand_in):
    hand_in("phone\n79161234567\n")
    page = api.get("/clients/imports").json()
    assert (page["count"], page["results"][0]["state"], page["results"][0]["filename"]) == (
        1,
        "finished",
        "clients.csv",
    )
    assert api.get("/clients/imports/999999").status_code == 404
