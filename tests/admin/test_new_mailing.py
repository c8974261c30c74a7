"""The page of a new mailing follows what is typed: price and preview, audience, times, forecast."""

import json
import re

import pytest

from soroka.audience.filter import Filter
from soroka.models import Client, Mailing, Segment, Zone
from tests.admin.conftest import tomorrow
from tests.admin.pages import seen
from tests.admin.test_translations import catalogue

ADD = "/admin/soroka/mailing/add/"


@pytest.fixture
def desk(enter):
    return enter("operator", "en")


@pytest.fixture
def form(gateway, vip, make_clients):
    """A form that is filled in well, for two clients in Moscow and one in Vladivostok."""
    make_clients(2, tag_ids=[vip.pk], attributes={"name": "Anna"})
    far = Zone.objects.create(name="Asia/Vladivostok")
    make_clients(1, tag_ids=[vip.pk], zone=far, attributes={"name": "Konstantin"})
    return {
        "text": "Good day!", "tags": [vip.pk], "match": "any", "gateway": "default",
        "starts_at": tomorrow(10), "ends_at": tomorrow(20), "local_time": "on",
    }  # fmt: skip


def part(browser, name, form) -> str:
    """All that a part of the page says."""
    answer = browser.post(f"{ADD}?part={name}", form)
    assert answer.status_code == 200
    return " ".join(seen(answer))


def test_it_counts_segments_as_one_types(desk, form):
    assert "1 SMS (GSM-7) , 9 of 160 characters" in part(desk, "text", form)
    assert "1 SMS (UCS-2, because of «) , 10 of 70 characters" in part(desk, "text", form | {"text": "Good day!«"})
    assert "(UCS-2, because of о)" in part(desk, "text", form | {"text": "G\u043eod day!"})
    assert "1 SMS (UCS-2) , 6 of 70" in part(desk, "text", form | {"text": "Привет"})
    assert "2 SMS (UCS-2) , 72 of 134 characters" in part(
        desk, "text", form | {"text": "Съешь ещё этих мягких булок!" + "я" * 44}
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Привет, {{ na", "Текст кончился раньше, чем встретилось '}}'."),
        ("{{ first name }}", "В скобках лишнее: имя свойства пишется одним словом."),
        ("{% if name %}Привет", "Не закрыт тег: не хватает endif."),
        ("{{ name | loud }}", "Нет такого фильтра: 'loud'."),
    ],
)
def test_it_says_in_russian_what_is_wrong_with_the_braces(enter, form, text, words):
    assert words in part(enter("operator", "ru"), "text", form | {"text": text})


def test_a_client_of_the_audience_reads_the_text_and_then_another(desk, form):
    form |= {"text": "Dear {{ name }}" + "!" * 150}
    texts = [part(desk, "text", form | {"reader": str(turn)}) for turn in range(4)]
    assert [("Anna" in text, "Konstantin" in text) for text in texts] == [(True, False)] * 2 + [
        (False, True),
        (True, False),
    ]
    assert "1 SMS (GSM-7) , 159 of 160" in texts[0] and "2 SMS at most for the 3 clients" in texts[0]
    assert "at most" not in texts[2]
    assert "Another client" in texts[0]


def test_a_fault_of_the_text_is_said_while_the_rest_is_missing(desk, form):
    said = part(desk, "text", {"text": "Dear {{ name", "gateway": "default"})
    assert "expected '}}'" in said and "SMS" not in said
    assert "a client reads it are shown here" in part(desk, "text", {})


def test_nobody_of_the_audience_reads_what_is_for_nobody(desk, form):
    Client.objects.all().delete()
    assert "1 SMS" in part(desk, "text", form)
    assert "reads it" not in part(desk, "text", form)


def test_it_counts_the_audience_and_names_a_few(desk, form):
    said = part(desk, "audience", form | {"text": "{{ broken"})
    assert "3 clients are meant now" in said
    assert all(f"+{client.phone}" in said for client in Client.objects.all())
    Client.objects.filter(attributes__name="Konstantin").update(opted_out=True)
    assert "2 clients are meant now" in part(desk, "audience", form)
    Segment.objects.create(name="Few", filter={"timezones": ["Asia/Vladivostok"]})
    assert "0 clients are meant now" in part(desk, "audience", {"segment": "Few", "gateway": "default"})


def test_an_audience_that_is_missing_or_wrong_is_told_from_one_of_nobody(desk, form):
    assert "Nobody is chosen yet." in part(desk, "audience", form | {"tags": []})
    assert "91" in part(desk, "audience", form | {"operator_codes": "91"})
    assert "clients are meant" not in part(desk, "audience", form | {"everyone": "on"})


@pytest.fixture
def slow(monkeypatch):
    """Whatever looks at the audience takes a moment longer than it may."""
    where = Filter.where
    slowed = "(SELECT pg_sleep(0.05)) IS NOT NULL AND {}"
    monkeypatch.setattr(Filter, "where", lambda self: (slowed.format(where(self)[0]), where(self)[1]))
    monkeypatch.setattr("soroka.admin.new_mailing_parts.PATIENCE", 0.01)
    monkeypatch.setattr("soroka.admin.new_mailing_parts._HURRY", 0.01)


def test_what_is_too_slow_to_count_is_said_to_be(desk, form, slow):
    assert "Too many to be counted while you type" in part(desk, "audience", form)
    assert "By the zones of all clients" in part(desk, "time", form)


def test_the_forecast_is_then_estimated_and_says_so(desk, form, slow, monkeypatch):
    said = part(desk, "ahead", form)
    assert "3 clients would get this" in said and "Estimated from a part of the clients" in said
    last = Client.objects.latest("pk").pk
    monkeypatch.setattr("soroka.planning.draw.newest_client_id", lambda: last)
    monkeypatch.setattr("soroka.planning.draw._WIDTH", last)
    monkeypatch.setattr("soroka.planning.draw._SECONDS", 0.0)
    assert "3 clients would get this" in part(desk, "ahead", form)
    monkeypatch.setattr("soroka.planning.draw.newest_client_id", lambda: 2 * last)
    monkeypatch.setattr("soroka.planning.draw.random.shuffle", lambda parts: None)
    assert "6 clients would get this" in part(desk, "ahead", form)  # half of the ids were looked at


def test_times_are_said_by_each_clients_clock_and_by_the_services(desk, form):
    said = part(desk, "time", form)
    assert "10:00 by each client's clock" in said
    assert re.search(
        r"First .*, 03:00 \(Asia/Vladivostok\), last .*, 10:00 \(Europe/Moscow\), by the clocks of Europe/Moscow", said
    )
    same = part(desk, "time", {**form, "local_time": ""})
    assert "10:00 for everybody at once" in same and re.search(r"All are due .*, 10:00, by the clocks", same)
    assert "As soon as it is started" in part(desk, "time", form | {"starts_at": "", "ends_at": ""})


def test_the_zones_are_those_of_the_audience(desk, form, vip):
    Zone.objects.create(name="Asia/Kamchatka")
    assert "2 time zones" in part(desk, "time", form)
    nobody = part(desk, "time", form | {"tags": []})
    assert "3 time zones" in nobody and "those of the audience are not known yet" in nobody


def test_a_zone_whose_time_has_passed_is_named(desk, form):
    said = part(desk, "time", form | {"window_from": "21:00", "window_to": "22:00"})
    assert "It is too late already, or no hour is left: Asia/Vladivostok, Europe/Moscow" in said
    assert "must be after the start" in part(desk, "time", form | {"ends_at": tomorrow(9)})


def test_the_forecast_is_drawn_by_quarter_of_an_hour(desk, form):
    answer = desk.post(f"{ADD}?part=ahead", form | {"text": ""})
    said = " ".join(seen(answer))
    assert "3 clients would get this" in said and "Messages by quarter of an hour" in said
    chart = json.loads(answer.context["ahead"]["chart"])
    assert chart["labels"][0] == "03:00" and chart["labels"][-1] == "10:00" and len(chart["labels"]) == 29
    assert chart["datasets"][0]["data"] == [1, *[0] * 27, 2]
    assert "the forecast is shown here" in part(desk, "ahead", form | {"ends_at": ""})


@pytest.mark.parametrize("name", ["text", "audience", "time", "ahead"])
def test_the_parts_speak_russian(enter, form, name):
    ours = {english for english, russian in catalogue().items() if english != russian}
    desk = enter("operator", "ru")
    for asked in (form | {"text": "Dear {{ name }}"}, {}):
        texts = {text.strip(" :;,.") for text in seen(desk.post(f"{ADD}?part={name}", asked))}
        assert not texts & ours


def test_the_parts_write_nothing_and_are_for_those_who_make_mailings(enter, desk, form):
    for name in ("text", "audience", "time", "ahead"):
        part(desk, name, form)
        assert enter("viewer").post(f"{ADD}?part={name}", form).status_code == 403
        assert desk.get(f"{ADD}?part={name}").status_code == 405
    assert desk.post(f"{ADD}?part=other", form).status_code == 404
    assert not Mailing.objects.exists()
