"""Mailings are made, watched and stopped from the desk as by the API."""

from datetime import date

import pytest

from soroka.domain.message import MailingStatus
from soroka.domain.send_window import SendWindow
from soroka.models import Gateway, Mailing, Message
from soroka.models.status import status_of
from soroka.queue.withdraw import cancel, pause
from tests.admin.conftest import start_mailing, tomorrow
from tests.admin.pages import seen

PAGE = {"accept": "text/html"}
LIST = "/admin/soroka/mailing/"


@pytest.fixture
def desk(enter):
    return enter("operator", "en")


@pytest.fixture
def form(gateway, vip, make_clients):
    """A form that is filled in well."""
    make_clients(2, tag_ids=[vip.pk], operator_code=916)
    make_clients(1, tag_ids=[vip.pk], operator_code=926)
    return {
        "name": "News", "text": "Good day!", "tags": [vip.pk], "match": "any", "operator_codes": "916, 999",
        "ends_at": tomorrow(20), "gateway": "default",
    }  # fmt: skip


def test_a_mailing_is_made_and_planned_at_once(desk, form, vip):
    answer = start_mailing(desk, form)
    mailing = Mailing.objects.get()
    assert answer["Location"] == f"{LIST}{mailing.pk}/change/"
    assert (mailing.name, mailing.text, mailing.local_time, mailing.created_by.username) == (
        "News", "Good day!", False, "operator",
    )  # fmt: skip
    assert mailing.filter["tag_ids"] == [vip.pk] and mailing.filter["operator_codes"] == [916, 999]
    assert Message.objects.count() == 2 and mailing.planned_at


def test_a_start_is_by_the_clients_clocks_if_that_is_wished(desk, form):
    start_mailing(desk, form | {"starts_at": tomorrow(10), "local_time": "on"})
    assert Mailing.objects.get().local_time
    assert any(
        "by each client's own clock" in text for text in seen(desk.get(f"{LIST}{Mailing.objects.get().pk}/change/"))
    )


def test_its_fallbacks_are_named_in_order(desk, form):
    third, backup = (Gateway.objects.create(name=name) for name in ("third", "backup"))
    start_mailing(desk, form | {"fallbacks": "backup,  third,"})
    mailing = Mailing.objects.get()
    assert mailing.fallbacks == [backup.pk, third.pk]
    assert "backup, third" in seen(desk.get(f"{LIST}{mailing.pk}/change/"))


def test_the_form_begins_with_the_hours_of_the_service_and_the_page_says_them(desk, form, settings):
    settings.HOLIDAYS = frozenset({date(2035, 1, 1)})
    settings.SEND_WINDOW = SendWindow.parse("09:00-21:00 1,2", settings.HOLIDAYS)
    fields = desk.get(f"{LIST}add/").context["form"]
    hours = {name: fields[name].value() for name in ("window_from", "window_to", "window_days")}
    assert hours == {"window_from": "09:00", "window_to": "21:00", "window_days": [1, 2]}
    start_mailing(desk, form | hours)
    mailing = Mailing.objects.get()
    assert mailing.send_window == settings.SEND_WINDOW
    assert any(
        text.startswith("09:00–21:00, Mon, Tue, but not on 1 January 2035")
        for text in seen(desk.get(f"{LIST}{mailing.pk}/change/"))
    )


def test_wider_hours_need_the_word_and_empty_ones_are_all_hours(desk, form, settings):
    settings.SEND_WINDOW = SendWindow.parse("09:00-21:00")
    assert "__all__" in desk.post(f"{LIST}add/", form).context["form"].errors
    assert start_mailing(desk, form | {"widen_window": "on"}).status_code == 302
    assert Mailing.objects.get().window is None


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("text", {"text": ""}), ("text", {"text": "x" * 2001}), ("text", {"text": "{{ name"}),
        ("ends_at", {"ends_at": ""}), ("ends_at", {"ends_at": "2001-01-01T10:00"}), ("ends_at", {"ends_at": "soon"}),
        ("ends_at", {"starts_at": tomorrow(21)}), ("operator_codes", {"operator_codes": "91"}),
        ("tags", {"tags": ["999"]}), ("gateway", {"gateway": "nobody"}),
        ("window_from", {"window_from": "9", "window_to": "21:00"}), ("window_to", {"window_from": "09:00"}),
        ("window_to", {"window_from": "09:00", "window_to": "09:00"}), ("window_days", {"window_days": ["8"]}),
        ("fallbacks", {"fallbacks": "nobody"}), ("fallbacks", {"fallbacks": "default"}),
        ("__all__", {"tags": [], "operator_codes": ""}), ("__all__", {"everyone": "on"}),
    ],
)  # fmt: skip
def test_bad_input_is_refused_at_its_field(desk, form, field, change):
    answer = desk.post(f"{LIST}add/", form | change)
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) - ({"tags"} if field == "__all__" else set()) <= {field}
    assert answer.context["form"].errors
    assert not Mailing.objects.exists()


def test_looking_ahead_writes_nothing(desk, form):
    texts = seen(desk.post(f"{LIST}add/", form | {"_preview": "", "text": "Hello {{ phone }}"}))
    assert "2 clients would get this" in texts
    assert any(text.startswith("Hello 7916") for text in texts)
    assert not Mailing.objects.exists() and not Message.objects.exists()


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
def test_a_verb_asks_before_it_does_anything(desk, mailing, verb):
    if verb == "resume":
        pause(mailing.pk)
    before = status_of(mailing.pk)
    assert desk.get(f"{LIST}{mailing.pk}/{verb}/").status_code == 200
    assert status_of(mailing.pk) is before


def test_it_pauses_resumes_and_cancels(desk, mailing):
    for verb, after in (
        ("pause", MailingStatus.PAUSED), ("resume", MailingStatus.RUNNING), ("cancel", MailingStatus.CANCELLED)
    ):  # fmt: skip
        assert desk.post(f"{LIST}{mailing.pk}/{verb}/").status_code == 302
        assert status_of(mailing.pk) is after


def test_what_is_not_possible_any_more_is_said(desk, mailing):
    cancel(mailing.pk)
    for call in (desk.get, desk.post):
        texts = seen(call(f"{LIST}{mailing.pk}/pause/", follow=True))
        assert "This is not possible any more: the mailing is cancelled." in texts


def test_it_offers_only_the_verbs_that_are_possible(desk, enter, mailing):
    def verbs(browser):
        return {"Pause", "Resume", "Cancel the mailing"} & set(seen(browser.get(f"{LIST}{mailing.pk}/change/")))

    assert verbs(desk) == {"Pause", "Cancel the mailing"}
    assert verbs(enter("viewer", "en")) == set()
    desk.post(f"{LIST}{mailing.pk}/pause/")
    assert verbs(desk) == {"Resume", "Cancel the mailing"}


def test_its_page_has_the_counts_and_the_breakdown(desk, mailing):
    assert desk.get(f"{LIST}{mailing.pk}/change/").context["counts"] == {
        "total": 3, "in_process": 3, "delivered": 0, "not_sent": 0,
    }  # fmt: skip
    texts = seen(desk.get(f"{LIST}{mailing.pk}/change/?part=breakdown"))
    assert "916" in texts and "Europe/Moscow" in "".join(texts)


def test_the_page_is_fetched_anew_once_its_status_changes(desk, mailing):
    part = f"{LIST}{mailing.pk}/change/?part=counts&status=running"
    assert "HX-Refresh" not in desk.get(part)
    cancel(mailing.pk)
    assert desk.get(part)["HX-Refresh"] == "true"


def test_an_unknown_mailing_is_a_404_with_a_way_back(enter):
    for address in ("999/change/", "999/pause/", "add/?copy=999"):
        answer = enter("operator").get(LIST + address, headers=PAGE)
        assert answer.status_code == 404
        assert "По этому адресу ничего нет." in answer.content.decode()
        assert 'href="/admin/"' in answer.content.decode()


def test_a_page_that_is_closed_has_a_way_back(enter, mailing):
    answer = enter("viewer").get(f"{LIST}{mailing.pk}/pause/", headers=PAGE)
    assert answer.status_code == 403
    assert "Сюда вам нельзя." in answer.content.decode()
    assert 'href="/admin/"' in answer.content.decode()


def test_a_fault_of_ours_has_a_way_back(enter, monkeypatch, mailing):
    def break_down(*_args):
        raise ZeroDivisionError

    monkeypatch.setattr("soroka.admin.mailing_page.facts_of", break_down)
    browser = enter("operator")
    browser.raise_request_exception = False
    answer = browser.get(f"{LIST}{mailing.pk}/change/", headers=PAGE)
    assert answer.status_code == 500
    assert 'href="/admin/"' in answer.content.decode()
