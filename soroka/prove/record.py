"""The gateway's own record, read while it is written."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import orjson


class Call(NamedTuple):
    """One call as the gateway noted it when it arrived. at: seconds since 1970, by the gateway's clock."""

    at: float
    id: int
    answer: str
    accepted: bool


class RecordReader:
    """A file of JSON lines that another process appends to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._calls: list[Call] = []

    def calls(self) -> list[Call]:
        """Every call until now, in order of arrival."""
        self._calls += self.news()
        return self._calls

    def news(self) -> list[Call]:
        """The calls since the last look, which are not kept here."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._offset)
            news = file.read()
        whole = news[: news.rfind(b"\n") + 1]  # the last line may be half written
        self._offset += len(whole)
        return list(map(_call, whole.splitlines()))


def accepted_ids(calls: Iterable[Call]) -> set[int]:
    """The messages that were accepted at least once."""
    return {call.id for call in calls if call.accepted}


def _call(line: bytes) -> Call:
    noted = orjson.loads(line)
    return Call(noted["at"], noted["id"], noted["answer"], noted["accepted"])
