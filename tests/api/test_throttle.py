"""Nobody takes the service from the others: not a key, not an address, not one who guesses keys."""

import pytest
import redis
from django.test import Client as Browser

from soroka.access.keys import make_key
from soroka.api import rate_bound
from soroka.domain.role import Role

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def address(request):
    """An address that no other test calls from."""
    number = abs(hash(request.node.nodeid)) % 2**32
    return f"2001:db8::{number >> 16:x}:{number & 0xFFFF:x}"


@pytest.fixture
def ask(caller, address):
    def get(path="/tags", credential="", **meta):
        headers = {"Authorization": credential} if credential else {}
        return caller().get(path, headers=headers | meta.pop("headers", {}), REMOTE_ADDR=meta.pop("address", address))

    return get


@pytest.fixture
def key():
    return f"Api-Key {make_key('shop', Role.VIEWER)[1]}"


def is_throttled(answer):
    assert answer["Content-Type"] == "application/problem+json", answer.content
    assert 1 <= int(answer["Retry-After"]) <= rate_bound.SECONDS
    assert answer.json()["type"] == "urn:soroka:problem:throttled"
    return answer.status_code == 429


def test_a_key_asks_so_often_a_minute_from_wherever(ask, key, settings):
    settings.THROTTLE_KEY = 3
    for number in range(3):
        assert ask(credential=key, address=f"192.0.2.{number}").status_code == 200
    assert is_throttled(ask(credential=key))
    other = f"Api-Key {make_key('other', Role.VIEWER)[1]}"
    assert ask(credential=other).status_code == 200


def test_so_does_an_address_whoever_calls(ask, key, settings):
    settings.THROTTLE_ADDRESS = 3
    assert [ask(credential=key).status_code for _ in range(2)] + [ask().status_code] == [200, 200, 401]
    assert is_throttled(ask(credential=key))
    assert ask(credential=key, address="192.0.2.77").status_code == 200


def test_a_browser_is_told_in_words(address, settings):
    settings.THROTTLE_ADDRESS = 1
    browser = Browser(headers={"accept-language": "ru", **PAGE}, REMOTE_ADDR=address)
    assert browser.get("/admin/login/").status_code == 200
    answer = browser.get("/admin/login/")
    assert answer.status_code == 429 and answer["Retry-After"]
    assert "С этого адреса больше запросов" in answer.content.decode()


def test_after_many_bad_credentials_none_is_looked_at(ask, key, settings):
    settings.THROTTLE_REFUSED = 3
    for guess in ("Api-Key soroka_1", "Api-Key soroka_2", "Bearer x.y.z"):
        assert ask(credential=guess).status_code == 401
    assert is_throttled(ask(credential=key))
    assert ask().status_code == 401  # without one it goes on
    assert ask(credential=key, address="192.0.2.78").status_code == 200


def test_good_credentials_are_not_counted_among_the_bad(ask, key, settings):
    settings.THROTTLE_REFUSED = 2
    for _ in range(4):
        assert ask(credential=key).status_code == 200


def test_nobody_guesses_the_token_of_metrics_for_long(ask, settings):
    settings.THROTTLE_REFUSED = 3
    settings.THROTTLE_ADDRESS = 1
    settings.READ_METRICS_TOKEN = lambda: "m" * 48
    right = "Bearer " + "m" * 48
    assert {ask("/metrics", right).status_code for _ in range(5)} == {200}, "who knows it is not counted"
    assert [ask("/metrics", f"Bearer {guess}").status_code for guess in range(3)] == [401] * 3
    assert is_throttled(ask("/metrics/", right))
    assert ask("/metrics").status_code == 401, "without one it goes on"
    assert ask("/metrics", right, address="192.0.2.79").status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/livez/"])
def test_who_asks_whether_it_lives_is_always_answered(ask, settings, path):
    settings.THROTTLE_ADDRESS = 1
    assert {ask(path).status_code for _ in range(3)} == {200}


def test_where_nothing_can_be_counted_nobody_is_refused_and_nobody_waits(ask, key, settings, monkeypatch):
    settings.THROTTLE_KEY = settings.THROTTLE_ADDRESS = settings.THROTTLE_REFUSED = 1
    asked = []

    class Down:
        def pipeline(self):
            asked.append(1)
            raise redis.ConnectionError

    monkeypatch.setattr(rate_bound, "_valkey", Down)
    monkeypatch.setattr(rate_bound._Quiet, "until", 0.0)
    assert {ask(credential=key).status_code for _ in range(5)} == {200}
    assert len(asked) == 1
