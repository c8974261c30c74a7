"""All that is known of a client, the newest first: entries of the trail, consents and messages as one story."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from soroka.admin import words
from soroka.admin.base import Desk, row_id
from soroka.admin.differences import Names, differences, names_in
from soroka.api.ledger import of_client
from soroka.api.story import Step
from soroka.api.trail_words import actor_in_words
from soroka.api.words import REASON_AT_LENGTH
from soroka.consent.history import acts_of
from soroka.domain.message import Reason, Status
from soroka.models import Change, Client, ClientImport, Consent, Mailing, Message
from soroka.models.change import Deed

SHOWN = 50
#: What is skipped is read as well.
_MOST_PAGES = 20
#: The ledger of consents tells them with source and wording.
_ELSEWHERE = [Deed.OPTED_OUT, Deed.OPTED_IN]


class TellsOfClients(Desk):
    """For the desk of clients."""

    @action(description=gettext_lazy("Story"), url_path="story", icon="timeline")
    def story(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A page of fifty."""
        client: Client = self.seen(request, object_id)
        number = min(max(row_id(request.GET.get("p")), 1), _MOST_PAGES)
        steps = _steps(client, number * SHOWN + 1)
        more = len(steps) > number * SHOWN and number < _MOST_PAGES
        shown = steps[(number - 1) * SHOWN : number * SHOWN]
        pages = {"older": number + 1 if more else None, "newer": number - 1}
        return self.page(
            request, "client_story.html", str(client), client=client, original=client, story=shown, **pages
        )


def _steps(client: Client, most: int) -> list[Step]:
    """The latest of each kind, merged: what lies beyond ``most`` of one kind lies beyond it of all."""
    entries = Change.objects.filter(kind="client", object_id=client.pk).exclude(action__in=_ELSEWHERE)
    changes = list(entries.order_by("-id")[:most])
    names = names_in(changes)
    found = [
        *(_changed(change, names) for change in changes),
        *map(_acted, acts_of(client.pk, client.phone)[:most]),
        *_written(client, most),
        *_imported(client),
    ]
    return sorted(found, key=lambda step: step.at.timestamp() if step.at else 0, reverse=True)[:most]


def _changed(change: Change, names: Names) -> Step:
    detail = "; ".join([actor_in_words(change), *differences(change, names)])
    return Step(change.at, change.get_action_display(), detail)


def _imported(client: Client) -> list[Step]:
    """By which import he was made; an import that is gone by age has its number still."""
    if client.made_by_import is None:
        return []
    found = ClientImport.objects.filter(pk=client.made_by_import).first()
    words = _("Import № %(number)s %(file)s") % {
        "number": client.made_by_import,
        "file": found.filename if found else "",
    }
    link = reverse("admin:soroka_clientimport_change", args=[found.pk]) if found else ""
    return [Step(client.created_at, Deed.CREATED.label, words.strip(), link=link)]


def _acted(act: Consent) -> Step:
    said = [act.text.source, act.text.wording] if act.text_id and act.text else []
    detail = "; ".join(filter(None, [str(act.get_channel_display()), act.recorded_by, *said]))
    return Step(act.at, act.get_act_display(), detail, "success" if act.act == "opt_in" else "danger")


def _written(client: Client, most: int) -> list[Step]:
    """His messages, each at the moment when it was settled, or its mailing made."""
    rows = list(of_client(Message.objects.all(), client.pk).order_by("-id")[:most])
    mailings = Mailing.objects.in_bulk({row.mailing_id for row in rows})
    return [_message(row, mailings[row.mailing_id]) for row in rows if row.mailing_id in mailings]


def _message(message: Message, mailing: Mailing) -> Step:
    status = Status(message.status)
    title = _("Message of the mailing %(mailing)s") % {"mailing": mailing}
    why = [str(REASON_AT_LENGTH[Reason(message.reason)])] if message.reason else []
    link = reverse("admin:soroka_message_change", args=[message.pk])
    detail = ". ".join([str(words.STATUS[status]), *why])
    return Step(message.settled_at or mailing.created_at, title, detail, words.STATUS_COLOURS[status], link=link)
