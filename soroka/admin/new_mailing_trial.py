"""A test of a new mailing: its text, as a client reads it, goes to a few numbers of whoever writes it (ADR 24)."""

import re
import time
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from soroka.admin.api_form import sentences
from soroka.admin.gateway_page import told_of_trial
from soroka.admin.mailing_form import TEXT, MailingForm
from soroka.admin.new_mailing_parts import readers_of, turn_of, whom_of
from soroka.api.trials import MOST_OF_USER, NewTrialSerializer
from soroka.domain.template import is_template
from soroka.models import OwnNumber
from soroka.planning.preview import samples

#: Numbers of one user: all of them are within his bound of a minute.
MOST_NUMBERS = MOST_OF_USER
#: Seconds after which no further number is begun with: each may keep its thread of the server for ten.
_PATIENCE = 10.0


class _Refused(Exception):
    """Nothing can be sent; the words say why."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(*faults)
        self.faults = faults


def own_numbers(request: HttpRequest) -> str:
    """What the field of numbers has: what was typed, else what was used last."""
    if (typed := request.POST.get("own_numbers")) is not None:
        return typed
    return ", ".join(map(str, OwnNumber.objects.filter(owner=request.user.pk)))


def trial_of(request: HttpRequest, form: MailingForm) -> dict[str, Any]:
    """Send the test, and what the page says of it."""
    try:
        asked, text = _message(request, form)
        phones = _phones(request, text)
    except _Refused as error:
        return {"faults": error.faults}
    _keep(request.user, phones)
    return {"text": text, "tried": _tried(request, asked["gateway"], phones, text)}


def _message(request: HttpRequest, form: MailingForm) -> tuple[dict[str, Any], str]:
    """What was asked for, and its text as the client reads it who is shown; the link in it opts nobody out."""
    asked, faults = form.alone(TEXT | {"gateway"})
    if asked is None:
        raise _Refused(faults)
    if not is_template(asked["text"]):
        return asked, asked["text"]
    found = samples(asked["text"], readers_of(whom_of(form)), with_links=False)
    if not found:
        raise _Refused([_("There is no client for whom the text could be filled in.")])
    reader = found[turn_of(request) % len(found)]
    if reader.text is None:
        raise _Refused([reader.fault])
    return asked, reader.text


def _phones(request: HttpRequest, text: str) -> list[int]:
    """The numbers, each once, in order."""
    written = [each.strip() for each in re.split(r"[,;\n]", request.POST.get("own_numbers", "")) if each.strip()]
    if not written:
        raise _Refused([_("Say to which numbers.")])
    if len(written) > MOST_NUMBERS:
        raise _Refused(
            [
                _("These are %(number)d numbers, and at most %(most)d are tried.")
                % {"number": len(written), "most": MOST_NUMBERS}
            ]
        )
    judged = {each: NewTrialSerializer(data={"phone": each, "text": text}) for each in written}
    faults = [
        f"{each}: {fault}" for each, one in judged.items() if not one.is_valid() for fault in sentences(one.errors)
    ]
    if faults:
        raise _Refused(faults)
    return list(dict.fromkeys(one.validated_data["phone"] for one in judged.values()))


@transaction.atomic
def _keep(user: Any, phones: list[int]) -> None:
    """Remember the numbers for the next test, in place of those before."""
    OwnNumber.objects.filter(owner=user).exclude(phone__in=phones).delete()
    OwnNumber.objects.bulk_create([OwnNumber(owner=user, phone=phone) for phone in phones], ignore_conflicts=True)


def _tried(request: HttpRequest, gateway: Any, phones: list[int], text: str) -> list[dict[str, Any]]:
    end = time.monotonic() + _PATIENCE
    told = []
    for phone in phones:
        if time.monotonic() > end:
            told.append({"phone": phone, "refusal": _("Not tried: the gateway takes its time.")})
        else:
            told.append({"phone": phone, **told_of_trial(request.user, gateway, phone, text)})
    return told
