"""Gateways as a terminal shows them."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from rich.console import RenderableType
from rich.text import Text

from soroka.api.gateways import GatewaySerializer
from soroka.models import Gateway
from soroka.models.gateway import GatewayState
from soroka.queue.hold import try_again
from soroka.statistics.speed import measured_speed
from soroka.tasks import ring
from soroka.terminal import screen
from soroka.terminal.failure import Exit, Failure, NotFound
from soroka.terminal.options import acting, user_named


def shown_list(*, as_json: bool) -> None:
    """A line each."""
    rows = list(Gateway.objects.all())
    if as_json:
        screen.print_json({"results": GatewaySerializer(rows, many=True).data})
    elif rows:
        screen.show(listed(rows, wide=screen.is_wide()))
    else:
        screen.say(_("There is no gateway yet."))


def listed(rows: list[Gateway], *, wide: bool) -> RenderableType:
    """A table of gateways. wide: with all columns."""
    headers = [_("gateway"), _("state"), _("limit a second"), _("at once")]
    headers += [_("left alone until")] if wide else []
    made = screen.table(*headers, _("last error"), right=(2, 3))
    for row in rows:
        cells: list[Any] = [Text(row.name), state_of(row), screen.speed(row.rate), screen.number(row.connections)]
        cells += [screen.moment(_paused_until(row))] if wide else []
        made.add_row(*cells, Text(row.last_error if row.state is not GatewayState.WORKING else ""))
    return made


def state_of(row: Gateway) -> Text:
    """In words, in its colour."""
    words = {
        GatewayState.WORKING: pgettext("gateway", "works"),
        GatewayState.FAILING: pgettext("gateway", "failing"),
        GatewayState.STOPPED: pgettext("gateway", "stopped"),
    }
    return screen.state(row.state, words[row.state])


def shown(name: str, *, as_json: bool) -> None:
    """All that is known of one. Raises NotFound."""
    row = _known(name)
    if as_json:
        screen.print_json(GatewaySerializer(row).data)
        return
    tries = _("%(tries)s, first after %(first)s s, at most %(most)s s") % {
        "tries": row.max_tries, "first": f"{row.backoff_base:g}", "most": f"{row.backoff_cap:g}",
    }  # fmt: skip
    screen.show(
        screen.facts(
            [
                (_("gateway"), Text(row.name)),
                (_("state"), state_of(row)),
                (_("stopped since"), screen.moment(row.stopped_at) if row.stopped_at else ""),
                (_("left alone until"), screen.moment(until) if (until := _paused_until(row)) else ""),
                (_("last error"), Text(row.last_error)),
                (_("limit a second"), f"{screen.speed(row.rate)} + {row.burst}" if row.rate else _("none")),
                (_("measured a second"), screen.speed(measured_speed(row.pk))),
                (_("requests at once"), screen.number(row.connections)),
                (_("tries of a message"), tries),
                (_("knows a repeat"), _("yes") if row.idempotent else _("no")),
                (_("takes replies"), _("yes") if row.inbound_secret else _("no")),
                (_("times are of"), screen.zone()),
            ]
        )
    )
    if row.state is GatewayState.STOPPED:
        screen.show("")
        screen.say(
            _("Its address or its token is wrong. Mend it in the admin, then: soroka gateways start-again %s") % name
        )


def tried_again(name: str, username: str | None, *, as_json: bool) -> None:
    """Have it probed at once. Raises NotFound, and Failure where it is not left alone."""
    row = _known(name)
    with acting(user_named(username)):
        done = try_again(row.pk)
    if not done:
        raise Failure(
            _("Gateway %s is not left alone: there is nothing to be tried again.") % name,
            Exit.NOT_POSSIBLE,
            "not_allowed",
        )
    ring()
    if as_json:
        screen.print_json(GatewaySerializer(_known(name)).data)
    else:
        screen.say(_("Gateway %s is tried again with the next message that is due.") % name)


def _known(name: str) -> Gateway:
    row = Gateway.objects.filter(name=name).first()
    if row is None:
        raise NotFound(_("There is no gateway %r. `soroka gateways list` shows which there are.") % name)
    return row


def _paused_until(row: Gateway) -> Any:
    return row.paused_until if row.paused_until > timezone.now() else None
