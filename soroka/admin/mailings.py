from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ValidationError as RefusedByApi
from unfold.decorators import display

from soroka.admin import words
from soroka.admin.api_form import refuse
from soroka.admin.base import Ledger, posted
from soroka.admin.mailing_form import MailingForm
from soroka.admin.mailing_page import breakdown_of, counts_of, facts_of
from soroka.admin.verbs import VERBS, Verb
from soroka.api.mailing_writes import start
from soroka.models import Mailing
from soroka.models.status import status_of, statuses
from soroka.planning.preview import preview
from soroka.queue.withdraw import NotAllowed
from soroka.statistics.tally import counts
from soroka.tasks import ring


@admin.register(Mailing)
class MailingAdmin(Ledger):
    """Mailings: made, watched, paused, resumed and cancelled."""

    list_display = ["title", "status", "total", "in_process", "delivered", "not_sent", "starts_at", "ends_at"]
    list_display_links = ["title"]
    search_fields = ["name", "text"]
    sortable_by = ()

    def prepare(self, rows: list[Any]) -> None:
        """Status and counts of all rows: a query each."""
        ids = [mailing.pk for mailing in rows]
        status, count = statuses(ids), counts(ids)
        for mailing in rows:
            mailing.status, mailing.counts = status[mailing.pk], count[mailing.pk]

    @display(description=gettext_lazy("mailing"))
    def title(self, mailing: Mailing) -> str:
        """Its name or number."""
        return str(mailing)

    @display(description=gettext_lazy("status"), label=words.MAILING_COLOURS)
    def status(self, mailing: Any) -> tuple[str, Any]:
        """In words."""
        return mailing.status, words.MAILING_STATUS[mailing.status]

    @display(description=gettext_lazy("messages"))
    def total(self, mailing: Any) -> str:
        """How many there are."""
        return _grouped(mailing.counts.total)

    @display(description=gettext_lazy("In process"))
    def in_process(self, mailing: Any) -> str:
        """How many are not settled."""
        return _grouped(mailing.counts.in_process)

    @display(description=gettext_lazy("Delivered"))
    def delivered(self, mailing: Any) -> str:
        """How many the gateway took."""
        return _grouped(mailing.counts.delivered)

    @display(description=gettext_lazy("Not sent"))
    def not_sent(self, mailing: Any) -> str:
        """How many it did not."""
        return _grouped(mailing.counts.not_sent)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may add mailings."""
        return bool(request.user.has_perm("soroka.add_mailing"))

    def get_urls(self) -> list[URLPattern]:
        """A page of confirmation for each verb."""
        confirmations = [
            path(
                f"<int:mailing_id>/{verb.name}/",
                self.admin_site.admin_view(partial(self.confirm_view, verb=verb)),
                name=f"soroka_mailing_{verb.name}",
            )
            for verb in VERBS
        ]
        return [*confirmations, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Look ahead at a new mailing, or start it. Not in one transaction: planning commits slice by slice."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = MailingForm(*posted(request))
        ahead = None
        if request.method == "POST" and form.is_valid():
            if "_preview" in request.POST:
                ahead = _preview(form.asked)
            elif started := self._started(request, form):
                return started
        return self.page(
            request, "mailing_form.html", _("New mailing"), form=form, ahead=ahead, zone=settings.TIME_ZONE
        )

    def _started(self, request: HttpRequest, form: MailingForm) -> HttpResponse | None:
        """To the new mailing; None, and the form says why, where a tag went away meanwhile."""
        try:
            mailing = start({**form.asked, "user": request.user})
        except RefusedByApi as error:
            refuse(form, error.detail)
            return None
        self.log_addition(request, mailing, _("Made."))
        messages.success(request, _("The mailing is made."))
        return HttpResponseRedirect(reverse("admin:soroka_mailing_change", args=[mailing.pk]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """All that is known of a mailing; ``?part=`` asks for the part that the page fetches by itself."""
        mailing: Mailing = self.seen(request, object_id)
        match request.GET.get("part"):
            case "counts":
                return self._counts(request, mailing)
            case "breakdown":
                return TemplateResponse(request, "admin/soroka/mailing_breakdown.html", breakdown_of(mailing))
        status = status_of(mailing.pk)
        verbs = [verb for verb in VERBS if status in verb.allowed] if _may_change(request) else []
        return self.page(
            request,
            "mailing.html",
            str(mailing),
            mailing=mailing,
            original=mailing,
            status=words.MAILING_STATUS[status],
            colour=words.MAILING_COLOURS.get(status, ""),
            verbs=verbs,
            facts=facts_of(mailing),
            **counts_of(mailing, status),
        )

    def _counts(self, request: HttpRequest, mailing: Mailing) -> HttpResponse:
        """The counts now; the whole page is fetched anew where its status has changed or nothing changes any more."""
        status = status_of(mailing.pk)
        context = counts_of(mailing, status)
        over = status != request.GET.get("status") or not context["live"]
        headers = {"HX-Refresh": "true"} if over else {}
        return TemplateResponse(request, "admin/soroka/mailing_counts.html", context, headers=headers)

    def confirm_view(self, request: HttpRequest, mailing_id: int, verb: Verb) -> HttpResponse:
        """Ask, and do it once the answer is posted."""
        if not _may_change(request):
            raise PermissionDenied
        mailing: Mailing = self.seen(request, str(mailing_id))
        if request.method != "POST":
            return self.page(request, "confirm.html", str(verb.label), mailing=mailing, original=mailing, verb=verb)
        try:
            verb.do(mailing.pk)
        except NotAllowed:
            status = words.MAILING_STATUS[status_of(mailing.pk)]
            messages.error(request, _("This is not possible any more: the mailing is %(status)s.") % {"status": status})
        else:
            ring()
            self.log_change(request, mailing, str(verb.done))
            messages.success(request, str(verb.done))
        return HttpResponseRedirect(reverse("admin:soroka_mailing_change", args=[mailing.pk]))


def _may_change(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("soroka.change_mailing"))


def _preview(asked: dict[str, Any]) -> Any:
    wanted = ("text", "audience", "starts_at", "ends_at", "local_time")
    return preview(**{name: asked[name] for name in wanted}, timezone=settings.TIME_ZONE)


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)
