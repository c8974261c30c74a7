"""What a Sentry is told of an error, and what not."""

import json

import pytest

from tests.unit.config.observer import Observer, run

FAIL = """
import django, logging
django.setup()
import sentry_sdk
from django.urls import path
from wsgiref.util import setup_testing_defaults

def fail(request):
    phone = "79161234567"
    logging.getLogger("soroka.x").warning("about to write to %s", phone)
    logging.getLogger("soroka.access.lockout").warning("login refused: anna, 192.0.2.1")
    raise ValueError(f"Key (phone)=({phone}) already exists.")

import soroka.config.urls
soroka.config.urls.urlpatterns.insert(0, path("fail", fail))
from soroka.config.wsgi import application
request = {"PATH_INFO": "/fail", "QUERY_STRING": "phone=79161234567", "HTTP_COOKIE": "sessionid=secret-session"}
setup_testing_defaults(request)
b"".join(application(request, lambda *_: None))
logging.getLogger("django.request").error("Service Unavailable: /readyz")
sentry_sdk.flush(10)
"""


@pytest.fixture
def sentry():
    observer = Observer()
    yield observer
    observer.close()


def events(sentry):
    """The events of all envelopes."""
    lines = [json.loads(line) for _, body in sentry.posted for line in body.splitlines() if line.startswith(b"{")]
    return [line for line in lines if "exception" in line or "logentry" in line]


def test_an_error_is_reported_with_its_place_and_no_person(sentry):
    done = run(FAIL, SENTRY_DSN=f"http://key@127.0.0.1:{sentry.port}/1")
    assert done.returncode == 0, done.stderr
    [event] = events(sentry)
    [error] = event["exception"]["values"]
    assert error["type"] == "ValueError"
    assert error["value"] == "Key (phone)=([number]) already exists."
    assert error["stacktrace"]["frames"][-1]["function"] == "fail"
    assert event["request"] == {"method": "GET", "url": "http://127.0.0.1/fail"}
    everything = json.dumps([body.decode() for _, body in sentry.posted])
    assert "about to write to [number]" in everything
    for secret in ("9161234567", "secret-session", "anna", "192.0.2.1"):
        assert secret not in everything


def test_nobody_is_told_anything_where_no_sentry_is_named():
    done = run("import django, sys; django.setup(); sys.exit('sentry_sdk' in sys.modules)")
    assert done.returncode == 0, done.stderr


def test_a_sentry_without_its_package_stops_the_start_and_says_what_to_install():
    code = "import sys; sys.modules['sentry_sdk'] = None; import django; django.setup()"
    done = run(code, SENTRY_DSN="http://key@127.0.0.1:1/1")
    assert done.returncode != 0
    assert "pip install 'soroka[sentry]'" in done.stderr
