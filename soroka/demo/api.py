"""A caller of the service's public API."""

import time
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

from pyreqwest.client import SyncClient, SyncClientBuilder
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.multipart import FormBuilder
from pyreqwest.request import SyncRequestBuilder


class ApiError(Exception):
    """The service refused, failed or did not answer. The message is for the person at the terminal."""


class Api:
    """url: of the service, ``http://host:port``. Answers are decoded JSON; every method raises ApiError."""

    def __init__(self, url: str) -> None:
        builder = SyncClientBuilder().base_url(url).timeout(timedelta(seconds=60)).no_proxy()
        self._client: SyncClient = builder.build()
        self._token = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def log_in(self, username: str, password: str) -> None:
        """Make all further requests as this user."""
        self._token = self.post("/auth/token", {"username": username, "password": password})["access"]

    def get(self, path: str, **query: object) -> Any:
        """``GET path?query``."""
        return self._send(self._client.get(path).query([(name, str(value)) for name, value in query.items()]))

    def post(self, path: str, body: object) -> Any:
        """``POST path`` with a JSON body."""
        return self._send(self._client.post(path).body_json(body))

    def upload(self, path: str, file: Path) -> Any:
        """``POST path`` with the file as the form's ``file``."""
        return self._send(self._client.post(path).multipart(FormBuilder().sync_file("file", file)))

    def wait_for(self, path: str, is_done: Callable[[Any], bool], within: float) -> Any:
        """``GET path`` again and again until its answer satisfies ``is_done``. within: seconds. Returns that answer."""
        deadline = time.monotonic() + within
        while not is_done(answer := self.get(path)):
            if time.monotonic() > deadline:
                raise ApiError(f"{path} did not come to its end within {within:g} s; the last answer was {answer}")
            time.sleep(0.2)
        return answer

    def _send(self, request: SyncRequestBuilder) -> Any:
        if self._token:
            request = request.bearer_auth(self._token)
        try:
            response = request.build().send()
            answer = response.json()
        except PyreqwestError as error:
            raise ApiError(f"the service does not answer as it should: {error}") from error
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise ApiError(_in_words(response.status, answer))
        return answer


def _in_words(status: int, problem: Any) -> str:
    if status == HTTPStatus.UNAUTHORIZED:
        return "the service knows no such user and password; set SOROKA_ADMIN_PASSWORD to admin's present one"
    return f"the service refused ({status}): {problem}"
