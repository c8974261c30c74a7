"""HTTP/1.1 of the simulated gateway: one object a connection, no task, as few calls a request as can be."""

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, cast

import httptools

from soroka.gateways.simulator.answers import Answer, http
from soroka.gateways.simulator.control import respond
from soroka.gateways.simulator.service import Service

SEND = b"/v1/send/"
ID_DIGITS = 18  # every such number fits an int64
MAX_BODY = 64 * 1024
MAX_REQUEST = MAX_BODY + 32 * 1024  # with its head
LINGER = 0.25  # seconds a refused caller gets to read why: closing on unread data would take the answer with it

TOO_LARGE = http(413, b'{"code":1,"message":"more than 64 KiB"}', headers=b"Connection: close\r\n")
NOT_HTTP = http(400, b'{"code":1,"message":"not HTTP/1.1"}', headers=b"Connection: close\r\n")


class Request(NamedTuple):
    method: bytes
    target: bytes
    authorization: bytes
    body: bytes
    keep_alive: bool


class Connection(asyncio.Protocol):
    """Answers in the order of the requests, however many were sent at once, and one at a time.

    While one waits for its latency the others of this connection wait in a queue and nothing more is read.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[Request] = deque()
        self._pieces: Iterator[bytes] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._busy = self._choked = self._refused = False
        self._keep_alive = True
        self._unfinished = 0
        self._target = self._authorization = self._body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._busy, self._pieces = True, None
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._unfinished += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._refuse(NOT_HTTP)
        if self._unfinished > MAX_REQUEST:
            self._refuse(TOO_LARGE)

    def pause_writing(self) -> None:
        self._choked = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._choked = False
        if self._pieces is not None:
            self._write_pieces()
        self._serve_waiting()

    # --- What the parser found -------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._target = self._authorization = self._body = b""

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(name) == 13 and name.lower() == b"authorization":  # noqa: PLR2004 - spares a copy of every other name
            self._authorization = value

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > MAX_BODY:
            self._refuse(TOO_LARGE)

    def on_message_complete(self) -> None:
        self._unfinished = 0
        if self._refused:
            return
        parser = self._parser
        request = Request(
            parser.get_method(), self._target, self._authorization, self._body, parser.should_keep_alive()
        )
        if self._busy:
            self._waiting.append(request)
            self._transport.pause_reading()
        else:
            self._serve(request)

    # --- One request after the other -------------------------------------------------------------------------------

    def _serve(self, request: Request) -> None:
        number = request.target.removeprefix(SEND)
        if request.method == b"POST" and number.isdigit() and len(number) <= ID_DIGITS:
            self._serve_message(int(number), request)
        else:
            self._serve_control(request)

    def _serve_message(self, message: int, request: Request) -> None:
        answer = self._service.take(message, request.authorization, request.body)
        delay = self._service.delay()
        if delay:
            self._busy = True
            self._timer = self._loop.call_later(delay, self._answer_late, answer, request.keep_alive)
        else:
            self._answer(answer, request.keep_alive)

    def _answer_late(self, answer: Answer, keep_alive: bool) -> None:
        self._busy = False
        self._answer(answer, keep_alive)
        self._serve_waiting()

    def _answer(self, answer: Answer, keep_alive: bool) -> None:
        if answer.reply:
            self._transport.write(answer.reply)
        elif not answer.close:
            self._busy = True  # silence lasts: nothing more is answered on this connection
            return
        if answer.close or not keep_alive:
            self._close()

    def _serve_control(self, request: Request) -> None:
        peer = self._transport.get_extra_info("peername")[0]
        self._pieces = respond(self._service, peer, request.method, request.target, request.body)
        self._keep_alive = request.keep_alive
        self._write_pieces()

    def _write_pieces(self) -> None:
        """Write what the caller is ready to read; the rest follows in ``resume_writing``."""
        pieces = cast(Iterator[bytes], self._pieces)
        while not self._choked and (piece := next(pieces, None)) is not None:
            self._transport.write(piece)
        self._busy = self._choked
        if not self._choked:
            self._pieces = None
            if not self._keep_alive:
                self._close()

    def _serve_waiting(self) -> None:
        while self._waiting and not self._busy:
            self._serve(self._waiting.popleft())
        if not (self._choked or self._waiting or self._transport.is_closing()):
            self._transport.resume_reading()

    def _close(self) -> None:
        self._busy = True
        self._transport.close()

    def _refuse(self, reply: bytes) -> None:
        if not self._refused:
            self._refused = True
            self._transport.write(reply)
            self._loop.call_later(LINGER, self._transport.close)
