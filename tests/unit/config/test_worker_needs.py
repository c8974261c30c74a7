"""What a worker cannot start without, wherever it runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NEEDS = {
    "SECRET_KEY": "a key of the tests, long enough for anything",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "GATEWAY_URL": "http://127.0.0.1:9",
    "GATEWAY_TOKEN": "any",
}
CELERY = (sys.executable, "-m", "celery", "--app=soroka.config.celery")
WORKER = (*CELERY, "worker")
WEB = (sys.executable, "-c", "import soroka.config.wsgi")


def refused(env):
    """What a worker says that does not start."""
    env = {"PATH": os.environ["PATH"], **env}
    worker = subprocess.run(WORKER, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert worker.returncode != 0
    return worker.stderr


@pytest.mark.parametrize("absent", NEEDS)
def test_a_worker_names_what_it_was_not_told(absent):
    complaint = refused({name: value for name, value in NEEDS.items() if name != absent})
    assert absent in complaint.strip().splitlines()[-1]


@pytest.mark.parametrize("key", ["short-one", "django-insecure-" + "abcdefgh" * 6])
def test_nobody_starts_with_a_key_that_can_be_guessed(key, tmp_path):
    env = {"PATH": os.environ["PATH"], **NEEDS, "SECRET_KEY": key}
    beat = (*CELERY, "beat", f"--schedule={tmp_path / 'beat'}", "--pidfile=")
    prepare = (sys.executable, "manage.py", "prepare")
    for command in (WORKER, WEB, beat, prepare):
        started = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
        assert started.returncode != 0
        assert "SECRET_KEY is too short or too simple" in started.stderr, command
        assert key not in started.stderr
    allowed = subprocess.run(WEB, cwd=ROOT, env=env | {"DEBUG": "true"}, capture_output=True, text=True, timeout=60)
    assert allowed.returncode == 0, allowed.stderr


@pytest.mark.parametrize(("token", "starts"), [("m" * 31, False), ("m" * 32, True), ("", True)])
def test_web_does_not_start_with_a_token_of_metrics_that_can_be_guessed(token, starts):
    env = {"PATH": os.environ["PATH"], **NEEDS, "METRICS_TOKEN": token}
    started = subprocess.run(WEB, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert (started.returncode == 0) is starts, started.stderr
    assert ("METRICS_TOKEN is too short" in started.stderr) is not starts
    assert not token or token not in started.stderr


def test_a_worker_names_a_file_that_is_not_there(tmp_path):
    token = {"GATEWAY_TOKEN_FILE": str(tmp_path / "token")}
    complaint = refused({name: value for name, value in NEEDS.items() if name != "GATEWAY_TOKEN"} | token)
    assert "GATEWAY_TOKEN is not set or cannot be read" in complaint
    assert str(tmp_path / "token") in complaint
