"""Gateways' secrets are sealed with the first of several keys, and keys can be changed while everything runs."""

import base64
import hashlib

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from soroka.models import Change, Gateway
from soroka.models.gateway import UnreadableToken

OLD, NEW = "old" * 11, "new" * 11


@pytest.fixture
def make_gateway(settings):
    def make(name, *keys):
        settings.GATEWAY_KEYS = list(keys)
        gateway = Gateway(name=name, url="https://gateway.example")
        gateway.set_token(f"token of {name}")
        gateway.set_inbound_secret(f"secret of {name}")
        gateway.save()
        return gateway

    return make


def test_a_token_of_a_release_without_these_keys_is_still_read(settings):
    """As that release sealed it: with a key that is derived from SECRET_KEY."""
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"gateway token").digest()
    sealed = Fernet(base64.urlsafe_b64encode(key)).encrypt(b"of an older release").decode()
    settings.GATEWAY_KEYS = [NEW, settings.SECRET_KEY]
    assert Gateway(token=sealed).read_token() == "of an older release"


def test_without_keys_an_older_release_beside_it_reads_what_is_new(settings, make_gateway):
    assert settings.GATEWAY_KEYS == [settings.SECRET_KEY]
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"gateway token").digest()
    sealed = make_gateway("first", *settings.GATEWAY_KEYS).token
    assert Fernet(base64.urlsafe_b64encode(key)).decrypt(sealed) == b"token of first"


def test_the_keys_are_changed_and_the_old_one_is_removed(settings, make_gateway, capsys):
    gateway = make_gateway("first", OLD)
    settings.GATEWAY_KEYS = [NEW, OLD]
    assert gateway.read_token() == "token of first"
    call_command("rotate_gateway_keys")
    settings.GATEWAY_KEYS = [NEW]
    gateway.refresh_from_db()
    assert (gateway.read_token(), gateway.read_inbound_secret()) == ("token of first", "secret of first")
    settings.GATEWAY_KEYS = [OLD]
    with pytest.raises(UnreadableToken, match="add that key"):
        gateway.read_token()
    assert "token of" not in capsys.readouterr().out


def test_a_second_run_changes_nothing_and_leaves_no_entry(settings, make_gateway):
    make_gateway("first", OLD)
    settings.GATEWAY_KEYS = [NEW, OLD]
    for _ in "12":
        call_command("rotate_gateway_keys")
        kept = Gateway.objects.get(name="first").token
    [entry] = Change.objects.filter(kind="gateway")
    assert entry.after == {"token": "…", "inbound_secret": "…"}
    call_command("rotate_gateway_keys")
    assert Gateway.objects.get(name="first").token == kept


def test_what_no_key_opens_is_named_and_keeps_no_other_from_being_done(settings, make_gateway):
    make_gateway("lost", "gone" * 8)
    make_gateway("zebra", OLD)
    settings.GATEWAY_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match="No key opens the secrets of lost"):
        call_command("rotate_gateway_keys")
    settings.GATEWAY_KEYS = [NEW]
    assert Gateway.objects.get(name="zebra").read_token() == "token of zebra"


def test_neither_the_api_nor_the_desk_nor_an_error_shows_a_secret(caller, make_gateway, caplog, settings):
    gateway = make_gateway("first", NEW)
    answer = caller("admin").get(f"/gateways/{gateway.pk}").content.decode()
    assert gateway.token not in answer and gateway.inbound_secret not in answer and "token of" not in answer
    settings.GATEWAY_KEYS = [OLD]
    with pytest.raises(UnreadableToken) as failed:
        gateway.read_token()
    assert not {NEW, OLD, gateway.token} & set(str(failed.value).split())
    assert gateway.token not in str(failed.value) and NEW not in caplog.text
