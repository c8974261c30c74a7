"""Programs whose connections to the broker are dead without anybody having said so (celery#10302)."""

import os
import signal
import subprocess
import sys
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client as Browser

from soroka.statistics import health
from tests.deaf_proxy import DeafProxy

BROKER = urlsplit(os.environ["REDIS_URL"])
DATABASE = parse_qs(BROKER.query).get("db", ["0"])[0]
CELERY = [sys.executable, "-m", "celery", "--app=soroka.config.celery"]
WORKER = ["worker", "--task-events", "--without-mingle", "--without-gossip", "--loglevel=info", "--concurrency=2"]
#: Seconds until all is well again; the longest is the time limit of a task, and a busy machine is slow.
AGAIN = 180
#: Seconds after which a worker hears again, or /readyz says that it does not.
SAID = 60
#: Signals of beat, one a second: while one lost acknowledgement is waited for there are five.
UNHEARD = 8
#: Seconds in which what the worker had taken before the connections were lost is done.
UNDER_WAY = 1
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def proxy():
    between = DeafProxy(BROKER.path)
    yield between
    between.close()


@pytest.fixture
def programs(proxy, tmp_path):
    """A worker and beat, which reach their broker through the proxy."""
    url = os.environ["DATABASE_URL"].replace("/postgres?", f"/{connection.settings_dict['NAME']}?")
    env = os.environ | {
        "DATABASE_URL": url, "REDIS_URL": f"redis://127.0.0.1:{proxy.port}/{DATABASE}",
        "GATEWAY_URL": "", "GATEWAY_TOKEN": "",
    }  # fmt: skip
    beat = ["beat", f"--schedule={tmp_path}/schedule", "--pidfile="]
    running = [
        subprocess.Popen(
            [*CELERY, *words], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        for words in (WORKER, beat)
    ]
    yield
    proxy.speak_again()
    for program in running:
        program.send_signal(signal.SIGTERM)
    for program in running:
        try:
            program.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            program.wait(10)


def heard():
    """Whether a worker took a signal within the last seconds."""
    return not health.missing()


def heard_since(moment):
    """Whether a worker took a signal after a moment of the monotonic clock."""
    left = health._valkey().pttl(health._PULSE)
    return left > 0 and time.monotonic() - (health._PULSE_SECONDS - left / 1000) > moment


def told_missing():
    """What /readyz says is not there."""
    answer = Browser().get("/readyz")
    return [error["field"] for error in answer.json()["errors"]] if answer.status_code == 503 else []


def test_they_hear_again_by_themselves_and_readyz_says_so_meanwhile(proxy, programs, eventually):
    eventually(heard, within=AGAIN, every=0.5)
    assert told_missing() == []

    # A firewall forgets what was open; whoever connects anew is well.
    assert proxy.forget_connections() > 1
    forgotten = time.monotonic() + UNDER_WAY
    eventually(lambda: heard_since(forgotten) or told_missing() == ["worker"], within=SAID, every=0.5)
    eventually(lambda: heard_since(forgotten), within=AGAIN, every=0.5)
    assert told_missing() == []

    # Nothing at all passes for a while.
    proxy.fall_silent()
    eventually(lambda: told_missing() == ["worker"], within=30, every=0.5)
    proxy.speak_again()
    eventually(heard, within=AGAIN, every=0.5)
    assert told_missing() == []


def test_one_whose_acknowledgements_got_lost_takes_signals_again(proxy, programs, eventually):
    eventually(heard, within=AGAIN, every=0.5)
    proxy.forget_who_says(b"ZREM")  # as an acknowledgement does, and nothing else of a worker
    eventually(lambda: health.signals()["clock"] >= UNHEARD, within=120, every=0.2)
    deaf = time.monotonic()
    eventually(lambda: heard_since(deaf) or told_missing() == ["worker"], within=SAID, every=0.5)
    proxy.forget_who_says(b"")
    health._valkey().delete(health._PULSE)
    eventually(heard, within=AGAIN, every=0.5)
    assert told_missing() == []
