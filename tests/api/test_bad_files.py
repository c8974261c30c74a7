"""Files that people and attackers hand in: each ends in a clear error or in refused rows, and nothing is lost."""

import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from soroka.imports import table
from soroka.imports.run import run
from soroka.models import Client, ClientImport, ImportChunk
from tests.api.conftest import errors
from tests.workbooks import archive, claiming, workbook

HEADER = ("phone", "name")


@pytest.fixture
def hand_in(api):
    """POST these bytes as a file, and take it over as the worker would; the report."""

    def post(content: bytes, **options: str) -> dict:
        answer = api.post("/clients/imports", {"file": SimpleUploadedFile("clients", content), **options})
        assert answer.status_code == 202, answer.content
        run(answer.json()["id"])
        report = api.get(f"/clients/imports/{answer.json()['id']}").json()
        assert not ImportChunk.objects.exists()
        return report

    return post


def refused(report: dict) -> dict[int, str]:
    assert report["state"] == "finished", report["detail"]
    assert report["rows"] == report["added"] + report["changed"] + report["unchanged"] + report["refused"]
    return {row["line"]: row["error"] for row in report["refusals"]}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "This is a picture"),
        (b"%PDF-1.7\n%\xe2\xe3", "This is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old Excel workbook"),
        (b"\x1f\x8b\x08\x00", "packed"),
        (b"\n\n\n", "The file is empty"),
        (b"\xef\xbb\xbf", "The file is empty"),
        (bytes(1000), "cannot be read"),
        (b"name,tags\nx,y\n", "No column is the phone.*name, tags"),
        (b",,,\n79161234567,,,\n", "No column is the phone"),
        (b"phone,name,\xd0\xa2\xd0\xb5\xd0\xbb\xd0\xb5\xd1\x84\xd0\xbe\xd0\xbd\n1,2,3\n", "Two columns mean 'phone'"),
        (b"phone,name\n", "has a header and no rows"),
        (b"phone,name\n\n,,\n", "has a header and no rows"),
        (b"phone," + b",".join(b"%d" % number for number in range(1_000_000)) + b"\n1\n", "line is longer"),
        (b"phone," + b",".join(b"%d" % number for number in range(10_000)) + b"\n1\n", "more than 100 columns"),
        (b'phone,"name\n79161234567,x\n', "quote"),
        (b"phone" * 1_000_000, "line is longer"),
        (b"{" + b'"phone": 1}', "No column is the phone"),
    ],
)
def test_a_file_of_no_use_is_refused_at_once_and_says_why(api, content, why):
    answer = api.post("/clients/imports", {"file": SimpleUploadedFile("clients", content)})
    assert answer.status_code == 400, answer.content
    assert errors(answer) == {("file", "unreadable_file")}
    (error,) = answer.json()["errors"]
    assert len(error["message"]) < 400
    assert re.search(why, error["message"])
    assert not ClientImport.objects.exists()
    assert not ImportChunk.objects.exists()


def test_an_empty_file_is_refused(api):
    answer = api.post("/clients/imports", {"file": SimpleUploadedFile("clients", b"")})
    assert errors(answer) == {("file", "empty")}


def test_marks_that_nobody_sees_are_taken_out_of_numbers(hand_in):
    invisible = (
        "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\u061c\ufeff\u00ad"
    )
    report = hand_in(b"phone\n" + f"{invisible}+7 916 123-45-67\n".encode())
    assert refused(report) == {}
    assert Client.objects.get().phone == 79161234567


def test_digits_of_other_scripts_are_refused(hand_in):
    report = hand_in("phone\n٧٩١٦١٢٣٤٥٦٧\n７９１６１２３４５６７\n79161234567\n".encode())
    lines = refused(report)
    assert lines.keys() == {2, 3}
    assert all("digits other than 0 to 9" in why for why in lines.values())
    assert report["added"] == 1


def test_rows_in_another_encoding_are_refused_in_utf_8(hand_in):
    lines = [b"phone,name", "79161234567,Анна".encode(), "79161234568,Ян".encode("cp1251"), "79161234569,Яна".encode()]
    report = hand_in(b"\n".join(lines))
    assert refused(report) == {3: "name cannot be read in the encoding of the file. Save it as UTF-8."}
    assert report["added"] == 2


def test_rows_in_another_encoding_are_refused_in_cp1251(hand_in):
    lines = ["phone,имя", "79161234567,Ёлка № 1", "79161234568,Яков", "79161234569,Пётр"]
    report = hand_in("\n".join(lines).encode("cp1251") + "\n79161234570,Анна\n".encode() + b"79161234571,\x98\n")
    assert refused(report) == {
        5: "The row is UTF-8 in a file of CP1251. Save the file in one encoding.",
        6: "имя cannot be read in the encoding of the file. Save it as UTF-8.",
    }
    assert {client.attributes["имя"] for client in Client.objects.all()} == {"Пётр", "Яков", "Ёлка № 1"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_usual_dialects_and_encodings_mean_the_same(hand_in, encoding, delimiter, end):
    rows = [["телефон", "имя", "метки"], ["8 916 123-45-67", '"Анна, Омск; дом"', '"a;b"'], ["79161234568", "Ян", ""]]
    report = hand_in(end.join(delimiter.join(cells) for cells in rows).encode(encoding))
    assert refused(report) == {}
    names = [client.attributes["имя"] for client in Client.objects.order_by("phone")]
    assert names == ["Анна, Омск; дом", "Ян"]


def test_what_is_broken_in_utf_16_is_refused(hand_in):
    content = (
        "phone,name\n79161234567,Анна\n79161234568,".encode("utf-16")
        + b"\x00\xd8"
        + "\n79161234569,Ян\n".encode("utf-16-le")
    )
    assert refused(hand_in(content)) == {3: "name cannot be read in the encoding of the file. Save it as UTF-8."}


def test_a_line_that_is_too_long_is_one_refused_row(hand_in, monkeypatch):
    monkeypatch.setattr(table, "LONGEST_LINE", 1000)
    report = hand_in(b"phone,name\n79161234567,a\n79161234568," + b"x" * 5_000_000 + b"\n79161234569,b\n")
    assert refused(report) == {3: "The line is longer than 1000 characters."}
    assert report["added"] == 2


def test_quotes_that_never_close_again_and_again_end_an_import(hand_in, monkeypatch):
    monkeypatch.setattr(table, "MOST_OPEN", 20)
    report = hand_in(b"phone,name\n79161234567,a\n" + b'q","\n' * 500)
    assert report["state"] == "failed"
    assert "Quotes are opened and not closed in more than 20 rows" in report["detail"]
    assert not Client.objects.exists()


def test_a_value_without_a_column_is_not_lost_unseen(hand_in):
    report = hand_in(b"phone,,name,\n79161234567,,a,\n79161234568,x,b,\n79161234569,,c,y\n")
    lines = refused(report)
    assert lines.keys() == {3, 4}
    assert "column 2" in lines[3]


def test_a_workbook_is_read_as_a_file(hand_in):
    report = hand_in(
        workbook(
            [
                ("Телефон", "имя", "дом"),
                (79161234567, 'О"Хара\nмл.', 12.5),
                ("8 916 123-45-68", "Ян", 3),
                ("12", "", ""),
            ]
        )
    )
    assert refused(report) == {4: "The phone number is too short. Write it like +7 916 123-45-67."}
    assert {client.phone: client.attributes for client in Client.objects.all()} == {
        79161234567: {"имя": 'О"Хара\nмл.', "дом": "12.5"},
        79161234568: {"имя": "Ян", "дом": "3"},
    }


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04" + bytes(100), "archive is damaged"),
        (workbook([HEADER, ("79161234567", "x")])[:-300], "archive is damaged"),
        (
            archive("<worksheet><sheetData><row><c t='inlineStr'><is><t>phone"),
            "cannot be read|has a header and no rows|is empty",
        ),
        (archive("no XML at all"), "cannot be read|is empty"),
        (workbook([]), "The file is empty"),
        (workbook([HEADER]), "has a header and no rows"),
        (workbook([("a", "b"), ("1", "2")]), "No column is the phone"),
    ],
)
def test_a_workbook_of_no_use_makes_the_import_failed_and_says_why(hand_in, content, why):
    report = hand_in(content)
    assert report["state"] == "failed"
    assert re.search(why, report["detail"]), report["detail"]


def test_an_archive_that_is_no_workbook_is_named(hand_in):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("photo.jpg", b"x")
    assert "This is a ZIP archive, and no workbook" in hand_in(out.getvalue())["detail"]


def test_a_workbook_that_says_it_is_huge_is_not_unpacked(hand_in):
    report = hand_in(claiming(workbook([HEADER, ("79161234567", "x")]), 2**32 - 2))
    assert (report["state"], report["detail"]) == (
        "failed",
        "The workbook unpacks to more than there is room for. Save it as CSV.",
    )
