"""The page of a gateway: how it fares, a test message, a new start."""

from datetime import UTC, datetime, timedelta

import pytest

from soroka.consent.ledger import Origin
from soroka.consent.opting import opt_out_phone
from soroka.dispatch.trial import Trial
from soroka.models import Attempt, Change, Gateway, Message
from soroka.models.consent import Channel
from tests.admin.pages import seen

PAGE = "/admin/soroka/gateway/{}/change/"
TRIAL = "/admin/soroka/gateway/{}/trial/"
FORM = {"phone": "+7 916 123-45-67", "text": "Hello"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(gateway):
    return PAGE.format(gateway.pk)


def test_it_says_in_words_how_a_gateway_fares(enter, gateway, page):
    operator = enter("operator", "en")
    assert {"works", "Everything that was offered lately was accepted."} <= set(seen(operator.get(page)))
    soon = datetime.now(UTC) + timedelta(minutes=1)
    Gateway.objects.update(trouble=4, paused_until=soon, last_error="HTTP 503 Service Unavailable")
    texts = seen(operator.get(page))
    assert {"failing", "HTTP 503 Service Unavailable", "Start again", "4"} <= set(texts)
    assert any(text.startswith("It failed 4 times in a row. It is left alone") for text in texts)
    Gateway.objects.update(stopped_at=datetime.now(UTC))
    texts = seen(operator.get(f"{page}?part=fares"))
    assert "stopped" in texts and any("GATEWAY_TOKEN" in text for text in texts)
    assert "A test message" not in texts


def test_it_tells_the_latest_offers_that_were_not_accepted(enter, mailing, gateway, page):
    other = Gateway.objects.create(name="other")
    message = Message.objects.first()
    for who, detail in [(gateway, "HTTP 429"), (other, "HTTP 418"), (gateway, "HTTP 503")]:
        Attempt.objects.create(message=message, gateway=who, outcome="deferred", detail=detail)
    texts = seen(enter("viewer", "en").get(page))
    ours = [text for text in texts if "HTTP" in text]
    assert ours == ["not taken, to be tried again: HTTP 503", "not taken, to be tried again: HTTP 429"]
    assert str(message.pk) in texts


def test_an_operator_sends_a_test_and_sees_the_answer_in_its_place(enter, gateway, sent):
    operator = enter("operator", "en")
    answer = operator.post(TRIAL.format(gateway.pk), FORM, headers=HTMX)
    texts = seen(answer)
    assert sent == [("default", 79161234567, "Hello")]
    assert {"taken over", "answered in 0.25 s, under the number 12001"} <= set(texts)
    assert "Back to the gateway" not in texts  # a part of the page
    assert "Back to the gateway" in seen(operator.post(TRIAL.format(gateway.pk), FORM))
    sent.answer = Trial("deferred", "HTTP 401 Unauthorized", 0.1, 12_002)
    texts = seen(operator.post(TRIAL.format(gateway.pk), FORM, headers=HTMX))
    assert {"not taken", "HTTP 401 Unauthorized"} <= set(texts)
    assert Change.objects.filter(action="trial", object_id=gateway.pk).count() == 3


def test_a_test_is_judged_as_by_the_api(enter, gateway, sent):
    operator = enter("operator", "en")
    wrong = operator.post(TRIAL.format(gateway.pk), FORM | {"phone": "12"}, headers=HTMX)
    assert any(text.startswith("The phone number is too short") for text in seen(wrong))
    assert not sent


def test_nobody_who_opted_out_gets_a_test(enter, gateway):
    opt_out_phone(79161234567, Origin(Channel.API))
    texts = seen(enter("operator", "en").post(TRIAL.format(gateway.pk), FORM, headers=HTMX))
    assert any(text.startswith("This number has opted out") for text in texts)


def test_a_viewer_sends_nothing_and_starts_nothing(enter, gateway, page, sent):
    viewer = enter("viewer", "en")
    assert "Send a test" not in seen(viewer.get(page))
    assert viewer.post(TRIAL.format(gateway.pk), FORM).status_code == 403
    assert viewer.post(PAGE.format(gateway.pk).replace("change", "start")).status_code == 403
    assert not sent


def test_a_gateway_that_was_mended_is_probed_at_once(enter, gateway, page, monkeypatch):
    rung: list[bool] = []
    monkeypatch.setattr("soroka.admin.gateway_page.ring", lambda: rung.append(True))
    later = datetime.now(UTC) + timedelta(hours=1)
    Gateway.objects.update(trouble=3, stopped_at=datetime.now(UTC), paused_until=later)
    start = page.replace("change", "start")
    assert enter("operator", "en").get(start).status_code == 405
    assert enter("operator", "en").post(start)["Location"] == page
    gateway.refresh_from_db()
    assert gateway.paused_until < later - timedelta(minutes=59)
    assert gateway.trouble == 3 and gateway.stopped_at and rung  # until it has answered
    assert "Start again" not in seen(enter("operator", "en").get(page))
