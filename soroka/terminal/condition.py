"""How the service fares, as ``soroka status`` shows it."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, NoReturn

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from soroka.api.mailing_shapes import MailingSerializer
from soroka.models import Gateway
from soroka.models.gateway import GatewayState
from soroka.statistics.condition import Failures, failures
from soroka.statistics.health import Service, Services, services
from soroka.statistics.needs import Need, needs
from soroka.statistics.speed import measured_speed
from soroka.statistics.work import Queue, queue
from soroka.terminal import screen
from soroka.terminal.failure import Exit
from soroka.terminal.gateway_views import state_of
from soroka.terminal.mailing_views import found, listed

_MAILINGS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Condition:
    """One look. mailings: those that are not over, as the API shows them.  speeds: measured lately, by gateway."""

    services: Services
    queue: Queue
    gateways: list[Gateway]
    speeds: dict[int, float | None]
    mailings: Any
    failures: Failures

    @property
    def needs(self) -> list[Need]:
        """What a person has to see to."""
        return needs(self.services, self.gateways, self.failures)

    def document(self) -> dict[str, Any]:
        """The shape of ``--json``."""
        return {
            "well": not self.needs,
            "at": timezone.localtime(),
            "needs": [{"code": need.code, "message": need.words} for need in self.needs],
            "services": {"database": str(Service.OK)} | asdict(self.services),
            "queue": asdict(self.queue),
            "gateways": [
                {
                    "name": row.name,
                    "state": str(row.state),
                    "rate": row.rate,
                    "measured": self.speeds[row.pk],
                    "last_error": row.last_error,
                }
                for row in self.gateways
            ],
            "mailings": self.mailings,
            "failed_imports": [
                {"id": row.pk, "filename": row.filename, "detail": row.detail, "finished_at": row.finished_at}
                for row in self.failures.imports
            ],
            "in_doubt": [asdict(doubt) for doubt in self.failures.doubts],
        }


def look(hours: int) -> Condition:
    """How it fares now."""
    gateways = list(Gateway.objects.all())
    return Condition(
        services=services(),
        queue=queue(),
        gateways=gateways,
        speeds={row.pk: measured_speed(row.pk) for row in gateways},
        mailings=MailingSerializer(found(only_open=True, search="", limit=_MAILINGS_SHOWN), many=True).data,
        failures=failures(hours),
    )


def shown(hours: int, *, as_json: bool) -> Exit:
    """Show it once. Returns the exit code."""
    seen = look(hours)
    if as_json:
        screen.print_json(seen.document())
    else:
        screen.show(picture(seen))
    return Exit.FAILED if seen.needs else Exit.OK


def follow(every: float, hours: int, *, as_json: bool) -> NoReturn:
    """Show it again and again."""
    console = screen.console()
    if as_json or not console.is_terminal:
        while True:
            seen = look(hours)
            if as_json:
                screen.print_json(seen.document(), indent=None)
            else:
                screen.show(picture(seen), "")
            time.sleep(every)
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        while True:
            live.update(picture(look(hours)), refresh=True)
            time.sleep(every)


def picture(seen: Condition) -> RenderableType:
    """All of it, what needs a person first."""
    parts: list[RenderableType] = [_verdict(seen), Text(), screen.facts([*_programs(seen), *_waiting(seen.queue)])]
    if seen.gateways:
        parts += [Text(), _gateways(seen)]
    if seen.mailings:
        parts += [Text(), listed(seen.mailings, wide=screen.is_wide())]
    return Group(*parts)


def _verdict(seen: Condition) -> RenderableType:
    at = Text(f"{screen.moment(timezone.now())} ({screen.zone()})", style="bright_black")
    if not seen.needs:
        return Group(Text(_("All is well."), style="bold green"), at)
    lines = [Text(f"! {need.words}", style="red") for need in seen.needs]
    return Group(Text(_("This needs a person:"), style="bold red"), *lines, at)


def _programs(seen: Condition) -> Iterator[tuple[str, RenderableType]]:
    words = {
        Service.OK: Text(pgettext("program", "works"), style="green"),
        Service.MISSING: Text(pgettext("program", "is missing"), style="bold red"),
        Service.UNKNOWN: Text(pgettext("program", "nobody can tell"), style="yellow"),
    }
    names = {"broker": _("broker"), "worker": _("workers"), "beat": _("beat")}
    yield _("database"), words[Service.OK]
    for name, state in asdict(seen.services).items():
        yield names[name], words[state]


def _waiting(queue: Queue) -> Iterator[tuple[str, RenderableType]]:
    due = screen.number(queue.due)
    if queue.oldest_due_at:
        late = {"due": due, "seconds": screen.number(queue.overdue_seconds)}
        due = _("%(due)s, the oldest for %(seconds)s s") % late
    yield _("due now"), due
    yield _("in work"), screen.number(queue.in_work)
    yield _("due later"), screen.number(queue.later)
    yield _("expired leases"), screen.number(queue.expired_leases)


def _gateways(seen: Condition) -> RenderableType:
    made = screen.table(_("gateway"), _("state"), _("a second"), _("limit"), _("last error"), right=(2, 3))
    for row in seen.gateways:
        speed = screen.speed(seen.speeds[row.pk])
        error = row.last_error if row.state is not GatewayState.WORKING else ""
        made.add_row(Text(row.name), state_of(row), speed, screen.speed(row.rate), Text(error))
    return made
