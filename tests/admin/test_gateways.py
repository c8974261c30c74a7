"""Gateways are kept on the desk; a token goes in and never comes out."""

import pytest

from soroka.dispatch.gateways import opened
from soroka.domain.outcome import Accepted, Envelope
from soroka.gateways.contract import GatewayConfigError
from soroka.models import Gateway
from tests.admin.pages import seen
from tests.unit.gateways.servers import OK, RawServer

LIST = "/admin/soroka/gateway/"
LIMITS = {"connections": 10, "rate": "", "burst": 20}
RETRIES = {"max_tries": 3, "backoff_base": "0.5", "backoff_cap": "300", "jitter": "1"}
FORM = {"name": "second", "url": "https://gateway.example", "idempotent": "on", **LIMITS, **RETRIES}


def test_a_gateway_is_made_with_a_token_that_nobody_reads_again(admin):
    assert admin.post(f"{LIST}add/", FORM | {"new_token": "very-secret"}).status_code == 302
    gateway = Gateway.objects.get(name="second")
    assert "very-secret" not in gateway.token and gateway.read_token() == "very-secret"
    assert "very-secret" not in admin.get(f"{LIST}{gateway.pk}/change/").content.decode()


def test_an_empty_token_leaves_the_old_one(admin):
    admin.post(f"{LIST}add/", FORM | {"new_token": "very-secret"})
    gateway = Gateway.objects.get(name="second")
    assert admin.post(f"{LIST}{gateway.pk}/change/", FORM | {"new_token": "", "max_tries": 7}).status_code == 302
    gateway.refresh_from_db()
    assert (gateway.read_token(), gateway.max_tries) == ("very-secret", 7)


@pytest.mark.parametrize("secret", ["new_token", "new_inbound_secret"])
def test_another_address_is_told_no_secret_that_was_entered_for_the_old_one(admin, secret):
    admin.post(f"{LIST}add/", FORM | {secret: "a very secret one"})
    gateway = Gateway.objects.get(name="second")
    elsewhere = FORM | {"url": "https://elsewhere.example"}
    answer = admin.post(f"{LIST}{gateway.pk}/change/", elsewhere)
    assert set(answer.context["adminform"].form.errors) == {secret}
    gateway.refresh_from_db()
    assert gateway.url == "https://gateway.example"
    assert admin.post(f"{LIST}{gateway.pk}/change/", elsewhere | {secret: "another secret one"}).status_code == 302
    gateway.refresh_from_db()
    assert gateway.url == "https://elsewhere.example"
    assert "another secret one" in (gateway.read_token(), gateway.read_inbound_secret())


def test_a_gateway_without_secrets_may_have_another_address(admin):
    admin.post(f"{LIST}add/", FORM)
    gateway = Gateway.objects.get(name="second")
    elsewhere = FORM | {"url": "https://elsewhere.example"}
    assert admin.post(f"{LIST}{gateway.pk}/change/", elsewhere).status_code == 302


def test_the_secret_of_replies_is_kept_the_same_way_also_for_the_default_one(admin, gateway):
    address = f"{LIST}{gateway.pk}/change/"
    assert admin.post(address, LIMITS | RETRIES | {"new_inbound_secret": "sixteen letters!"}).status_code == 302
    assert admin.post(address, LIMITS | RETRIES).status_code == 302
    gateway.refresh_from_db()
    assert "sixteen" not in gateway.inbound_secret and gateway.read_inbound_secret() == "sixteen letters!"
    assert "sixteen letters!" not in admin.get(address).content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", ""), ("url", "no address"), ("url", "ftp://gateway.example"), ("url", "https://u:p@gateway.example"),
        ("url", "https://gateway.example/?a=b"), ("url", "https://gateway.example/#a"), ("url", "http://10.0.0.1"),
        ("url", "http://169.254.169.254/latest"), ("url", "http://[::1]:8000"), ("url", "http://[::ffff:10.0.0.1]"),
        ("url", "http://0x0a000001"), ("url", "file:///etc/passwd"), ("connections", 0), ("max_tries", 0),
        ("rate", 0), ("rate", -1), ("rate", "nan"), ("rate", "inf"), ("rate", 10_000_000), ("rate", "fast"),
        ("burst", 0), ("burst", ""), ("burst", 1.5),
        ("backoff_base", 0), ("backoff_base", ""), ("backoff_cap", "0.4"), ("backoff_cap", 100_000),
        ("jitter", -0.1), ("jitter", 1.1), ("jitter", ""), ("new_inbound_secret", "short"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_at_its_field(admin, field, value):
    answer = admin.post(f"{LIST}add/", FORM | {field: value})
    assert set(answer.context["adminform"].form.errors) == {field}


def test_the_default_one_says_that_the_environment_decides(admin, gateway, settings):
    settings.GATEWAY_URL = "https://from.the.environment"
    page = admin.get(f"{LIST}{gateway.pk}/change/")
    assert "https://from.the.environment" in seen(page)
    assert any("GATEWAY_TOKEN" in text for text in seen(page))
    assert not {"name", "url", "new_token"} & set(page.context["adminform"].form.fields)
    form = LIMITS | RETRIES | {"connections": 5, "name": "other", "url": "https://x.example"}
    assert admin.post(f"{LIST}{gateway.pk}/change/", form).status_code == 302
    gateway.refresh_from_db()
    assert (gateway.name, gateway.url, gateway.connections) == ("default", "", 5)
    assert admin.post(f"{LIST}{gateway.pk}/delete/", {"post": "yes"}).status_code == 403


def test_its_limits_and_retries_are_kept(admin):
    changed = {"rate": "12.5", "burst": "25", "backoff_base": "2", "backoff_cap": "60", "jitter": "0.5"}
    assert admin.post(f"{LIST}add/", FORM | changed).status_code == 302
    gateway = Gateway.objects.get(name="second")
    assert (gateway.connections, gateway.rate, gateway.burst) == (10, 12.5, 25)
    assert (gateway.max_tries, gateway.backoff_base, gateway.backoff_cap, gateway.jitter) == (3, 2.0, 60.0, 0.5)
    assert "12.5" in seen(admin.get(LIST))
    assert admin.post(f"{LIST}{gateway.pk}/change/", FORM).status_code == 302
    gateway.refresh_from_db()
    assert gateway.rate is None


def test_its_health_is_said_in_words(admin, gateway):
    gateway.trouble = 3
    gateway.save()
    assert "being probed" in seen(admin.get(LIST))


async def test_a_message_is_sent_with_the_token_of_its_gateway():
    server = await RawServer([OK]).start()
    try:
        gateway = Gateway(pk=30_000, name="second", url=f"http://127.0.0.1:{server.port}")
        gateway.set_token("very-secret")
        sender = await opened(gateway)
        assert await sender.send(Envelope(1, 79161234567, "Good day!")) == Accepted()
        await sender.close()
    finally:
        await server.stop()
    assert b"Bearer very-secret" in server.requests[0]


async def test_a_token_kept_under_another_key_stops_the_gateway(settings):
    gateway = Gateway(pk=30_001, name="second", url="http://127.0.0.1:1")
    gateway.set_token("very-secret")
    settings.GATEWAY_KEYS = ["another key, long enough for everything that needs one"]
    with pytest.raises(GatewayConfigError, match="enter it anew"):
        await opened(gateway)


def test_a_gateway_that_a_mailing_falls_back_on_cannot_be_removed(admin, make_mailing):
    backup = Gateway.objects.create(name="backup", url="https://gateway.example")
    make_mailing(fallbacks=[backup.pk], name="Spring sale")
    address = f"{LIST}{backup.pk}/delete/"
    assert "Spring sale" in " ".join(seen(admin.get(address)))
    admin.post(address, {"post": "yes"})
    assert Gateway.objects.filter(name="backup").exists()
