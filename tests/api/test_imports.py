import csv
import io
import json
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from soroka.imports import stage, upsert
from soroka.imports.run import run
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
        run(queued["id"])
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
        b"79161234567,,,,\xd1\x85\xd0\xbe\xd1\x80\xd0\xbe\xd1\x88\xd0\xbe\n"
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
    assert set(Client.objects.values_list("attributes__name", flat=True)) == {"хорошо", "also good"}
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
    assert "The line is longer" in lines[12]


def test_an_open_quote_spoils_its_row_and_not_the_import(hand_in):
    rows = "".join(f"7916{number:07},x\n" for number in range(2_000))
    report = hand_in(f'phone,name\n79260000000,"never closed\n{rows}')
    assert numbers(report) == ("finished", 2_001, 2_000, 0, 0, 1)
    assert "quote is not closed" in refusals(report)[2]


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
    run(report["id"])
    assert not Client.objects.exists()
    assert api.get(f"/clients/imports/{report['id']}").json() == report


def test_a_row_that_the_database_refuses_costs_no_other(hand_in):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE soroka_client ADD CONSTRAINT no_odd CHECK (phone % 2 = 0) NOT VALID")
    report = hand_in("phone\n79161234568\n79161234567\n79161234566\n79161234564\n")
    assert numbers(report) == ("finished", 4, 3, 0, 0, 1)
    assert "no_odd" in refusals(report)[3]
    assert Client.objects.count() == 3


def test_an_import_that_the_database_refuses_whole_tells_no_phone(hand_in):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE soroka_importrow ADD CONSTRAINT no_odd CHECK (phone % 2 = 0) NOT VALID")
    report = hand_in("phone\n79161234567\n")
    assert report["state"] == "failed"
    assert "no_odd" in report["detail"]
    assert "9161234567" not in report["detail"]


def test_a_report_reads_no_lines_of_the_file(api, hand_in):
    report = hand_in("phone\n12\n")
    with CaptureQueriesContext(connection) as queries:
        assert api.get(f"/clients/imports/{report['id']}").json()["refusals"]
    assert not [query["sql"] for query in queries if "original" in query["sql"]]


def test_a_large_file_goes_through_in_chunks_with_few_statements(api, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(stage, "SLICE", 100)
    monkeypatch.setattr(upsert, "SLICE", 100)
    zones = ["Europe/Moscow", "Asia/Omsk", "Asia/Tokyo"]
    rows = "".join(f"7916{number:07},t{number % 7},{zones[number % 3]}\n" for number in range(1000))
    file = SimpleUploadedFile("a.csv", f"phone,tags,timezone\n{rows}".encode())
    queued = api.post("/clients/imports", {"file": file}).json()
    with django_assert_max_num_queries(250):
        run(queued["id"])
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


def test_columns_are_known_by_their_russian_names_and_by_a_mapping(hand_in):
    query = "?" + urlencode({"mapping": json.dumps({"Лично": None, "ФИО": "name", "Связь": "phone"})})
    report = hand_in(
        "Связь;Телефон;Код  оператора;Метки;Часовой пояс;ФИО;Лично\n8 916 123-45-67;дом;999;vip;Asia/Omsk;Анна;тайна\n",
        query,
    )
    assert numbers(report) == ("finished", 1, 1, 0, 0, 0)
    client = Client.objects.get()
    assert (client.phone, client.operator_code, client.zone.name) == (79161234567, 999, "Asia/Omsk")
    assert client.attributes == {"name": "Анна", "Телефон": "дом"}


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ("{", ("mapping", "invalid")),
        ("[]", ("mapping", "invalid")),
        ('{"a": 1}', ("mapping", "invalid")),
        ('{"a": ""}', ("mapping", "invalid")),
        ('{"a": "phone"}', ("mapping", "unknown_column")),
        ('{"name": "phone", "tel": "phone"}', ("file", "unreadable_file")),
    ],
)
def test_a_mapping_that_is_of_no_use_is_named(api, mapping, expected):
    file = SimpleUploadedFile("a.csv", b"tel,name\n79161234567,x\n")
    answer = api.post("/clients/imports", {"file": file, "mapping": mapping})
    assert answer.status_code == 400
    assert errors(answer) == {expected}


def test_a_dry_run_reports_and_writes_nothing(hand_in):
    hand_in("phone,tags,name\n79161234567,a,Анна\n79161234568,a,Пётр\n")
    before = list(Client.objects.values())
    report = hand_in(
        "phone,tags,name\n79161234567,new,Анна\n79161234568,A,Пётр\n79161234569,new,\n12,,\n", "?dry_run=true"
    )
    assert numbers(report) == ("finished", 4, 1, 1, 1, 1)
    assert report["dry_run"]
    assert list(Client.objects.values()) == before
    assert Tag.objects.count() == 1


def test_tags_are_replaced_where_that_is_wished(hand_in):
    hand_in("phone,tags\n79161234567,a;b\n79161234568,a\n79161234569,a\n")
    assert numbers(hand_in("phone,name\n79161234567,x\n", "?tags=replace"))[3:] == (1, 0, 0)
    report = hand_in("phone,tags\n79161234567,b\n79161234568,a\n79161234569,\n", "?tags=replace")
    assert numbers(report) == ("finished", 3, 0, 2, 1, 0)
    names = dict(Tag.objects.values_list("pk", "name"))
    found = [[names[tag] for tag in client.tag_ids] for client in Client.objects.order_by("phone")]
    assert found == [["b"], ["a"], []]


def test_refused_rows_are_listed_as_they_were_and_may_be_handed_in_again(api, hand_in):
    report = hand_in(
        'name;phone;note\nАнна;12;=1+1\nПётр;79161234567;first\n"a;""b""\nc";79161234568x;-5\nПётр;79161234567;\'=2+2\n'
    )
    assert numbers(report) == ("finished", 4, 1, 0, 0, 3)
    assert Client.objects.get().attributes["note"] == "=2+2"
    answer = api.get(f"/clients/imports/{report['id']}/errors.csv", headers={"accept-language": "ru"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    told = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(told, newline=""), delimiter=";")) == [
        ["import_line", "import_error", "name", "phone", "note"],
        ["2", "Номер телефона слишком короткий. Напишите его так: +7 916 123-45-67.", "Анна", "12", "'=1+1"],
        ["3", "Этот же телефон есть ниже, в строке 6: учтена она.", "Пётр", "79161234567", "first"],
        ["4", "В номере телефона есть буквы. Напишите его так: +7 916 123-45-67.", 'a;"b"\nc', "79161234568x", "-5"],
    ]
    again = hand_in(told.replace(";12;", ";79161234570;").replace("79161234568x", "79161234568"))
    assert numbers(again) == ("finished", 3, 2, 1, 0, 0)
    assert {client.attributes["note"] for client in Client.objects.all()} == {"=1+1", "first", "-5"}


def test_a_caller_may_ask_for_csv_and_is_told_in_json_that_there_is_none(api):
    answer = api.get("/clients/imports/999/errors.csv", headers={"accept": "text/csv"})
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:soroka:problem:not_found"


def test_its_progress_is_a_share(api, hand_in):
    queued = api.post("/clients/imports", {"file": SimpleUploadedFile("a.csv", b"phone\n79161234567\n")}).json()
    assert queued["progress"] == 0
    assert hand_in("phone\n79161234567\n")["progress"] == 1


def test_who_is_erased_is_in_no_list_of_refused_rows(api, hand_in):
    report = hand_in(
        "phone,timezone,name\n"
        "79161234567,,first\n"
        "79161234567,,second\n"
        "+7 (916) 123-45-67,Mars/Olympus,zone\n"
        "8\u00a0916\u00a0123\u00a045\u00a067 x,,letter\n"
        '79161234567,,"open\n'
        "79161234568,Mars/Olympus,somebody else\n"
    )
    assert numbers(report) == ("finished", 6, 1, 0, 0, 5)
    [client] = api.get("/clients").json()["results"]
    assert api.delete(f"/clients/{client['id']}?erase=true").status_code == 204
    told = b"".join(api.get(f"/clients/imports/{report['id']}/errors.csv").streaming_content).decode("utf-8-sig")
    listed = list(csv.reader(io.StringIO(told, newline="")))[1:]
    assert [line for line, *_ in listed] == ["2", "4", "5", "6", "7"]
    assert [cells for _line, _why, *cells in listed] == [[]] * 4 + [["79161234568", "Mars/Olympus", "somebody else"]]
