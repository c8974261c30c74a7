"""Times are told in the viewer's zone, in the admin alone, and numbers with a narrow space between thousands."""

import re
from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import number_format

from soroka.models import Mailing
from tests.admin.conftest import start_mailing, tomorrow
from tests.admin.pages import seen

AT = datetime(2026, 11, 29, 7, 0, 7, tzinfo=UTC)


def told(at, zone="Asia/Vladivostok", language="en"):
    with timezone.override(zone), translation.override(language):
        return Template("{% load desk %}{{ at|moment }}").render(Context({"at": at}))


def test_a_moment_is_told_to_the_second_with_its_zone():
    said = told(AT)
    assert 'datetime="2026-11-29T17:00:07+10:00"' in said
    assert 'title="29 Nov 2026, 17:00:07, Asia/Vladivostok, UTC+10"' in said
    assert ">29 Nov 2026, 17:00:07<" in said
    assert ">29.11.2026, 17:00:07<" in told(AT, language="ru")
    assert told(AT) == told(AT.isoformat())
    assert 'title="29 Nov 2026, 07:00:07, UTC"' in told(AT, "UTC")


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_moment_is_told_by_nothing(nothing):
    assert told(nothing) == ""


def test_a_wall_clock_is_left_as_it_is():
    assert told(AT.replace(tzinfo=None)) == '<time datetime="2026-11-29T07:00:07">29 Nov 2026, 07:00:07</time>'


@pytest.mark.parametrize(
    ("zone", "offset"),
    [("Asia/Kolkata", "UTC+5:30"), ("UTC", "UTC"), ("America/St_Johns", "UTC−3:30"), ("Etc/GMT+2", "UTC−2")],
)
def test_it_says_offsets_of_every_kind(zone, offset):
    assert f", {offset}" in told(AT, zone) or zone == offset


def zone_shown(browser) -> str:
    page = browser.get(reverse("admin:index")).content.decode()
    return " ".join(re.sub("<[^>]+>", " ", page[page.index("desk-zone") :].split("</a>")[0]).split())


def test_the_zone_is_the_services_the_browsers_or_the_chosen_one(enter):
    browser = enter("viewer", "en")
    assert "Europe/Moscow, UTC+3" in zone_shown(browser)
    browser.cookies["browser_zone"] = "Asia/Yekaterinburg"
    assert "Asia/Yekaterinburg, UTC+5" in zone_shown(browser)
    assert browser.post(reverse("desk-zone"), {"zone": "Asia/Tokyo", "next": "/admin/soroka/"}).url == "/admin/soroka/"
    assert "Asia/Tokyo, UTC+9" in zone_shown(browser)
    browser.post(reverse("desk-zone"), {"zone": ""})
    assert "Asia/Yekaterinburg, UTC+5" in zone_shown(browser)


@pytest.mark.parametrize("nonsense", ["Europe/Atlantis", "../etc/passwd", "localtime", "x;y"])
def test_a_cookie_of_no_zone_is_passed_over(enter, nonsense):
    browser = enter("viewer", "en")
    browser.cookies["browser_zone"] = nonsense
    assert "Europe/Moscow" in zone_shown(browser)
    assert browser.post(reverse("desk-zone"), {"zone": nonsense}).status_code == 200


def test_it_leads_back_to_nobody_elses_page(enter):
    answer = enter("viewer").post(reverse("desk-zone"), {"zone": "Asia/Tokyo", "next": "https://evil.example/"})
    assert answer.url == reverse("admin:index")


def test_a_time_in_a_form_is_read_by_the_services_clock_wherever_the_viewer_is(enter, gateway, vip, make_clients):
    make_clients(1, tag_ids=[vip.pk])
    browser = enter("operator", "en")
    browser.cookies["desk_zone"] = "Asia/Vladivostok"
    page = seen(browser.get(reverse("admin:soroka_mailing_add")))
    assert any("Europe/Moscow" in text for text in page)
    form = {"text": "Hi", "tags": [vip.pk], "gateway": gateway.name, "starts_at": tomorrow(10), "ends_at": tomorrow(12)}
    start_mailing(browser, form | {"match": "any"})
    wall = tomorrow(10)
    assert (
        f"{timezone.localtime(Mailing.objects.get().starts_at):%Y-%m-%dT%H:%M}" == wall
    )  # the service's is active here


def test_the_api_tells_times_by_the_services_zone(enter, mailing):
    browser = enter("viewer")
    browser.cookies["desk_zone"] = "Asia/Vladivostok"
    browser.get(reverse("admin:index"))
    assert browser.get(f"/mailings/{mailing.pk}").json()["ends_at"].endswith("+03:00")


@pytest.mark.parametrize(("language", "half"), [("ru", "1\u202f234\u202f567,5"), ("en", "1\u202f234\u202f567.5")])
def test_thousands_are_set_apart_by_a_narrow_space(language, half):
    with translation.override(language):
        assert number_format(1234567.5, force_grouping=True) == half
        assert Template("{% load humanize %}{{ 1234567|intcomma }}").render(Context()) == half[:-2]


def test_the_page_of_a_mailing_names_the_zone_that_its_times_are_told_in(enter, make_mailing):
    mailing = make_mailing(starts_in=60)
    browser = enter("viewer", "en")
    browser.cookies["desk_zone"] = "Asia/Vladivostok"
    with timezone.override("Asia/Vladivostok"):
        start = f"{timezone.localtime(mailing.starts_at):%-d %B %Y, %H:%M} (Asia/Vladivostok, UTC+10)"
    assert start in seen(browser.get(reverse("admin:soroka_mailing_change", args=[mailing.pk])))
