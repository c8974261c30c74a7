"""Everything the simulated gateway can do with a call, as data."""

from dataclasses import dataclass
from functools import lru_cache
from http.client import responses as phrases

OK_BODY = b'{"code":0,"message":"OK"}'
REFUSAL_BODY = b'{"code":1,"message":"refused by the simulator"}'
HTML_BODY = b"<!doctype html><title>Welcome</title><h1>It works!</h1>"
JSON, HTML = b"application/json", b"text/html"

#: Statuses that may carry Retry-After here.
RETRIABLE = frozenset({408, 425, 429, 503})
BODILESS = frozenset({204, 304})
REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Answer:
    """kind: its word in options and in the record.  accepted: the message counts as taken over.
    reply: what is written, whole.  close: the connection is closed after that; else it stays open, even in silence.
    """

    kind: str
    accepted: bool
    reply: bytes
    close: bool = False


def http(status: int, body: bytes, *, content_type: bytes = JSON, headers: bytes = b"") -> bytes:
    """A whole response, as it goes over the wire. headers: further lines, each with its line end."""
    phrase = phrases.get(status, "Unnamed").encode()
    head = b"HTTP/1.1 %d %s\r\n%s" % (status, phrase, headers)
    if status in BODILESS:
        return head + b"\r\n"
    return head + b"Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (content_type, len(body), body)


ACCEPTED = Answer("ok", True, http(200, OK_BODY))
_NAMED = (
    Answer("code", False, http(200, REFUSAL_BODY)),
    Answer("html", False, http(200, HTML_BODY, content_type=HTML)),
    Answer("half", True, ACCEPTED.reply[:-9], close=True),
    Answer("lose", True, b"", close=True),
    Answer("drop", False, b"", close=True),
    Answer("hang", False, b""),
)
_BY_NAME = {answer.kind: answer for answer in _NAMED}
_STATUSES = frozenset(str(status) for status in range(201, 600))

#: What is no HTTP status.
KINDS = tuple(_BY_NAME)


def is_kind(word: str) -> bool:
    """An HTTP status from 201 to 599, or one of ``KINDS``."""
    return word in _BY_NAME or word in _STATUSES


@lru_cache(maxsize=1024)
def answer_of(kind: str, retry_after: str) -> Answer:
    """kind: ``ok`` or one that ``is_kind`` knows.  retry_after: the header's value, empty for none."""
    if kind == ACCEPTED.kind:
        return ACCEPTED
    return _BY_NAME.get(kind) or _refusal(int(kind), retry_after)


def _refusal(status: int, retry_after: str) -> Answer:
    headers = b""
    if status in RETRIABLE and retry_after:
        headers = b"Retry-After: %s\r\n" % retry_after.encode()
    elif status in REDIRECTS:
        headers = b"Location: /elsewhere\r\n"
    return Answer(str(status), False, http(status, REFUSAL_BODY, headers=headers))
