"""What the simulated gateway received: one entry a call, compact in memory, and in a file that survives a restart."""

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from soroka.gateways.simulator.answers import Answer

PAGE = 1000  # calls turned to JSON at once while all are streamed


class Record:
    """A call is noted when it arrives, before its answer is written: (wall-clock time, message id, kind, accepted)."""

    def __init__(self, path: Path | None = None) -> None:
        """path: JSON lines; what is there is read, what comes is appended, unbuffered: a kill loses nothing.

        Raises ValueError that names the line where the file holds something else.
        """
        self._at = array("d")
        self._ids = array("q")
        self._kinds = array("H")
        self._accepted = bytearray()
        self._words: list[str] = []
        self._calls: dict[int, int] = {}
        self._taken: set[int] = set()
        self._taken_twice: set[int] = set()
        self._called_twice = 0
        self._file: BinaryIO | None = None
        if path is not None:
            self._load(path)
            self._file = path.open("ab", buffering=0)

    def __len__(self) -> int:
        return len(self._ids)

    def calls_of(self, message: int) -> int:
        """How often this message was offered so far."""
        return self._calls.get(message, 0)

    def add(self, at: float, message: int, answer: Answer) -> None:
        """Note one call. at: seconds since 1970, UTC."""
        self._note(at, message, answer.kind, answer.accepted)
        if self._file is not None:
            self._file.write(self._line(len(self) - 1))

    def summary(self) -> dict[str, Any]:
        """Counts over all calls; the times are seconds since 1970, UTC, None before the first call."""
        return {
            "calls": len(self),
            "accepted": self._accepted.count(1),
            "distinct_ids": len(self._calls),
            "ids_accepted": len(self._taken),
            "ids_accepted_twice": len(self._taken_twice),
            "ids_called_twice": self._called_twice,
            "first_call_at": self._at[0] if self._at else None,
            "last_call_at": self._at[-1] if self._at else None,
        }

    def lines(self) -> Iterator[bytes]:
        """All calls until now as JSON lines, a page of them at a time."""
        end = len(self)
        for start in range(0, end, PAGE):
            yield b"".join(self._line(index) for index in range(start, min(start + PAGE, end)))

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def _note(self, at: float, message: int, kind: str, accepted: bool) -> None:
        self._at.append(at)
        self._ids.append(message)
        self._kinds.append(self._word(kind))
        self._accepted.append(accepted)
        calls = self._calls[message] = self._calls.get(message, 0) + 1
        self._called_twice += calls == 2  # noqa: PLR2004 - the moment it becomes one of them
        if accepted:
            (self._taken_twice if message in self._taken else self._taken).add(message)

    def _word(self, kind: str) -> int:
        if kind not in self._words:
            self._words.append(kind)
        return self._words.index(kind)

    def _line(self, index: int) -> bytes:
        kind = self._words[self._kinds[index]]
        call = {"at": self._at[index], "id": self._ids[index], "answer": kind, "accepted": bool(self._accepted[index])}
        return orjson.dumps(call, option=orjson.OPT_APPEND_NEWLINE)

    def _load(self, path: Path) -> None:
        if not path.exists():
            return
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    call = orjson.loads(line)
                    self._note(call["at"], call["id"], call["answer"], call["accepted"])
                except (ValueError, TypeError, KeyError) as error:
                    raise ValueError(f"{path}, line {number}, is no call; move the file away to start anew") from error


class Count:
    """A record that only counts, for a benchmark: no memory grows with the calls and each costs next to nothing.

    It does not know one message from another, so that a repeated one is taken for a first try.
    """

    def __init__(self) -> None:
        self._calls = self._accepted = 0

    def calls_of(self, _message: int) -> int:
        """None that is known of."""
        return 0

    def add(self, _at: float, _message: int, answer: Answer) -> None:
        """Count one call."""
        self._calls += 1
        self._accepted += answer.accepted

    def summary(self) -> dict[str, Any]:
        """Counts over all calls."""
        return {"calls": self._calls, "accepted": self._accepted}

    def lines(self) -> Iterator[bytes]:
        """Nothing: no call was kept."""
        return iter(())

    def close(self) -> None:
        """There is nothing to let go of."""
