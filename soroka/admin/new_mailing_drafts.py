"""Drafts of mailings: kept while one types, for their owner alone, and never over what another window kept (ADR 24)."""

import json
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.http import QueryDict
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soroka.admin.mailing_form import MailingForm
from soroka.models import Draft

#: Drafts of one user, and characters of one as JSON.
MOST, LARGEST = 20, 20_000
_LONGEST_NAME = 80
_CHANGED = gettext_lazy("Not saved: this draft was changed in another window.")
_GONE = gettext_lazy("Not saved: this draft was deleted, or its mailing was started in another window.")
Values = dict[str, list[str]]


class NotKept(Exception):
    """Why a draft was not saved, in words. may_part: it can be kept as another one."""

    def __init__(self, words: Any, *, may_part: bool = False) -> None:
        super().__init__(str(words))
        self.may_part = may_part


def drafts_of(user: Any) -> QuerySet[Draft]:
    """Those of one user, the latest first."""
    return Draft.objects.filter(owner=user)


def typed(posted: QueryDict) -> Values:
    """What the form was filled in with, right or wrong."""
    values = {name: [each.replace("\0", "") for each in posted.getlist(name)] for name in MailingForm.base_fields}
    values["tags"] = [each for each in values["tags"] if each.isdecimal()]
    return {name: each for name, each in values.items() if any(each)}


def initial_of(values: Values) -> dict[str, Any]:
    """The same for a form that begins with it."""
    return {name: _initial(field, values.get(name, [])) for name, field in MailingForm.base_fields.items()}


def _initial(field: forms.Field, values: list[str]) -> Any:
    if isinstance(field, forms.BooleanField):
        return bool(values)
    if isinstance(field, forms.ModelMultipleChoiceField | forms.MultipleChoiceField):
        return values
    return values[-1] if values else ""


def keep(user: Any, values: Values, draft_id: int | None, version: int) -> Draft:
    """Save a draft: a new one, or the one of this id where it is as its window has seen it last. Raises NotKept."""
    if len(json.dumps(values)) > LARGEST:
        raise NotKept(_("Not saved: a draft may not be so long."))
    if draft_id is None:
        return _keep_new(user, values)
    seen = drafts_of(user).filter(pk=draft_id)
    if (draft := seen.first()) is None:
        raise NotKept(_GONE, may_part=True)
    if draft.values == values:
        return draft
    changes = {"values": values, "name": _name(values), "version": F("version") + 1, "saved_at": Now()}
    if not seen.filter(version=version).update(**changes):
        raise NotKept(_CHANGED, may_part=True)
    draft.refresh_from_db()
    return draft


@transaction.atomic
def _keep_new(user: Any, values: Values) -> Draft:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two windows count one after the other
    if drafts_of(user).count() >= MOST:
        raise NotKept(_("Not saved: you have %(most)d drafts, and more are not kept. Delete one.") % {"most": MOST})
    draft = Draft.objects.create(owner=user, values=values, name=_name(values))
    draft.refresh_from_db()
    return draft


def forget(user: Any, values: Values, draft_id: int | None, version: int) -> None:
    """Delete the draft of what was started. What another window has made of it meanwhile stays.

    One that says the very same is that draft as well: it was being saved when the page was left.
    """
    drafts_of(user).filter(Q(pk=draft_id, version=version) | Q(values=values)).delete()


def _name(values: Values) -> str:
    [said, *_rest] = [*values.get("name", []), *values.get("text", []), ""]
    return Truncator(" ".join(said.split())).chars(_LONGEST_NAME)
