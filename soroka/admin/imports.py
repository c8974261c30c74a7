from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldBooleanSwitchWidget

from soroka.admin.base import Ledger, posted
from soroka.admin.rule_words import translated
from soroka.imports.read import UnreadableFile
from soroka.imports.stage import stage
from soroka.models import ClientImport, ImportState
from soroka.tasks import ring_import

REFUSALS_SHOWN = 200
_COLOURS = {"queued": "", "running": "info", "finished": "success", "failed": "danger"}


class ImportForm(forms.Form):
    """A file of clients."""

    file = forms.FileField(
        label=gettext_lazy("file"),
        widget=UnfoldAdminFileFieldWidget({"accept": ".csv,.txt,text/csv"}),
        help_text=gettext_lazy(
            "CSV in UTF-8. The first line names the columns: phone, operator_code, tags, timezone; only phone must be"
            " there. Several tags are separated by a semicolon; other columns become attributes."
        ),
    )
    create_missing_tags = forms.BooleanField(
        label=gettext_lazy("make the tags that do not exist yet"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy("Otherwise the rows that name an unknown tag are refused."),
    )


@admin.register(ClientImport)
class ClientImportAdmin(Ledger):
    """Files of clients, and what became of their rows."""

    list_display = ["filename", "state_label", "rows", "added", "changed", "unchanged", "refused", "created_at"]
    list_filter: list[Any] = []
    list_display_links = ["filename"]
    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may add imports."""
        return bool(request.user.has_perm("soroka.add_clientimport"))

    @display(description=gettext_lazy("state"), label=_COLOURS)
    def state_label(self, client_import: ClientImport) -> tuple[str, str]:
        """In words."""
        return client_import.state, client_import.get_state_display()

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Take a file in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(*posted(request))
        if request.method == "POST" and form.is_valid() and (staged := self._staged(request, form)):
            return HttpResponseRedirect(reverse("admin:soroka_clientimport_change", args=[staged.pk]))
        return self.page(request, "import_form.html", _("Import clients"), form=form)

    def _staged(self, request: HttpRequest, form: ImportForm) -> ClientImport | None:
        """The import of the file; None, and the form says why, where its header is of no use."""
        upload = form.cleaned_data["file"]
        try:
            staged = stage(
                upload.file,
                filename=upload.name or "",
                create_missing_tags=form.cleaned_data["create_missing_tags"],
                user=request.user,  # type: ignore[arg-type]  # a page for users only
            )
        except UnreadableFile as error:
            form.add_error("file", translated(str(error)))
            return None
        ring_import(staged.pk)
        return staged

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """How far it is, and the rows that were refused."""
        client_import: ClientImport = self.seen(request, object_id)
        refusals = list(client_import.staged.exclude(error="")[: REFUSALS_SHOWN + 1])
        return self.page(
            request,
            "import.html",
            client_import.filename or str(client_import.pk),
            row=client_import,
            original=client_import,
            refusals=[(row.line, translated(row.error)) for row in refusals[:REFUSALS_SHOWN]],
            more=len(refusals) > REFUSALS_SHOWN,
            over=client_import.state in (ImportState.FINISHED, ImportState.FAILED),
            colour=_COLOURS[client_import.state],
        )
