"""Mailings as a terminal shows them."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.console import Group, RenderableType
from rich.text import Text

from soroka.api.filter_words import filter_words
from soroka.api.mailing_shapes import MailingSerializer
from soroka.api.shapes import tag_names
from soroka.api.words import MAILING_STATUS, REASON
from soroka.audience.filter import Filter
from soroka.domain.message import OVER, MailingStatus
from soroka.models import Mailing
from soroka.models.status import status_of as status_now
from soroka.statistics.tally import counts, full
from soroka.terminal import screen
from soroka.terminal.asking import confirm
from soroka.terminal.failure import NotFound

_REASONS = {reason.slug: words for reason, words in REASON.items()}


def known(mailing_id: int) -> Mailing:
    """The mailing. Raises NotFound."""
    found = Mailing.objects.select_related("gateway", "segment", "created_by").filter(pk=mailing_id).first()
    if found is None:
        raise NotFound(
            _("There is no mailing %(id)s. `soroka mailing list` shows which there are.") % {"id": mailing_id}
        )
    return found


def found(*, only_open: bool, search: str, limit: int) -> list[Mailing]:
    """The newest mailings that are meant."""
    from django.db.models import Q

    rows = Mailing.objects.select_related("gateway", "segment")
    if only_open:
        rows = rows.filter(breakdown__isnull=True, cancelled_at=None)
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(text__icontains=search))
    return list(rows[:limit])


def shown_list(rows: list[Mailing], *, as_json: bool) -> None:
    """A line each."""
    shapes = MailingSerializer(rows, many=True).data
    if as_json:
        screen.print_json({"results": shapes})
        return
    if shapes:
        screen.show(listed(shapes, wide=screen.is_wide()))
    else:
        screen.say(_("There is none. `soroka mailing create --help` says how one is made."))


def listed(shapes: Any, *, wide: bool) -> RenderableType:
    """A table of mailings. wide: with all columns."""
    headers = [_("id"), _("status"), _("done"), _("messages"), _("delivered"), _("not sent")]
    headers += [_("start"), _("end")] if wide else []
    made = screen.table(*headers, _("name"), right=(0, 2, 3, 4, 5))
    for shape in shapes:
        four = shape["statistics"]
        cells: list[RenderableType] = [
            str(shape["id"]),
            status_of(shape),
            screen.share(four["delivered"] + four["not_sent"], four["total"]),
            *(screen.number(four[name]) for name in ("total", "delivered", "not_sent")),
        ]
        cells += [screen.moment(shape[name])[:16] for name in ("starts_at", "ends_at")] if wide else []
        made.add_row(*cells, title(shape))
    return made


def title(shape: Any) -> Text:
    """Its name, or how its text begins."""
    words = shape["name"] or shape["text"]
    return Text(" ".join(words.split())[:40])


def status_of(shape: Any) -> Text:
    """In words, in its colour."""
    return screen.state(shape["status"], MAILING_STATUS[MailingStatus(shape["status"])])


def shown(mailing_id: int, *, as_json: bool) -> None:
    """All that is known of it."""
    row = known(mailing_id)
    shape = MailingSerializer(row).data
    shape |= {"statistics": full(row), "created_by": row.created_by and row.created_by.get_username()}
    if as_json:
        screen.print_json(shape)
        return
    parts = [_facts(row, shape), Text(), counted(shape["statistics"])]
    parts += [part for part in (_reasons(shape), _zones(shape)) if part]
    screen.show(*parts)


def _facts(row: Mailing, shape: Any) -> RenderableType:
    audience = Filter.from_json(row.filter)
    window = row.send_window
    lateness = shape["statistics"]["lateness_seconds"]
    return screen.facts(
        [
            (_("mailing"), Text(f"{row.pk}  {row.name}".rstrip())),
            (_("status"), status_of(shape)),
            (_("text"), Text(row.text)),
            (_("audience"), Text(filter_words(audience, tag_names(audience.tags)))),
            (_("segment"), Text(row.segment.name) if row.segment else ""),
            (_("start"), _when(shape["starts_at"], shape["local_start"])),
            (_("end"), _when(shape["ends_at"], shape["local_end"])),
            (_("send window"), str(window) if window else _("every hour")),
            (_("cap"), "{messages}/{days}".format(**row.cap) if row.cap else ""),
            (_("gateway"), " → ".join([row.gateway.name, *shape["fallbacks"]])),
            (_("made"), " ".join(filter(None, [screen.moment(row.created_at), shape["created_by"]]))),
            (_("lateness"), _("%(p50)s s at the median, %(max)s s at most") % _rounded(lateness)
             if lateness["max"] is not None else ""),
        ]
    )  # fmt: skip


def _rounded(lateness: dict[str, float]) -> dict[str, str]:
    return {name: f"{value or 0:.1f}" for name, value in lateness.items()}


def _when(moment: str, local: str | None) -> str:
    if local:
        return _("%(time)s by each client's clock") % {"time": local.replace("T", " ")}
    return f"{screen.moment(moment)} ({screen.zone()})"


def counted(four: Any) -> RenderableType:
    """The four counts under a bar."""
    done = four["delivered"] + four["not_sent"]
    lines = screen.facts(
        [
            (_("messages"), screen.number(four["total"])),
            (_("delivered"), screen.number(four["delivered"])),
            (_("not sent"), screen.number(four["not_sent"])),
            (_("in process"), screen.number(four["in_process"])),
        ]
    )
    return Group(screen.bar(done, four["total"]), lines)


def _reasons(shape: Any) -> RenderableType | None:
    reasons = shape["statistics"]["not_sent_by_reason"]
    if not reasons:
        return None
    made = screen.table(_("why not sent"), _("messages"), right=(1,))
    for slug, number in sorted(reasons.items(), key=lambda item: -item[1]):
        made.add_row(str(_REASONS[slug]), screen.number(number))
    return Group(Text(), made)


def _zones(shape: Any) -> RenderableType | None:
    zones = shape["statistics"]["by_timezone"]
    if len(zones) <= 1:
        return None
    made = screen.table(_("time zone"), _("messages"), _("delivered"), _("not sent"), right=(1, 2, 3))
    for name, four in zones.items():
        made.add_row(name, *(screen.number(four[count]) for count in ("total", "delivered", "not_sent")))
    return Group(Text(), made)


def said(mailing_id: int, *, as_json: bool) -> None:
    """A mailing as it is after something was done to it."""
    shape = MailingSerializer(known(mailing_id)).data
    if as_json:
        screen.print_json(shape)
        return
    words = _("Mailing %(id)s: %(status)s, %(messages)s.") % {
        "id": mailing_id,
        "status": status_of(shape).plain,
        "messages": messages(shape["statistics"]["total"]),
    }
    screen.say(words)


def messages(total: int) -> str:
    """1 message, 1,234 messages."""
    return ngettext("%(number)s message", "%(number)s messages", total) % {"number": screen.number(total)}


def ask_to_cancel(mailing_id: int) -> None:
    """Ask whether it is meant, unless it is over. Raises Abort where not, UsageError where nobody can be asked."""
    if status_now(known(mailing_id).pk) in OVER:
        return
    waiting = counts([mailing_id])[mailing_id].in_process
    question = _("Cancel mailing %(id)s for good, with %(messages)s still in process?") % {
        "id": mailing_id,
        "messages": messages(waiting),
    }
    confirm(question)
