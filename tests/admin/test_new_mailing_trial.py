"""The text of a new mailing is tried on one's own numbers before it goes to anybody."""

import re

import pytest

from soroka.consent.ledger import Origin
from soroka.consent.opting import opt_out_phone
from soroka.dispatch.trial import Trial
from soroka.models import Change, Client, Gateway, Mailing, Message, OwnNumber
from soroka.models.consent import Channel
from soroka.models.link import client_of
from tests.admin.pages import seen

ADD = "/admin/soroka/mailing/add/"
TEST = f"{ADD}?part=test"


@pytest.fixture
def desk(enter):
    return enter("operator", "en")


@pytest.fixture
def form(gateway, vip, make_clients):
    """Text, audience and gateway are said; the rest is still missing."""
    make_clients(1, tag_ids=[vip.pk], attributes={"name": "Anna"})
    make_clients(1, tag_ids=[vip.pk], attributes={"name": "Boris"})
    return {"text": "Dear {{ name }}", "tags": [vip.pk], "gateway": "default", "own_numbers": "+7 916 000-11-22"}


def test_the_text_goes_out_as_the_client_reads_it_who_is_shown(desk, form, sent):
    Gateway.objects.create(name="other")
    said = seen(desk.post(TEST, form))
    assert sent == [("default", 79160001122, "Dear Anna")]
    assert {"Dear Anna", "+79160001122", "taken over"} <= set(said)
    desk.post(TEST, form | {"reader": "1", "gateway": "other"})
    assert sent[-1] == ("other", 79160001122, "Dear Boris")
    assert not Mailing.objects.exists() and not Message.objects.exists()


def test_each_number_is_told_of_once_and_kept_for_the_next_time(desk, enter, form, sent):
    sent.answer = Trial("rejected", "HTTP 400", 0.1, 7)
    said = seen(desk.post(TEST, form | {"own_numbers": "+7 916 000-11-22, 79160001133;89160001122"}))
    assert [phone for _, phone, _ in sent] == [79160001122, 79160001133]
    assert said.count("refused") == said.count("HTTP 400") == 2
    kept = re.search('name="own_numbers"[^>]*value="([^"]*)"', desk.get(ADD).content.decode())
    assert kept and kept[1] == "+79160001122, +79160001133"
    desk.post(TEST, form | {"own_numbers": "79160001133"})
    assert [own.phone for own in OwnNumber.objects.all()] == [79160001133]
    assert "79160001133" not in enter("admin", "en").get(ADD).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"own_numbers": " , "}, "Say to which numbers."),
        ({"own_numbers": "12"}, "12: "),
        (
            {"own_numbers": ",".join(f"7916000112{n}" for n in range(6))},
            "These are 6 numbers, and at most 5",
        ),
        ({"text": ""}, "This field is required."),
        ({"text": "{{ broken"}, "expected '}}'"),
        ({"gateway": "nobody"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_sent(desk, form, sent, change, words):
    assert any(text.startswith(words) for text in seen(desk.post(TEST, form | change)))
    assert sent == [] and not OwnNumber.objects.exists()


def test_without_a_client_there_is_nothing_to_fill_in(desk, form, sent):
    Client.objects.all().delete()
    assert any("no client for whom" in text for text in seen(desk.post(TEST, form)))
    desk.post(TEST, form | {"text": "Good day!"})
    assert [text for _, _, text in sent] == ["Good day!"]


def test_nobody_who_has_opted_out_is_written_to(desk, form, monkeypatch):
    monkeypatch.setattr("soroka.api.trials.within_bound", lambda who, most: True)
    opt_out_phone(79160001122, Origin(Channel.ADMIN, "anna"))
    assert any("has opted out" in text for text in seen(desk.post(TEST, form)))


def test_there_is_a_bound_and_the_trail_has_it(desk, form, sent, monkeypatch):
    monkeypatch.setattr("soroka.api.trials.within_bound", lambda who, most: len(sent) < 2)
    said = " ".join(seen(desk.post(TEST, form | {"own_numbers": "79160001122,79160001133,79160001144"})))
    assert len(sent) == 2 and "Wait for the next one." in said
    assert [change.after["phone_ends_in"] for change in Change.objects.filter(action="trial")] == ["33", "22"]


def test_a_slow_gateway_is_not_waited_for_by_one_number_after_the_other(desk, form, sent, monkeypatch):
    monkeypatch.setattr("soroka.admin.new_mailing_trial._PATIENCE", 0.0)
    said = seen(desk.post(TEST, form | {"own_numbers": "79160001122,79160001133"}))
    assert "Not tried: the gateway takes its time." in said


def test_the_link_of_a_test_opts_nobody_out(desk, form, sent, settings):
    settings.PUBLIC_URL = "https://soroka.example.org"
    desk.post(TEST, form | {"text": "Stop: {{ opt_out_url }}"})
    [(_, _, text)] = sent
    token = text.rpartition("/")[2]
    assert text.startswith("Stop: https://soroka.example.org/u/") and client_of(token) is None


def test_it_works_without_a_script_and_the_form_is_left_as_it_is(desk, form, sent):
    answer = desk.post(ADD, form | {"_test": "1"})
    assert "taken over" in seen(answer) and len(sent) == 1
    fields = answer.context["form"]
    assert (fields["text"].value(), fields.errors) == ("Dear {{ name }}", {})


def test_a_viewer_sends_nothing(enter, form, sent):
    assert enter("viewer").post(TEST, form).status_code == 403
    assert sent == []
