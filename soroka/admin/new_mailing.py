"""The page on which a mailing is made: written, looked ahead at, confirmed and started."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError as RefusedByApi
from unfold.widgets import INPUT_CLASSES

from soroka.admin.ahead import ahead_of
from soroka.admin.api_form import refuse
from soroka.admin.base import Ledger, row_id
from soroka.admin.mailing_copy import copy_of
from soroka.admin.mailing_form import MailingForm
from soroka.admin.new_mailing_drafts import NotKept, drafts_of, forget, initial_of, keep, typed
from soroka.admin.new_mailing_parts import part_of
from soroka.admin.new_mailing_start import Word, headcount, objection, question, request_of
from soroka.admin.new_mailing_trial import MOST_NUMBERS, own_numbers, trial_of
from soroka.api.mailing_writes import start
from soroka.audience.bounded import LIMIT
from soroka.models import Draft
from soroka.planning.idempotency import KeyMismatch, MailingGone, Repeatable, recall


class NewMailing(Ledger):
    """For the ``Desk`` of mailings."""

    def get_urls(self) -> list[URLPattern]:
        """The deletion of drafts as well."""
        delete = self.admin_site.admin_view(self.delete_draft_view)
        drafts = path("drafts/<int:draft_id>/delete/", delete, name="soroka_mailing_draft_delete")
        return [drafts, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Above the mailings, the drafts of whoever looks."""
        drafts = _others(request, None) if self.has_add_permission(request) else []
        answer: HttpResponse = super().changelist_view(request, {"drafts": drafts} | (extra_context or {}))
        return answer

    def delete_draft_view(self, request: HttpRequest, draft_id: int) -> HttpResponse:
        """One's own only."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        drafts_of(request.user).filter(pk=draft_id).delete()
        messages.success(request, _("The draft is deleted."))
        return HttpResponseRedirect(reverse("admin:soroka_mailing_add"))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form, a part of it, or what came of it. Not in one transaction: planning commits slice by slice."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if part := request.GET.get("part"):
            return _part(request, part)
        return self._answered(request) if request.method == "POST" else self._begun(request)

    def _begun(self, request: HttpRequest) -> HttpResponse:
        """A form that nobody has typed in yet: an empty one, a draft, or a copy."""
        if written := request.GET.get("draft"):
            if draft := drafts_of(request.user).filter(pk=row_id(written)).first():
                return self._form(request, MailingForm(initial=initial_of(draft.values)), draft=draft)
            messages.warning(request, _("There is no such draft any more."))
        if (written := request.GET.get("copy")) is None:
            return self._form(request, MailingForm())
        initial, has_audience = copy_of(self.seen(request, written))
        if not has_audience:
            messages.warning(request, _("The audience was said in a way that this form does not know: choose it anew."))
        return self._form(request, MailingForm(initial=initial))

    def _answered(self, request: HttpRequest) -> HttpResponse:
        """What the button asks for; the form again where something is wrong with it."""
        form = MailingForm(request.POST)
        if "_test" in request.POST:
            begun = MailingForm(initial=initial_of(typed(request.POST)))  # what is still missing is no mistake yet
            return self._form(request, begun, **trial_of(request, form))
        if "_draft" in request.POST:
            return self._kept(request, form)
        if "_start" in request.POST:
            return self._to_start(request, form)
        if "_back" in request.POST or not form.is_valid():
            return self._form(request, form)
        if "_preview" in request.POST:
            return self._form(request, form, ahead=ahead_of(form.asked, LIMIT))
        return self._question(request, form)

    def _kept(self, request: HttpRequest, form: MailingForm) -> HttpResponse:
        """To the draft that was saved by its button."""
        try:
            draft = keep(request.user, typed(request.POST), *_seen_last(request))
        except NotKept as error:
            messages.error(request, str(error))
            return self._form(request, form)
        messages.success(request, _("The draft is saved."))
        return HttpResponseRedirect(f"{reverse('admin:soroka_mailing_add')}?draft={draft.pk}")

    def _to_start(self, request: HttpRequest, form: MailingForm) -> HttpResponse:
        """Start it, once for each question, if the word that was given counts for what is meant now."""
        once = request_of(request.user, request.POST.get("key", ""), typed(request.POST))
        try:
            # Before anything is judged: a repeat may come when the end that it asks for has passed.
            if once and (known := recall(once)):
                return _to_mailing(known)
            if not form.is_valid():
                return self._form(request, form)
            why_not = objection(_word(request), headcount(form.asked["audience"]))
            if once is None or why_not is not None:
                return self._question(request, form, why_not or "")
            return _started(request, form, once) or self._form(request, form)
        except (KeyMismatch, MailingGone):
            return self._question(request, form, _("Nothing was started: this page has been used already."))

    def _question(self, request: HttpRequest, form: MailingForm, why_not: str = "") -> HttpResponse:
        """What would happen, and whether that is meant."""
        if not form.is_valid():
            return self._form(request, form)
        return self.page(
            request,
            "new_mailing_confirm.html",
            _("Start the mailing?"),
            why_not=why_not,
            answers=[(name, each) for name, values in typed(request.POST).items() for each in values],
            draft=_draft_in(request),
            zone=settings.TIME_ZONE,
            input_classes=" ".join(INPUT_CLASSES),
            **question(form, headcount(form.asked["audience"])),
        )

    def _form(self, request: HttpRequest, form: MailingForm, draft: Any = None, **more: Any) -> HttpResponse:
        """The form. more: the look ahead that was asked for, or what came of a test."""
        draft = draft or _draft_in(request)
        return self.page(
            request,
            "mailing_form.html",
            _("New mailing"),
            form=form,
            draft=draft,
            drafts=_others(request, draft and draft.pk),
            own_numbers=own_numbers(request),
            most_numbers=MOST_NUMBERS,
            input_classes=" ".join(INPUT_CLASSES),
            zone=settings.TIME_ZONE,
            **more,
        )


def _part(request: HttpRequest, name: str) -> HttpResponse:
    """What the page fetches by itself while one types."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = MailingForm(request.POST)
    if name == "draft":
        return _draft_part(request, form)
    shown = trial_of(request, form) if name == "test" else part_of(request, form, name)
    if shown is None:
        raise Http404
    return TemplateResponse(request, f"admin/soroka/new_mailing_{name}.html", shown)


def _draft_part(request: HttpRequest, form: MailingForm) -> HttpResponse:
    """Save what is typed and say so; of a form that nobody has touched there is no draft."""
    draft_id, version = _seen_last(request)
    if "as_new" in request.POST:
        draft_id = None
    elif draft_id is None and not form.has_changed():
        return HttpResponse(status=204)
    try:
        draft = keep(request.user, typed(request.POST), draft_id, version)
    except NotKept as error:
        shown = {"draft": _draft_in(request), "not_kept": str(error), "may_part": error.may_part}
        return TemplateResponse(request, "admin/soroka/new_mailing_draft.html", shown)
    address = f"{reverse('admin:soroka_mailing_add')}?draft={draft.pk}"
    shown = {"draft": draft, "is_saved": True}
    return TemplateResponse(request, "admin/soroka/new_mailing_draft.html", shown, headers={"HX-Replace-Url": address})


def _seen_last(request: HttpRequest) -> tuple[int | None, int]:
    """The number of the draft that the form is of, None where it is of none, and the version that it has seen."""
    written = request.POST.get("draft", "")
    return (row_id(written) if written else None), row_id(request.POST.get("draft_version"))


def _draft_in(request: HttpRequest) -> Draft | None:
    """The draft that the form says it is of: its number and version alone."""
    draft_id, version = _seen_last(request)
    return None if draft_id is None else Draft(pk=draft_id, version=version)


def _others(request: HttpRequest, draft_id: int | None) -> Any:
    return drafts_of(request.user).exclude(pk=draft_id or 0).only("name", "saved_at")


def _word(request: HttpRequest) -> Word:
    shown = row_id(request.POST.get("shown"))
    return Word(shown if shown >= 0 else None, request.POST.get("typed", ""))


def _started(request: HttpRequest, form: MailingForm, once: Repeatable) -> HttpResponse | None:
    """To the new mailing; None, and the form says why, where a tag went away meanwhile."""
    try:
        mailing = start({**form.asked, "user": request.user}, once)
    except RefusedByApi as error:
        refuse(form, error.detail)
        return None
    forget(request.user, typed(request.POST), *_seen_last(request))
    messages.success(request, _("The mailing is made."))
    return _to_mailing(mailing.pk)


def _to_mailing(mailing_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:soroka_mailing_change", args=[mailing_id]))
