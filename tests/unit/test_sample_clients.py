import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from soroka.domain.phone import operator_code, parse_phone

SCRIPT = Path(__file__).parents[2] / "samples" / "make_clients.py"


def make(target: Path) -> Path:
    subprocess.run([sys.executable, SCRIPT, target], check=True, timeout=30)
    return target


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return make(tmp_path_factory.mktemp("samples") / "clients.csv")


@pytest.fixture(scope="module")
def rows(file):
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_it_writes_ten_thousand_clients_under_the_header_of_the_import(rows):
    assert list(rows[0]) == ["phone", "operator_code", "tags", "timezone", "name", "city"]
    assert len(rows) == 10_000


def test_it_writes_the_same_file_each_time(file, tmp_path):
    assert make(tmp_path / "again.csv").read_bytes() == file.read_bytes()


def test_every_phone_is_another_and_carries_its_operator_code(rows):
    phones = {parse_phone(row["phone"]): row["operator_code"] for row in rows}
    assert len(phones) == len(rows)
    assert all(operator_code(phone) == int(code) for phone, code in phones.items())


def test_the_phones_are_mostly_plain_and_written_in_several_ways(rows):
    plain = [row for row in rows if row["phone"].isdigit() and row["phone"].startswith("7") and len(row["phone"]) == 11]
    assert 0.8 < len(plain) / len(rows) < 0.9
    assert {row["phone"][0] for row in rows} == set("789+")


def test_it_covers_all_eleven_time_zones_of_russia(rows):
    summer_and_winter_alike = {ZoneInfo(row["timezone"]) for row in rows}
    assert len(summer_and_winter_alike) == 11
    moscow = Counter(row["timezone"] for row in rows)["Europe/Moscow"]
    assert 0.6 < moscow / len(rows) < 0.7


def test_every_client_has_a_name_and_a_city_and_most_have_several_tags(rows):
    assert all(row["name"] and row["city"] for row in rows)
    assert sum(";" in row["tags"] for row in rows) > len(rows) / 2
    tags = Counter(tag for row in rows for tag in row["tags"].split(";"))
    assert {"vip", "new", "loyal", "sleeping", "spring-sale"} <= set(tags)
    assert 300 < tags["vip"] < 700
