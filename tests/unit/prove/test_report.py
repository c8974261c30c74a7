"""What is shown of a verdict."""

import json

import pytest

from soroka.prove import report
from soroka.prove.tally import Numbers, Promise
from soroka.prove.verdict import Verdict
from soroka.prove.watch import agree

NUMBERS = Numbers(planned=2000, offered=3, accepted=3, delivered=3, not_sent=0, twice=0, lost=0, doubt=0)
HOLDS = Verdict("a", "fault a", 1.0, NUMBERS, [Promise("nothing is lost", True, "0 lost")])
BROKEN = Verdict("b", "fault b", 2.0, NUMBERS, [Promise("nothing is lost", False, "7 lost")])
NO_END = Verdict("c", "fault c", 3.0, None, problem="it did not end")
NOT_RUN = Verdict("d", "fault d", 0.0, None, skipped="no such library")


@pytest.mark.parametrize(
    ("verdict", "word"), [(HOLDS, "holds"), (BROKEN, "BROKEN"), (NO_END, "BROKEN"), (NOT_RUN, "not run")]
)
def test_a_verdict_holds_only_if_it_was_run_to_its_end_and_every_promise_does(verdict, word):
    assert verdict.word == word
    assert verdict.holds == (word == "holds")


def test_json_carries_numbers_and_promises():
    document = json.loads(report.as_json([HOLDS, BROKEN], {"seed": 1}))
    assert document["holds"] is False
    assert document["verdicts"][0]["planned"] == 2000
    assert document["verdicts"][1]["promises"] == [
        {"text": "nothing is lost", "holds": False, "detail": "7 lost", "timed": False}
    ]


def test_markdown_goes_between_the_markers_and_leaves_the_rest(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.markers()[0]}\nworn out\n{report.markers()[1]}\nafter\n")
    begin, _ = report.markers()
    for _ in range(2):
        report.write_markdown(page, report.markdown([HOLDS, BROKEN, NO_END], {"seed": 1}))
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n")
    assert text.count(begin) == text.count("| a | holds | 2,000 |") == 1
    assert "worn out" not in text and "7 lost" in text and "it did not end" in text


def test_markdown_becomes_a_file_that_has_no_markers(tmp_path):
    page = tmp_path / "page.md"
    report.write_markdown(page, "text\n")
    assert page.read_text() == "text\n"


@pytest.mark.parametrize(
    ("said", "counted", "same"),
    [
        ([3, 1, 1, 1], [3, 1, 1, 1], True),
        ([3, 1, 1, 1], [3, 0, 2, 1], False),
        ([3, 1, 1, 1], [None, None, None, None], False),
        ([3, 1, 1, 2], [3, 1, 1, 2], False),
    ],
)
def test_the_watcher_sees_counts_that_differ_or_do_not_add_up(said, counted, same):
    assert agree(said, counted) is same
