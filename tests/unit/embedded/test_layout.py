import json
import socket
import stat
from dataclasses import asdict

import pytest

from soroka.embedded.credentials import load_credentials
from soroka.embedded.errors import StackError
from soroka.embedded.layout import is_given, read_layout
from soroka.embedded.logs import shorten, tail
from soroka.embedded.ports import HOST, free_port, require_free


@pytest.mark.parametrize("text", ["0", "70000", "http", "-1", "8000.5"])
def test_a_port_that_is_none_is_refused_by_name(monkeypatch, text):
    monkeypatch.setenv("FLOWER_PORT", text)
    with pytest.raises(StackError, match="FLOWER_PORT must be a whole number"):
        read_layout()


def test_the_data_folder_is_var_where_nothing_else_is_said(monkeypatch, tmp_path):
    monkeypatch.delenv("SOROKA_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert read_layout().home == tmp_path.resolve() / "var"


def test_a_variable_may_be_given_as_a_file(monkeypatch):
    monkeypatch.delenv("GATEWAY_URL", raising=False)
    assert not is_given("GATEWAY_URL")
    monkeypatch.setenv("GATEWAY_URL_FILE", "/run/secrets/gateway")
    assert is_given("GATEWAY_URL")


def test_a_busy_port_is_refused_with_the_variable_to_change():
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(StackError, match=f"port {port} is busy; set PORT to another one"):
            require_free(port, "PORT")


def test_a_free_port_is_free():
    require_free(free_port(), "PORT")


def test_secrets_are_made_once_and_closed_to_others(tmp_path, monkeypatch):
    monkeypatch.delenv("SOROKA_ADMIN_PASSWORD", raising=False)
    made = load_credentials(tmp_path)
    assert load_credentials(tmp_path) == made
    assert len(set(asdict(made).values())) == 5
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_secrets_of_an_older_release_get_a_key_for_gateways_once(tmp_path):
    older = asdict(load_credentials(tmp_path))
    del older["gateway_key"]
    (tmp_path / "secrets.json").write_text(json.dumps(older))
    made = load_credentials(tmp_path)
    assert asdict(made) == older | {"gateway_key": made.gateway_key} and len(made.gateway_key) >= 32
    assert load_credentials(tmp_path) == made


def test_the_first_password_that_was_asked_for_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("SOROKA_ADMIN_PASSWORD", "correct horse")
    load_credentials(tmp_path)
    monkeypatch.delenv("SOROKA_ADMIN_PASSWORD")
    assert load_credentials(tmp_path).admin_password == "correct horse"


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"secret_key": "a", "more": 1}'])
def test_broken_secrets_are_a_clear_error(tmp_path, content):
    (tmp_path / "secrets.json").write_text(content)
    with pytest.raises(StackError, match=r"cannot read .*secrets.json"):
        load_credentials(tmp_path)


def test_the_tail_of_a_log_is_its_last_lines(tmp_path):
    log = tmp_path / "web.log"
    log.write_text("".join(f"line {number}\n" for number in range(10_000)))
    assert tail(log, 2) == "    line 9998\n    line 9999"
    assert tail(tmp_path / "none.log") == ""


def test_a_long_log_begins_anew_under_its_program(tmp_path, monkeypatch):
    monkeypatch.setattr("soroka.embedded.logs.LONGEST", 10)
    with (tmp_path / "web.log").open("ab", buffering=0) as log:
        log.write(b"short\n")
        shorten(tmp_path / "web.log")
        log.write(b"no longer short\n")
        shorten(tmp_path / "web.log")
        log.write(b"new\n")
    assert (tmp_path / "web.log").read_text() == "new\n"
    assert (tmp_path / "web.log.1").read_text() == "short\nno longer short\n"
