"""The page on which a client is opted out or in, and the same for those who are marked in a list."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from soroka.admin.api_form import judge
from soroka.admin.base import Desk, posted
from soroka.api.opt_out import OptInSerializer, OptOutSerializer
from soroka.consent.history import acts_of
from soroka.consent.ledger import LONGEST_SOURCE, LONGEST_WORDING, Origin
from soroka.consent.opting import opt_in, opt_out
from soroka.models import Client
from soroka.models.consent import Channel

#: The latest of them: a page with all could be long.
ACTS_SHOWN = 200
#: Each of them is a transaction of its own, within one request.
MOST_MARKED = 1_000


class OptForm(forms.Form):
    """Where the client said it, and in which words; for an opt-in both are needed."""

    source = forms.CharField(
        label=gettext_lazy("source"),
        max_length=LONGEST_SOURCE,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Where the client said it: a form, a contract, a call."),
    )
    wording = forms.CharField(
        label=gettext_lazy("wording"),
        max_length=LONGEST_WORDING,
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=gettext_lazy("What the client agreed to, or said, word for word."),
    )

    def __init__(self, *args: Any, opts_in: bool) -> None:
        super().__init__(*args)
        self.opts_in = opts_in

    def clean(self) -> dict[str, Any]:
        """Judged as the API does."""
        answers = super().clean() or self.cleaned_data
        self.judged = (OptInSerializer if self.opts_in else OptOutSerializer)(data=answers)
        if not self.errors:
            judge(self, self.judged)
        return answers


class ClientConsent(Desk):
    """For the desk of clients."""

    @action(description=gettext_lazy("Consent"), url_path="consent", icon="how_to_reg")
    def consent(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Whether he may be written to, since when and why; and the form to change it."""
        client: Client = self.seen(request, object_id)
        form = OptForm(*posted(request), opts_in="opt_in" in request.POST)
        if request.method == "POST":
            if not self.has_change_permission(request, client):
                raise PermissionDenied
            if form.is_valid():
                return self._opted(request, client, form)
        acts = acts_of(client.pk, client.phone)[:ACTS_SHOWN]
        return self.page(
            request, "consent.html", str(client), client=client, original=client, form=form, acts=acts,
            may_change=self.has_change_permission(request, client),
        )  # fmt: skip

    def _opted(self, request: HttpRequest, client: Client, form: OptForm) -> HttpResponse:
        origin = Origin(Channel.ADMIN, request.user.get_username(), **form.judged.validated_data)
        if form.opts_in:
            opt_in(client.pk, origin)
            done = _("The consent is recorded: the client may be written to.")
        else:
            opt_out(client.pk, origin)
            done = _("The client is opted out; what was not offered yet is withdrawn.")
        self.log_change(request, client, done)
        messages.success(request, done)
        return HttpResponseRedirect(reverse("admin:soroka_client_consent", args=[client.pk]))

    def get_actions(self, request: HttpRequest) -> Any:
        """Without deleting in bulk, which would pass by the rules."""
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        return found

    @action(description=gettext_lazy("Opt out those who are marked"), permissions=["change"])
    def opt_out_marked(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Ask, and do it once that is confirmed. They are taken one by one: who is opted out then stays so."""
        marked = list(queryset.order_by("pk").values_list("pk", flat=True)[: MOST_MARKED + 1])
        if len(marked) > MOST_MARKED:
            messages.error(request, _("At most %(most)s clients at once.") % {"most": MOST_MARKED})
            return None
        if "confirmed" not in request.POST:
            title = _("Opt out those who are marked")
            names = {"marked": marked, "checkbox": ACTION_CHECKBOX_NAME}
            return self.page(request, "opt_out_marked.html", title, clients=queryset[:ACTS_SHOWN], **names)
        origin = Origin(Channel.ADMIN, request.user.get_username())
        done = sum(opt_out(client_id, origin) for client_id in marked)
        messages.success(request, _("Opted out just now: %(done)s.") % {"done": done})
        return None
