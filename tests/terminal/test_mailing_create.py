import json
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User

from soroka.models import Change, Mailing, Segment

SOON = ("--end", "+2h", "--yes")


@pytest.fixture
def clients(gateway, vip, make_clients):
    make_clients(3, tag_ids=[vip.pk])
    return make_clients(2)


@pytest.fixture
def anna(db):
    return User.objects.create_user("anna")


def fields_of(document):
    return {(error["option"], error["code"]) for error in document["errors"]}


def test_it_makes_a_mailing_as_the_api_does(told, clients):
    made = told("mailing", "create", "--text", "Good day!", "--name", "News", "--tag", "vip", *SOON)
    assert made["status"] == "running"
    assert made["statistics"] == {"total": 3, "in_process": 3, "delivered": 0, "not_sent": 0}
    assert made["filter"]["tags"] == ["vip"]
    assert Mailing.objects.get().name == "News"


def test_it_says_in_words_what_it_made(soroka, clients):
    done = soroka("mailing", "create", "--text", "Good day!", "--everyone", *SOON)
    number = Mailing.objects.get().pk
    said = f"Mailing {number} is made: 5 messages, running. See it with `soroka mailing watch {number}`."
    assert done.stdout.strip() == said


def test_the_text_may_come_by_a_file_or_by_stdin(told, clients, tmp_path):
    (tmp_path / "text.liquid").write_text("Привет,\n{{ name }}!\n")
    assert told("mailing", "create", "--file", tmp_path / "text.liquid", "--everyone", *SOON)["text"] == (
        "Привет,\n{{ name }}!"
    )
    assert told("mailing", "create", "--file", "-", "--everyone", *SOON, typed="From a pipe\n")["text"] == "From a pipe"


@pytest.mark.parametrize(
    ("options", "total"),
    [
        (["--everyone"], 5),
        (["--code", "916"], 5),
        (["--code", "926"], 0),
        (["--tag", "vip", "--match", "all"], 3),
        (["--filter", '{"not": {"tags": {"any": ["vip"]}}}'], 2),
        (["--segment", "a few"], 2),
    ],
)
def test_it_reaches_those_who_are_meant(told, clients, vip, options, total):
    Segment.objects.create(name="A few", filter={"not": {"tags": {"any": [vip.pk]}}})
    made = told("mailing", "create", "--text", "Good day!", *options, *SOON)
    assert made["statistics"]["total"] == total


def test_a_filter_may_lie_in_a_file(told, clients, tmp_path):
    (tmp_path / "filter.json").write_text('{"everyone": true}')
    made = told("mailing", "create", "--text", "Good day!", "--filter", f"@{tmp_path}/filter.json", *SOON)
    assert made["statistics"]["total"] == 5


def test_a_start_is_by_the_clients_clocks_unless_a_zone_or_one_moment_is_named(told, clients):
    when = ("--text", "Good day!", "--everyone", "--yes", "--start", "2034-11-27 10:00", "--end", "2034-11-27 20:00")
    assert told("mailing", "create", *when)["local_start"] == "2034-11-27T10:00"
    assert told("mailing", "create", *when, "--one-moment")["starts_at"] == "2034-11-27T10:00:00+03:00"
    there = told("mailing", "create", *when, "--zone", "Asia/Vladivostok")
    assert there["local_time"] is False
    assert datetime.fromisoformat(there["starts_at"]) == datetime(2034, 11, 27, tzinfo=UTC)


def test_it_takes_window_cap_and_fallbacks(told, clients):
    from soroka.models import Gateway

    Gateway.objects.create(name="spare")
    made = told(
        "mailing", "create", "--text", "Good day!", "--everyone", *SOON, "--window", "09:00-21:00 1-5", "--cap", "3/7",
        "--fallback", "spare",
    )  # fmt: skip
    assert (made["window"]["from"], made["window"]["to"], made["window"]["days"]) == ("09:00", "21:00", [1, 2, 3, 4, 5])
    assert made["cap"] == {"messages": 3, "days": 7}
    assert (made["gateway"], made["fallbacks"]) == ("default", ["spare"])


def test_it_names_every_fault_by_its_option(refused, clients):
    faulty = refused(
        2, "mailing", "create", "--text", "{{ name", "--tag", "nobody", "--end", "2020-01-01T10:00", "--yes",
        "--gateway", "none",
    )  # fmt: skip
    assert fields_of(faulty) == {
        ("--text", "bad_template"), ("--tag", "unknown_tag"), ("--gateway", "unknown_gateway"),
        ("--end", "ends_in_past"),
    }  # fmt: skip
    assert faulty["type"] == "urn:soroka:problem:invalid"
    assert {error["field"] for error in faulty["errors"]} == {"text", "filter.tags[0]", "gateway", "ends_at"}


def test_it_says_the_same_in_words(soroka, clients):
    done = soroka("mailing", "create", "--text", "Good day!", "--tag", "nobody", *SOON)
    assert done.exit_code == 2
    assert done.stderr == "Error: This is not a mailing that can be made.\n  --tag: There is no tag 'nobody'.\n"


def test_it_says_it_in_russian(soroka, clients):
    words = ["--text", "{{ name", "--filter", "{", *SOON]
    assert "--filter: Это не JSON: " in soroka("mailing", "create", *words, LANG="ru_RU.UTF-8").stderr
    words = ["--text", "{{ name", "--everyone", *SOON]
    assert "--text: Текст кончился раньше" in soroka("mailing", "create", *words, LANG="ru_RU.UTF-8").stderr


@pytest.mark.parametrize(
    ("options", "option"),
    [
        (["--end", "tomorrow"], "--end"),
        (["--end", "2020-01-01T10:00"], "--end"),
        (["--end", "+2h", "--window", "all day"], "--window"),
        (["--end", "+2h", "--cap", "many"], "--cap"),
        (["--end", "+2h", "--start", "2034-01-01T10:00"], "--end"),
        (["--end", "2034-01-01T10:00", "--zone", "Mars"], "--end"),
        ([], "--end"),
    ],
)
def test_what_cannot_be_read_is_wrong_usage(refused, clients, options, option):
    faulty = refused(2, "mailing", "create", "--text", "Good day!", "--everyone", "--yes", *options)
    assert {error["option"] for error in faulty["errors"]} == {option}


@pytest.mark.parametrize(
    "options",
    [
        ["--everyone"],
        ["--text", "a", "--file", "-", "--everyone"],
        ["--text", "a"],
        ["--text", "a", "--everyone", "--tag", "vip"],
        ["--text", "a", "--everyone", "--window", "09:00-21:00", "--no-window"],
        ["--text", "a", "--everyone", "--zone", "Europe/Moscow", "--local-time"],
        ["--text", "a", "--everyone", "--idempotency-key", "k"],
        ["--text", "a", "--everyone", "--as", "nobody"],
        ["--text", "a", "--everyone", "--colour", "red"],
    ],
)
def test_options_that_make_no_sense_together_are_refused(refused, clients, options):
    assert refused(2, "mailing", "create", *options, *SOON)["type"] == "urn:soroka:problem:usage"
    assert not Mailing.objects.exists()


def test_a_dry_run_writes_nothing_and_is_the_preview_of_the_api(told, clients):
    seen = told("mailing", "create", "--text", "Good day!", "--everyone", "--end", "+2h", "--dry-run")
    assert seen["clients"] == 5
    assert seen["forecast"]["timeline"][0]["timezone"] == "Europe/Moscow"
    assert [warning["code"] for warning in seen["warnings"]] == ["unknown_speed"]
    assert not Mailing.objects.exists()


def test_a_dry_run_shows_clients_zones_timeline_samples_and_warnings(soroka, clients):
    done = soroka("mailing", "create", "--text", "Good day!", "--everyone", "--end", "+2h", "--dry-run")
    assert done.exit_code == 0
    for part in ("clients            5", "Europe/Moscow        5", "█", "1 SMS, GSM-7", "! How fast the gateway is"):
        assert part in done.stdout
    assert "\x1b" not in done.stdout


def test_a_person_is_asked_with_the_number_and_may_say_no(soroka, clients, person):
    words = ("mailing", "create", "--text", "Good day!", "--everyone", "--end", "+2h")
    declined = soroka(*words, typed="n\n")
    assert "Start this mailing to 5 clients? [y/N]" in declined.stderr
    assert declined.exit_code == 1
    assert not Mailing.objects.exists()
    assert soroka(*words, typed="y\n").exit_code == 0
    assert Mailing.objects.count() == 1


def test_a_script_has_to_say_yes(refused, clients):
    assert "--yes" in refused(2, "mailing", "create", "--text", "a", "--everyone", "--end", "+2h")["detail"]
    assert not Mailing.objects.exists()


def test_it_is_made_by_who_is_named(told, clients, anna):
    made = told("mailing", "create", "--text", "Good day!", "--everyone", *SOON, "--as", "anna")
    assert Mailing.objects.get(pk=made["id"]).created_by == anna
    entry = Change.objects.get(kind="mailing")
    assert (entry.actor_kind, entry.actor, entry.channel) == ("user", "anna", "command")


def test_the_same_key_makes_no_second_mailing(told, refused, clients, anna):
    words = ("mailing", "create", "--text", "Good day!", *SOON, "--as", "anna", "--idempotency-key", "news-1")
    first = told(*words, "--everyone")
    assert told(*words, "--everyone")["id"] == first["id"]
    assert refused(4, *words, "--tag", "vip")["type"] == "urn:soroka:problem:idempotency_mismatch"
    assert Mailing.objects.count() == 1


def test_errors_are_one_document_in_russian_too(refused, clients):
    faulty = refused(2, "mailing", "create", "--text", "a", "--tag", "nobody", *SOON, LANG="ru_RU.UTF-8")
    assert faulty["errors"][0]["message"] == "Тега 'nobody' нет."
    assert json.dumps(faulty)
