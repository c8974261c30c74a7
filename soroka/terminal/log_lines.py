"""Lines of the log as JSON has them: whether one is about what is asked for, and how a person reads it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

Line = Mapping[str, Any]

#: Members that come first in a line for people; the others follow by name.
FIRST = ("time", "level", "logger", "event")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a line has to be about; None: about anything.

    his: ids of the client's messages, as far as they are known, in order.
    """

    mailing: int | None = None
    message: int | None = None
    client: int | None = None
    request: str | None = None
    his: Collection[int] = ()

    def fits(self, line: Line) -> bool:
        """Whether the line is about all that is asked for.

        A batch is about each message of its range, and so about the clients whose messages they are.
        """
        return (
            self.mailing in (None, line.get("mailing"))
            and self.request in (None, line.get("request_id"))
            and (self.message is None or _about(line, "message", self.message))
            and (self.client is None or self._about_client(line, self.client))
        )

    def _about_client(self, line: Line, client: int) -> bool:
        if "client" in line:
            return bool(line["client"] == client)
        return _about(line, "client", client) or any(_about(line, "message", message) for message in self.his)


def _about(line: Line, name: str, number: int) -> bool:
    """Whether a member names it: ``message``, or ``messages`` as the first and last of a range."""
    if name in line:
        return bool(line[name] == number)
    match line.get(f"{name}s"):
        case [int(first), int(last)]:
            return first <= number <= last
    return False


def parsed(text: str) -> Line | None:
    """The JSON of a line, whatever docker-compose writes before it; None where there is none."""
    begin = text.find("{")
    if begin < 0:
        return None
    try:
        line = json.loads(text[begin:])
    except ValueError:
        return None
    return line if isinstance(line, dict) and "event" in line else None


def pretty(line: Line) -> str:
    """``2026-11-29T10:00:00+03:00 INFO soroka.x: what happened  batch=4 mailing=12``, and a traceback below it."""
    at, level, logger, event = (line.get(name, "") for name in FIRST)
    rest = [f"{name}={_word(line[name])}" for name in sorted(line.keys() - {*FIRST, "exception"})]
    told = f"{at} {str(level).upper()} {logger}: {'  '.join(filter(None, (str(event), ' '.join(rest))))}"
    return f"{told}\n{line['exception']}" if line.get("exception") else told


def _word(value: Any) -> str:
    """A range as ``1..1000``; a text with a space in quotes."""
    match value:
        case [first, last]:
            return f"{first}..{last}"
        case str() if " " in value or not value:
            return json.dumps(value, ensure_ascii=False)
    return str(value)
