"""What of a mailing is in doubt, sent once more on a person's word."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldBooleanWidget

from soroka.admin.api_form import judge, refuse
from soroka.admin.base import posted
from soroka.admin.mailing_form import WallClock
from soroka.api.mailing_writes import start_resend
from soroka.api.resend_shapes import ResendSerializer
from soroka.domain.schedule import BadSpan
from soroka.models import Mailing
from soroka.planning.resend import AlreadyResent, may_resend, resent
from soroka.queue.withdraw import NotAllowed
from soroka.statistics.tally import in_doubt


class ResendForm(forms.Form):
    """The word, and until when."""

    may_arrive_twice = forms.BooleanField(
        label=gettext_lazy("It may arrive twice, and that is meant"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=gettext_lazy("The first message may have come: nobody can say."),
    )
    ends_at = forms.CharField(
        label=gettext_lazy("end"),
        required=False,
        widget=WallClock,
        help_text=gettext_lazy("Nothing is sent after it. Left empty: as long from now as the first mailing went."),
    )

    def clean(self) -> dict[str, Any]:
        """By the rules of the API."""
        answers = super().clean() or self.cleaned_data
        self.serializer = ResendSerializer(data=answers | {"ends_at": answers["ends_at"] or None})
        judge(self, self.serializer)
        return answers


class ResendPage:
    """For the ``Desk`` of mailings."""

    def resend_view(self: Any, request: HttpRequest, mailing_id: int) -> HttpResponse:
        """Ask, and make the other mailing once the word is posted. Not in one transaction: see ``add_view``."""
        mailing: Mailing = self.to_be_changed(request, mailing_id)
        if not may_resend(mailing):
            return HttpResponseRedirect(_refused(request, mailing.pk, resent([mailing.pk]).get(mailing.pk)))
        form = ResendForm(posted(request)[0])
        if request.method == "POST" and form.is_valid() and (address := self._resent(request, mailing, form)):
            return HttpResponseRedirect(address)
        page: HttpResponse = self.page(
            request,
            "mailing_resend.html",
            _("Resend what is in doubt"),
            mailing=mailing,
            original=mailing,
            form=form,
            doubtful=in_doubt(mailing),
            zone=settings.TIME_ZONE,
        )
        return page

    def _resent(self, request: HttpRequest, mailing: Mailing, form: ResendForm) -> str | None:
        """The page of the mailing that does it; None, and the form says why, where its end is no good."""
        user = cast(User, request.user)
        try:
            shown = start_resend(mailing.pk, **form.serializer.validated_data, user=user).pk
        except BadSpan as error:
            refuse(form, {"ends_at": str(error)})
            return None
        except AlreadyResent as error:
            return _refused(request, mailing.pk, error.by)
        except NotAllowed:
            return _refused(request, mailing.pk, None)
        messages.success(request, _("The mailing is made. It goes to those whose message is in doubt."))
        return reverse("admin:soroka_mailing_change", args=[shown])


def _refused(request: HttpRequest, mailing_id: int, resent_by: int | None) -> str:
    """Say why it cannot be done, and where to look on."""
    if resent_by:
        messages.info(request, _("It was resent already: this is the mailing that does so."))
    else:
        messages.error(request, _("Nothing of this mailing can be resent now."))
    return reverse("admin:soroka_mailing_change", args=[resent_by or mailing_id])
