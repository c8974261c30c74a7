import orjson
import pytest

from soroka.gateways.simulator.answers import ACCEPTED, answer_of
from soroka.gateways.simulator.record import PAGE, Record

LOST, REFUSED = answer_of("lose", ""), answer_of("503", "1")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "calls.jsonl"


def fill(record):
    record.add(100.25, 1, ACCEPTED)
    record.add(101.5, 2, REFUSED)
    record.add(102.5, 2, LOST)
    record.add(103.5, 2, ACCEPTED)
    record.add(104.5, 3, REFUSED)
    return record


SUMMARY = {
    "calls": 5,
    "accepted": 3,
    "distinct_ids": 3,
    "ids_accepted": 2,
    "ids_accepted_twice": 1,
    "ids_called_twice": 1,
    "first_call_at": 100.25,
    "last_call_at": 104.5,
}


def test_it_sums_up_nothing():
    assert Record().summary() == dict.fromkeys(SUMMARY, 0) | {"first_call_at": None, "last_call_at": None}


def test_it_sums_up_what_came():
    assert fill(Record()).summary() == SUMMARY


def test_it_counts_the_calls_of_a_message():
    record = fill(Record())
    assert [record.calls_of(message) for message in (1, 2, 3, 4)] == [1, 3, 1, 0]


def test_it_lists_every_call():
    calls = [orjson.loads(line) for line in b"".join(fill(Record()).lines()).splitlines()]
    assert calls[1:3] == [
        {"at": 101.5, "id": 2, "answer": "503", "accepted": False},
        {"at": 102.5, "id": 2, "answer": "lose", "accepted": True},
    ]
    assert [call["id"] for call in calls] == [1, 2, 2, 2, 3]


def test_it_lists_in_pages():
    record = Record()
    for message in range(PAGE * 2 + 1):
        record.add(1.0, message, ACCEPTED)
    assert [page.count(b"\n") for page in record.lines()] == [PAGE, PAGE, 1]


def test_it_survives_a_kill(path):
    fill(Record(path))  # neither closed nor flushed
    again = Record(path)
    assert again.summary() == SUMMARY
    assert again.calls_of(2) == 3
    again.add(105.0, 1, ACCEPTED)
    assert Record(path).summary()["ids_accepted_twice"] == 2


@pytest.mark.parametrize("line", ["{", "{}", "[]", '{"at": 1, "id": "x", "answer": "ok", "accepted": true}'])
def test_it_refuses_a_file_of_something_else(path, line):
    fill(Record(path)).close()
    with path.open("a") as file:
        file.write(line + "\n")
    with pytest.raises(ValueError, match=r"calls.jsonl, line 6, is no call; move the file away"):
        Record(path)
