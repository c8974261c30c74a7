"""The log, asked about one thing."""

import json
from itertools import islice

import pytest

from soroka.models import Message
from soroka.terminal.log_files import lines, more


def line(event, at="10:00:00.000", **members):
    return {"time": f"2026-11-29T{at}+03:00", "level": "info", "logger": "soroka.x", "event": event} | members


LINES = [
    line("request", route="mailings", mailing=12, request_id="mine-1"),
    line("planned", mailing=12, clients=[1, 50], request_id="mine-1"),
    line("not accepted", mailing=12, batch=4, message=107, client=7, outcome="unknown", detail="no answer"),
    line("batch", mailing=12, batch=4, messages=[101, 200]),
    line("batch", mailing=13, batch=5, messages=[201, 300]),
    line("gateway default works again"),
]


def text(some=LINES):
    return "".join(json.dumps(one) + "\n" for one in some)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "worker.log"
    path.write_text(f"[INFO] Starting granian\n{text()}" + '{"event": "cut off')
    return path


@pytest.fixture
def found(soroka, file):
    """``found("--mailing", "12")``: the places in LINES of what is shown."""

    def ask(*words):
        done = soroka("logs", "--file", str(file), "--json", *words)
        assert done.exit_code == 0, done.output
        return [LINES.index(json.loads(shown)) for shown in done.stdout.splitlines()]

    return ask


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ((), [0, 1, 2, 3, 4, 5]),
        (("--mailing", "12"), [0, 1, 2, 3]),
        (("--mailing", "13"), [4]),
        (("--message", "107"), [2, 3]),
        (("--message", "200"), [3]),
        (("--message", "107", "--mailing", "13"), []),
        (("--client", "7"), [1, 2]),
        (("--client", "51"), []),
        (("--request", "mine-1"), [0, 1]),
    ],
)
def test_it_shows_what_is_about_all_that_is_asked_for(found, words, places):
    assert found(*words) == places


def test_a_client_is_found_in_the_batches_of_his_messages(soroka, make_mailing, make_clients, tmp_path):
    one, other = make_clients(2)
    mailing = make_mailing()
    his, others = (Message.objects.get(mailing=mailing, client=client).pk for client in (one, other))
    path = tmp_path / "worker.log"
    path.write_text(
        text([line("batch", batch=1, messages=[his, his]), line("batch", batch=2, messages=[others, others])])
    )
    shown = soroka("logs", "--file", str(path), "--client", str(one.pk)).stdout
    assert "batch=1" in shown
    assert "batch=2" not in shown


def test_a_person_reads_a_line_a_thing(soroka, file):
    shown = soroka("logs", "--file", str(file), "--message", "107").stdout.splitlines()
    assert shown == [
        "2026-11-29T10:00:00.000+03:00 INFO soroka.x: not accepted  "
        'batch=4 client=7 detail="no answer" mailing=12 message=107 outcome=unknown',
        "2026-11-29T10:00:00.000+03:00 INFO soroka.x: batch  batch=4 mailing=12 messages=101..200",
    ]


def test_several_files_are_shown_in_the_order_of_time(soroka, tmp_path):
    (tmp_path / "one").write_text(text([line("first", "10:00:01.000"), line("third", "10:00:03.000")]))
    (tmp_path / "two").write_text(text([line("second", "10:00:02.000")]))
    shown = soroka("logs", "--file", str(tmp_path / "one"), "--file", str(tmp_path / "two")).stdout
    assert [one.split()[3] for one in shown.splitlines()] == ["first", "second", "third"]


def test_it_reads_what_docker_compose_writes(soroka):
    typed = f"worker_1  | {json.dumps(LINES[4])}\nworker_1  | no JSON\n"
    assert "mailing=13" in soroka("logs", "--file", "-", "--mailing", "13", typed=typed).stdout


def test_it_finds_the_logs_of_the_installation(soroka, tmp_path):
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "worker.log.1").write_text(text([line("before", "09:00:00.000")]))
    (tmp_path / "log" / "worker.log").write_text(text([line("after")]))
    (tmp_path / "log" / "postgres.log").write_text(text([line("never")]))
    shown = soroka("logs", SOROKA_HOME=str(tmp_path)).stdout
    assert [one.split()[3] for one in shown.splitlines()] == ["before", "after"]


def test_a_file_that_is_not_there_is_named(refused, tmp_path):
    assert "none.log" in refused(3, "logs", "--file", str(tmp_path / "none.log"))["detail"]
    assert "--file" in refused(3, "logs", SOROKA_HOME=str(tmp_path))["detail"]


def test_it_follows_a_file_and_one_that_is_begun_anew(tmp_path):
    path = tmp_path / "web.log"
    path.write_text("one\ntwo\n")
    following = more([str(path)])
    assert list(islice(following, 2)) == ["one\n", "two\n"]
    with path.open("a") as file:
        file.write("three\nfo")
    assert next(following) == "three\n"
    with path.open("a") as file:
        file.write("ur\n")
    assert next(following) == "four\n"
    path.write_text("new\n")
    assert next(following) == "new\n"


def test_a_last_line_without_an_end_is_read(tmp_path):
    (tmp_path / "web.log").write_text("one\ntwo")
    assert list(lines([str(tmp_path / "web.log")])) == ["one\n", "two"]
