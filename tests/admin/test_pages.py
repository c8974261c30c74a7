"""Every page opens, empty and full, in both languages."""

import re

import pytest
from django.urls import reverse
from django.utils import translation

from soroka.models import Segment
from tests.admin.pages import forms, lists, rows, seen
from tests.admin.test_translations import catalogue

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def everywhere(browser):
    for address in [reverse("admin:index"), *lists(), *forms(), reverse("admin:app_list", args=["soroka"])]:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        yield address, answer


def test_it_opens_every_page_of_an_empty_desk(admin):
    assert len(list(everywhere(admin))) > 10


@pytest.mark.parametrize("language", ["ru", "en"])
def test_it_opens_every_page_of_a_full_desk(enter, full_desk, language):
    browser = enter("admin", language)
    for address in rows():
        assert browser.get(address).status_code == 200, address


def test_the_english_pages_have_no_russian_word(enter, full_desk):
    browser = enter("admin", "en")
    pages = [*everywhere(browser), *((address, browser.get(address)) for address in rows())]
    for address, answer in pages:
        russian = [text for text in seen(answer) if CYRILLIC.search(text)]
        assert set(russian) <= {"Русский"}, address


def test_the_russian_pages_have_no_english_sentence_of_ours(enter, full_desk):
    with translation.override("ru"):
        ours = {english for english, russian in catalogue().items() if english != russian}
    browser = enter("admin", "ru")
    pages = [*everywhere(browser), *((address, browser.get(address)) for address in rows())]
    for address, answer in pages:
        texts = {text.strip(" :*.") for text in seen(answer)}
        assert not texts & {english.strip(" :*.") for english in ours} - {"admin", "viewer", "operator"}, address


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 сегментов"), (1, "1 сегмент"), (2, "2 сегмента"), (5, "5 сегментов"), (21, "21 сегмент")],
)
def test_a_list_says_how_many_rows_it_has(enter, number, words):
    Segment.objects.bulk_create(Segment(name=f"{place}", filter={"operator_codes": [916]}) for place in range(number))
    assert words in seen(enter("viewer", "ru").get(reverse("admin:soroka_segment_changelist")))


def test_every_list_that_counts_its_rows_has_a_word_for_them(enter, full_desk):
    browser = enter("admin", "en")
    for address in lists():
        assert not any(re.fullmatch(r"\d+ rows?", text) for text in seen(browser.get(address))), address


def test_the_switch_of_languages_keeps_to_its_choice(enter):
    browser = enter("viewer", "ru")
    browser.post(reverse("set_language"), {"language": "en"})
    assert "Under way" in seen(browser.get(reverse("admin:index")))


def test_the_overview_tells_what_is_under_way(enter, mailing):
    texts = seen(enter("viewer", "en").get(reverse("admin:index")))
    assert {"Under way", "News", "running"} <= set(texts)


def test_the_overview_tells_of_a_gateway_in_trouble(enter, gateway):
    gateway.trouble, gateway.last_error = 2, "connection refused"
    gateway.save()
    page = enter("viewer", "en").get(reverse("admin:index")).content.decode()
    assert "connection refused" in page


def test_one_without_a_role_sees_nothing(enter, mailing):
    browser = enter("viewer", "en")
    from django.contrib.auth.models import User

    User.objects.get(username="viewer").groups.clear()
    assert "News" not in seen(browser.get(reverse("admin:index")))
    for address in lists():
        assert browser.get(address).status_code == 403, address
