import pytest

from soroka.models import Change, Mailing
from soroka.queue.close import close_next
from soroka.queue.withdraw import cancel
from tests.rows import settle_all


@pytest.fixture
def mailing(make_clients, make_mailing):
    make_clients(3)
    return make_mailing()


def test_it_lists_the_newest_first(told, soroka, mailing, make_mailing):
    later = make_mailing(name="Later", starts_in=600)
    assert [row["id"] for row in told("mailing", "list")["results"]] == [later.pk, mailing.pk]
    assert [row["id"] for row in told("mailing", "list", "--limit", "1")["results"]] == [later.pk]
    assert [row["id"] for row in told("mailing", "list", "--search", "news")["results"]] == [mailing.pk]
    lines = soroka("mailing", "list").stdout.splitlines()
    assert lines[0].split() == ["id", "status", "done", "messages", "delivered", "not", "sent", "start", "end", "name"]
    assert lines[1].split()[:3] == [str(later.pk), "scheduled", "0"]


def test_it_lists_those_that_are_not_over(told, mailing, make_mailing):
    over = make_mailing()
    cancel(over.pk)
    assert [row["id"] for row in told("mailing", "list", "--open")["results"]] == [mailing.pk]


def test_an_empty_list_says_how_to_begin(soroka, told):
    assert "soroka mailing create --help" in soroka("mailing", "list").stdout
    assert told("mailing", "list") == {"results": []}


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_a_table_keeps_within_the_terminal(soroka, make_mailing, make_clients, columns):
    make_clients(1)
    make_mailing(name="A name that is much longer than any terminal is wide, " * 3)
    for words in (["list"], ["show", str(Mailing.objects.get().pk)]):
        done = soroka("mailing", *words, COLUMNS=columns)
        assert max(map(len, done.stdout.splitlines())) <= int(columns)
        assert "\x1b" not in done.stdout
        assert all(line == line.rstrip() for line in done.stdout.splitlines())


def test_it_shows_a_mailing_with_all_that_is_counted(told, soroka, mailing):
    shown = told("mailing", "show", mailing.pk)
    assert shown["statistics"]["by_timezone"]["Europe/Moscow"]["total"] == 3
    assert shown["created_by"] is None
    words = soroka("mailing", "show", mailing.pk).stdout
    for part in ("Good day!", "every client", "messages    3", "in process  3", "running"):
        assert part in words


def test_it_says_why_messages_were_not_sent(soroka, mailing):
    cancel(mailing.pk)
    while close_next():
        pass
    assert "withdrawn" in soroka("mailing", "show", mailing.pk).stdout


def test_it_pauses_resumes_and_cancels(told, mailing):
    assert told("mailing", "pause", mailing.pk)["status"] == "paused"
    assert told("mailing", "pause", mailing.pk)["status"] == "paused"
    assert told("mailing", "resume", mailing.pk)["status"] == "running"
    assert told("mailing", "cancel", mailing.pk, "--yes")["status"] == "cancelled"
    assert set(Change.objects.values_list("action", "channel")) == {
        ("paused", "command"), ("resumed", "command"), ("cancelled", "command"),
    }  # fmt: skip


def test_what_is_over_cannot_be_paused_or_resumed(refused, soroka, mailing):
    cancel(mailing.pk)
    for verb in ("pause", "resume"):
        assert refused(4, "mailing", verb, mailing.pk)["type"] == "urn:soroka:problem:not_allowed"
    assert soroka("mailing", "pause", mailing.pk).stderr.startswith("Error: ")
    assert "Рассылка отменена." in soroka("mailing", "resume", mailing.pk, LANG="ru_RU.UTF-8").stderr


def test_nobody_is_asked_about_one_that_is_over(refused, told, mailing):
    settle_all(mailing.pk)
    assert refused(4, "mailing", "cancel", mailing.pk)["type"] == "urn:soroka:problem:not_allowed"


@pytest.mark.parametrize("words", [["show"], ["pause"], ["resume"], ["cancel", "--yes"], ["cancel"], ["watch"]])
def test_what_does_not_exist_is_not_found(refused, words):
    assert refused(3, "mailing", *words, "4711")["type"] == "urn:soroka:problem:not_found"


def test_a_person_is_asked_before_a_mailing_is_cancelled(soroka, refused, mailing, monkeypatch):
    assert "--yes" in refused(2, "mailing", "cancel", mailing.pk)["detail"]
    monkeypatch.setattr("soroka.terminal.asking.has_person", lambda: True)
    declined = soroka("mailing", "cancel", mailing.pk, typed="n\n")
    assert declined.exit_code == 1
    assert "with 3 messages still in process?" in declined.stderr
    assert soroka("mailing", "cancel", mailing.pk, typed="y\n").exit_code == 0
    mailing.refresh_from_db()
    assert mailing.cancelled_at


def test_it_answers_in_russian_where_lang_says_so(soroka, mailing):
    done = soroka("mailing", "pause", mailing.pk, LANG="ru_RU.UTF-8")
    assert done.stdout == f"Рассылка {mailing.pk}: приостановлена, 3 сообщения.\n"
    assert "Нет рассылки 4711" in soroka("mailing", "show", "4711", LANG="ru_RU.UTF-8").stderr
