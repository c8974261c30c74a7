"""A mailing that is followed on a terminal until it is over."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from soroka.api.words import MAILING_STATUS
from soroka.domain.message import MailingStatus
from soroka.models import Mailing
from soroka.models.status import status_of
from soroka.statistics.tally import Counts, counts
from soroka.terminal import screen
from soroka.terminal.failure import Exit, NotFound
from soroka.terminal.mailing_views import known

_OVER = {MailingStatus.CANCELLED, MailingStatus.FINISHED}
#: Seconds over which the speed is measured.
_SPAN = 15.0
#: Seconds between two looks: of a person, and of a log or a program.
_LOOK, _LOOK_SELDOM = 1.0, 10.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One look. per_second: messages settled lately.  forecast_ends_at: of what is in process, at that speed."""

    id: int
    status: MailingStatus
    counts: Counts
    per_second: float | None
    forecast_ends_at: datetime | None

    @property
    def over(self) -> bool:
        """Whether nothing more becomes of it: what is cancelled may still have something on its way."""
        return self.status in _OVER and not self.counts.in_process

    @property
    def exit_code(self) -> Exit:
        """How it ended."""
        in_vain = self.counts.total > 0 and not self.counts.delivered
        return Exit.FAILED if self.status is MailingStatus.CANCELLED or in_vain else Exit.OK

    def document(self) -> dict[str, Any]:
        """The line of ``--json``."""
        return {
            "id": self.id,
            "status": str(self.status),
            **self.counts.as_dict(),
            "per_second": None if self.per_second is None else round(self.per_second, 1),
            "forecast_ends_at": self.forecast_ends_at,
        }


class Meter:
    """How fast a mailing is settled, by what was counted within the last ``_SPAN`` seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def record(self, settled: int, now: float) -> float | None:
        """The speed, messages a second; None before there are two counts. now: seconds."""
        self._seen.append((now, settled))
        while len(self._seen) > 2 and now - self._seen[1][0] >= _SPAN:  # noqa: PLR2004
            self._seen.popleft()
        (since, before), (until, after) = self._seen[0], self._seen[-1]
        return max(after - before, 0) / (until - since) if until > since else None


def follow(mailing_id: int, *, every: float | None, as_json: bool) -> Exit:
    """Show how far it is until it is over. Returns how it ended."""
    known(mailing_id)
    console = screen.console()
    if as_json:
        return _each(looks(mailing_id, every or _LOOK), lambda seen: screen.print_json(seen.document(), indent=None))
    if not console.is_terminal:
        return _each(looks(mailing_id, every or _LOOK_SELDOM), lambda seen: console.print(line(seen), soft_wrap=True))
    with Live(console=console, auto_refresh=False, transient=False) as live:
        return _each(
            looks(mailing_id, every or _LOOK, always=True),
            lambda seen: live.update(picture(seen, console.width), refresh=True),
        )


def _each(seen: Iterator[Seen], show: Callable[[Seen], None]) -> Exit:
    last = None
    for last in seen:
        show(last)
    if last is None:
        raise NotFound(_("There is no such mailing."))
    return last.exit_code


def looks(mailing_id: int, every: float, *, always: bool = False) -> Iterator[Seen]:
    """One look after another until it is over. always: also those that show nothing new.  Raises NotFound."""
    meter = Meter()
    told = None
    while True:
        seen = _look(mailing_id, meter)
        if always or told is None or (seen.status, seen.counts) != (told.status, told.counts):
            yield seen
            told = seen
        if seen.over:
            return
        time.sleep(every)


def _look(mailing_id: int, meter: Meter) -> Seen:
    try:
        status, four = status_of(mailing_id), counts([mailing_id])[mailing_id]
    except KeyError:
        raise NotFound(_("Mailing %(id)s was removed.") % {"id": mailing_id}) from None
    speed = meter.record(four.total - four.in_process, time.monotonic())
    ends_at = None
    if speed and status is MailingStatus.RUNNING:
        ends_at = timezone.now() + timedelta(seconds=round(four.in_process / speed))
    return Seen(mailing_id, status, four, speed, ends_at)


def line(seen: Seen) -> str:
    """For a log."""
    return f"{timezone.localtime():%H:%M:%S} {words(seen).plain}  {' '.join(_pieces(seen))}"


def picture(seen: Seen, width: int) -> RenderableType:
    """For a person: what it is, a bar, and the counts, as many in a line as fit."""
    four = seen.counts
    done = four.delivered + four.not_sent
    name = Mailing.objects.values_list("name", flat=True).get(pk=seen.id)
    head = Text.assemble((f"{seen.id} {name}".strip()[: max(width - 30, 10)], "bold"), "  ", words(seen))
    head.append(f"  {screen.share(done, four.total)}")
    return Group(head, screen.bar(done, four.total), *map(Text, _filled(_pieces(seen), width)))


def _filled(pieces: list[str], width: int) -> list[str]:
    """Lines that hold as many of the pieces as fit."""
    lines = [pieces[0]]
    for piece in pieces[1:]:
        if len(lines[-1]) + 2 + len(piece) <= width:
            lines[-1] += f"  {piece}"
        else:
            lines.append(piece)
    return lines


def words(seen: Seen) -> Text:
    """Its status."""
    return screen.state(str(seen.status), MAILING_STATUS[seen.status])


def _pieces(seen: Seen) -> list[str]:
    four = seen.counts
    pieces = [
        _("delivered %(number)s") % {"number": screen.number(four.delivered)},
        _("not sent %(number)s") % {"number": screen.number(four.not_sent)},
        _("in process %(number)s") % {"number": screen.number(four.in_process)},
    ]
    if seen.per_second is not None and not seen.over:
        pieces.append(_("%(number)s a second") % {"number": screen.speed(seen.per_second)})
    if seen.forecast_ends_at:
        pieces.append(_("ends about %(time)s") % {"time": f"{timezone.localtime(seen.forecast_ends_at):%H:%M:%S}"})
    return pieces
