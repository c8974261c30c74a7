"""A page that lies open while its session ends."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

PART = {"HX-Request": "true"}


@pytest.mark.parametrize("part", ["counts", "course", "breakdown"])
def test_a_part_has_the_page_fetched_anew_and_is_no_login(mailing, part):
    page = reverse("admin:soroka_mailing_change", args=[mailing.pk])
    answer = Browser().get(f"{page}?part={part}", headers=PART)
    assert (answer.status_code, answer.headers["HX-Refresh"], answer.content) == (403, "true", b"")
    assert Browser().get(page)["Location"].startswith(reverse("admin:login"))


def test_what_is_typed_stays_where_it_is(db):
    answer = Browser().post(f"{reverse('admin:soroka_mailing_add')}?part=draft", {"text": "Typed"}, headers=PART)
    assert answer.status_code == 403 and "HX-Refresh" not in answer.headers


def test_whoever_is_logged_in_is_led_on_as_ever(enter):
    answer = enter("operator", "en").get("/admin/soroka/mailing/1000/change/", headers=PART)
    assert answer.status_code == 404
