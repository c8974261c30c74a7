from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from soroka.admin.base import Desk
from soroka.api.erasure import erase
from soroka.imports.erase import ImportUnderWay
from soroka.models import Client


class ErasesClients(Desk):
    """The way to leave nothing of a client but the counts: it is asked for twice."""

    def has_erase_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may delete clients."""
        return bool(self.has_delete_permission(request))

    @action(description=gettext_lazy("Erase"), url_path="erase", icon="person_off", permissions=["erase"])
    def erase(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, and do it once the answer is posted."""
        client: Client = self.seen(request, object_id)
        if request.method != "POST":
            return self.page(request, "erase.html", _("Erase a client"), client=client, original=client)
        try:
            erase(client.pk)
        except ImportUnderWay:
            messages.error(request, _("An import is under way, and its file may name this client. Wait for its end."))
            return HttpResponseRedirect(reverse("admin:soroka_client_change", args=[object_id]))
        messages.success(request, _("The client is erased."))
        return HttpResponseRedirect(reverse("admin:soroka_client_changelist"))
