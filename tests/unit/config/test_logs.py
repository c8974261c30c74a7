"""What every line of the log is put through before it is written."""

import io
import json
import logging
from datetime import datetime

import pytest
import structlog
from django.core.exceptions import ImproperlyConfigured

from soroka.config.logs import formatter


@pytest.fixture(params=["json", "console"])
def written(request):
    """``written(say)``: what ``say`` logs, as a text."""

    def write(say):
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter(request.param))
        logging.getLogger("soroka.test").addHandler(handler)
        try:
            say()
        finally:
            logging.getLogger("soroka.test").removeHandler(handler)
        return stream.getvalue()

    return write


LOG = structlog.get_logger("soroka.test")
LIBRARY = logging.getLogger("soroka.test")


def fail():
    try:
        int("Key (phone)=(79161234567) already exists.")
    except ValueError:
        LIBRARY.exception("it failed")


@pytest.mark.parametrize(
    "say",
    [
        lambda: LIBRARY.warning("Not Found: %s", "/clients/+79161234567"),
        lambda: LOG.info("refused", detail="no such number: 79161234567"),
        lambda: LOG.info("refused", said={"phone": 79161234567, "phones": ["79161234567"]}),
        lambda: LOG.info("refused", phone=79161234567),
        fail,
    ],
)
def test_no_line_has_a_phone_whoever_says_it(written, say):
    line = written(say)
    assert "[number]" in line
    assert "9161234567" not in line


def test_no_line_has_an_opt_out_link(written):
    line = written(lambda: LIBRARY.error("Internal Server Error: %s", "/u/ATN3p-_jUAyEwYn/"))
    assert "/u/[link]/" in line
    assert "ATN3p" not in line


def test_what_is_named_as_an_id_stays_however_long_it_is(written):
    line = written(lambda: LOG.info("batch", message=1234567890123, mailing=7, seconds=0.25, note="client 123456789"))
    for part in ("1234567890123", "0.25", "client 123456789"):
        assert part in line


def test_the_id_of_a_request_stays_unless_it_may_be_a_phone(written):
    assert "a12345678901b" in written(lambda: LOG.info("asked", request_id="a12345678901b"))
    assert "[number]" in written(lambda: LOG.info("asked", request_id="79161234567"))


def test_json_has_the_members_of_every_line_first_and_those_of_this_one_by_name():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter("json"))
    LIBRARY.addHandler(handler)
    with structlog.contextvars.bound_contextvars(request_id="mine-1"):
        LOG.warning("Привет", mailing=7, messages=[1, 250])
    LIBRARY.removeHandler(handler)
    line = json.loads(stream.getvalue())
    assert datetime.fromisoformat(line.pop("time")).utcoffset() is not None
    assert line == {
        "level": "warning", "logger": "soroka.test", "event": "Привет",
        "mailing": 7, "messages": [1, 250], "request_id": "mine-1",
    }  # fmt: skip
    assert list(json.loads(stream.getvalue()))[:4] == ["time", "level", "logger", "event"]


def test_a_person_reads_a_line_and_the_traceback_below_it(written):
    line = written(fail)
    assert "ERROR soroka.test: it failed" in line or '"level":"error"' in line
    assert "ValueError" in line


def test_another_format_is_refused_by_its_name():
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT"):
        formatter("xml")
