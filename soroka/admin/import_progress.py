"""How fast an import is and what is left of it, by two looks at it: nothing of that is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from soroka.models import ClientImport, ImportState

#: Seconds between two looks that tell something.
_LEAST = 1.0
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Look:
    """at: Unix time.  phase: what it was doing.  done: rows, by then.  share: of all of it, 0 to 1."""

    at: float
    phase: str
    done: int
    share: float

    def query(self) -> str:
        """As the next request hands it back."""
        return urlencode({"at": f"{self.at:.3f}", "phase": self.phase, "done": self.done, "share": f"{self.share:.5f}"})


def look(client_import: ClientImport, now: datetime) -> Look:
    """How far it is now."""
    if client_import.state == ImportState.QUEUED:
        return Look(now.timestamp(), "queued", 0, 0.0)
    reads = client_import.read_at is None
    done = client_import.rows if reads else min(client_import.taken_to, client_import.rows)
    return Look(now.timestamp(), "read" if reads else "take", done, client_import.progress)


def earlier(asked: Any) -> Look | None:
    """The look that the page took when it began to watch; None where it is no such thing."""
    try:
        return Look(float(asked["at"]), asked["phase"], int(asked["done"]), float(asked["share"]))
    except (KeyError, ValueError):
        return None


def watched(before: Look | None, now: Look) -> tuple[Look, float | None, float | None]:
    """The look to measure from, rows a second, and seconds that are left; None where nobody can say yet."""
    if before is None or before.phase != now.phase or not before.at <= now.at:
        return now, None, None
    seconds = now.at - before.at
    if seconds < _LEAST or now.done <= before.done:
        return before, None, None
    rate = (now.share - before.share) / seconds
    return before, (now.done - before.done) / seconds, (1 - now.share) / rate if rate > 0 else None


def phase_words(client_import: ClientImport, phase: str) -> str:
    """What it is doing."""
    if phase == "queued":
        return _("It waits for its turn: one file is taken in at a time.")
    if phase == "read":
        return _("The rows are read and checked.")
    return _("The rows are compared with the clients.") if client_import.dry_run else _("The rows are taken over.")


def left_words(seconds: float) -> str:
    """About how long."""
    if seconds < _MINUTE:
        return _("less than a minute is left")
    minutes = round(seconds / _MINUTE)
    words = ngettext("about %(number)s minute is left", "about %(number)s minutes are left", minutes)
    return words % {"number": minutes}
