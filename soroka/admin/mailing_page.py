"""The page of a mailing: what it is, what becomes of it while one looks on, and what can be done to it."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from unfold.widgets import INPUT_CLASSES

from soroka.admin import words
from soroka.admin.history import history_of
from soroka.admin.mailing_course import breakdown_of, counts_of, course_of, is_live
from soroka.admin.mailing_facts import facts_of
from soroka.admin.mailing_report import report_of
from soroka.admin.resending import ResendPage
from soroka.admin.verbs import VERBS, Verb
from soroka.api.download import MEDIA_TYPES
from soroka.domain.message import MailingStatus
from soroka.models import Mailing
from soroka.models.status import status_of
from soroka.planning.resend import may_resend
from soroka.queue.withdraw import NotAllowed
from soroka.statistics.tally import counts
from soroka.tasks import ring


class MailingPage(ResendPage):
    """For the ``Desk`` of mailings."""

    def get_urls(self: Any) -> list[URLPattern]:
        """A page of confirmation for each verb, and the report."""
        wrap = self.admin_site.admin_view
        confirmations = [
            path(
                f"<int:mailing_id>/{verb.name}/",
                wrap(partial(self.confirm_view, verb=verb)),
                name=f"soroka_mailing_{verb.name}",
            )
            for verb in VERBS
        ]
        return [
            *confirmations,
            path("<int:mailing_id>/resend/", wrap(self.resend_view), name="soroka_mailing_resend"),
            path("<int:mailing_id>/report/", wrap(self.report_view), name="soroka_mailing_report"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def change_view(
        self: Any, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """All that is known of a mailing; ``?part=`` asks for the part that the page fetches by itself."""
        mailing: Mailing = self.seen(request, object_id)
        status = status_of(mailing.pk)
        if part := _PARTS.get(request.GET.get("part", "")):
            return part(request, mailing, status)
        page: HttpResponse = self.page(
            request,
            "mailing.html",
            str(mailing),
            mailing=mailing,
            original=mailing,
            facts=facts_of(mailing),
            changes=history_of(mailing),
            kinds=MEDIA_TYPES,
            message_statuses=[(status.slug, said) for status, said in words.STATUS.items()],
            input_classes=" ".join(INPUT_CLASSES),
            resent_by=Mailing.objects.filter(resend_of=mailing.pk).first(),
            verbs=[verb for verb in VERBS if status in verb.allowed] if _may_change(request) else [],
            may_resend=_may_change(request) and may_resend(mailing),
            **status_in_words(status),
            **counts_of(mailing, status),
        )
        return page

    def confirm_view(self: Any, request: HttpRequest, mailing_id: int, verb: Verb) -> HttpResponse:
        """Ask, and do it once the answer is posted."""
        mailing: Mailing = self.to_be_changed(request, mailing_id)
        if request.method == "POST":
            self._do(request, mailing, verb)
        elif status_of(mailing.pk) in verb.allowed:
            page: HttpResponse = self.page(
                request, "confirm.html", str(verb.label), mailing=mailing, original=mailing, verb=verb
            )
            return page
        else:
            _refuse(request, mailing)
        return HttpResponseRedirect(reverse("admin:soroka_mailing_change", args=[mailing.pk]))

    def _do(self: Any, request: HttpRequest, mailing: Mailing, verb: Verb) -> None:
        """Do it, and say so."""
        try:
            verb.do(mailing.pk)
        except NotAllowed:
            _refuse(request, mailing)
        else:
            ring()
            self.log_change(request, mailing, str(verb.done))
            messages.success(request, str(verb.done))

    def report_view(self: Any, request: HttpRequest, mailing_id: int) -> HttpResponse:
        """What it came to, on paper."""
        mailing: Mailing = self.seen(request, str(mailing_id))
        context = report_of(mailing) | {"title": str(mailing), "made_by": request.user}
        return TemplateResponse(request, "admin/soroka/mailing_report.html", context)

    def to_be_changed(self: Any, request: HttpRequest, mailing_id: int) -> Mailing:
        """The mailing, for one who may change it. Raises Http404 and PermissionDenied."""
        if not _may_change(request):
            raise PermissionDenied
        mailing: Mailing = self.seen(request, str(mailing_id))
        return mailing


def _refuse(request: HttpRequest, mailing: Mailing) -> None:
    """Say that its status does not allow what was asked for."""
    status = words.MAILING_STATUS[status_of(mailing.pk)]
    messages.error(request, _("This is not possible any more: the mailing is %(status)s.") % {"status": status})


def status_in_words(status: MailingStatus) -> dict[str, Any]:
    """The status and its colour, for a label."""
    return {"status": words.MAILING_STATUS[status], "colour": words.MAILING_COLOURS.get(status, "")}


def _counts(request: HttpRequest, mailing: Mailing, status: MailingStatus) -> HttpResponse:
    """The counts now; the whole page is fetched anew where its status has changed or nothing changes any more."""
    context = counts_of(mailing, status, request.GET.get("look", ""))
    over = status != request.GET.get("status") or not context["live"]
    headers = {"HX-Refresh": "true"} if over else {}
    return TemplateResponse(request, "admin/soroka/mailing_counts.html", context, headers=headers)


def _course(request: HttpRequest, mailing: Mailing, status: MailingStatus) -> HttpResponse:
    context = course_of(mailing, status, live=_is_live(mailing, status)) | _named(mailing)
    return TemplateResponse(request, "admin/soroka/mailing_course.html", context)


def _breakdown(request: HttpRequest, mailing: Mailing, status: MailingStatus) -> HttpResponse:
    context = breakdown_of(mailing, live=_is_live(mailing, status)) | _named(mailing)
    return TemplateResponse(request, "admin/soroka/mailing_breakdown.html", context)


def _named(mailing: Mailing) -> dict[str, Any]:
    """What the links of a part are made of."""
    return {"mailing": mailing, "has_messages": mailing.gone_at is None}


_PARTS = {"counts": _counts, "course": _course, "breakdown": _breakdown}


def _is_live(mailing: Mailing, status: MailingStatus) -> bool:
    return is_live(status, counts([mailing.pk])[mailing.pk].as_dict())


def _may_change(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("soroka.change_mailing"))
