from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from soroka.admin import columns
from soroka.admin.base import Ledger, posted
from soroka.admin.import_columns import ColumnsForm
from soroka.admin.import_progress import earlier, left_words, look, phase_words, watched
from soroka.imports.columns import NotWaiting, begin, can_be_repeated, columns_of, once_more
from soroka.imports.unreadable import UnreadableFile
from soroka.imports.upload import PIECE, Options, keep
from soroka.models import ClientImport, ImportState
from soroka.models.rule_words import translated
from soroka.tasks import ring_import

REFUSALS_SHOWN = 200
_COLOURS = {"waiting": "warning", "queued": "", "running": "info", "finished": "success", "failed": "danger"}


class FileForm(forms.Form):
    """A file of clients."""

    file = forms.FileField(
        label=gettext_lazy("file"),
        widget=forms.FileInput({"accept": ".csv,.txt,.tsv,.xlsx,text/csv", "aria-describedby": "file-help"}),
    )


@admin.register(ClientImport)
class ClientImportAdmin(Ledger):
    """Files of clients, and what became of their rows."""

    list_display = ["filename", "state_label", "read", "new", "updated", "kept", "bad", "made"]
    list_filter: list[Any] = []
    list_display_links = ["filename"]
    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may add imports."""
        return bool(request.user.has_perm("soroka.add_clientimport"))

    read = columns.number("rows", gettext_lazy("rows"))
    new = columns.number("added", gettext_lazy("added"))
    updated = columns.number("changed", gettext_lazy("changed"))
    kept = columns.number("unchanged", gettext_lazy("unchanged"))
    bad = columns.number("refused", gettext_lazy("refused"))
    made = columns.moment("created_at", gettext_lazy("handed in"))

    @display(description=gettext_lazy("state"), label=_COLOURS)
    def state_label(self, client_import: ClientImport) -> tuple[str, str]:
        """In words."""
        words = client_import.get_state_display()
        return client_import.state, f"{words}, {_('dry run')}" if client_import.dry_run else words

    def get_urls(self) -> list[URLPattern]:
        """What can be done with a dry run."""
        repeat = path(
            "<int:pk>/repeat/", self.admin_site.admin_view(self.repeat_view), name="soroka_clientimport_repeat"
        )
        return [repeat, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Take a file in, and ask what its columns are."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = FileForm(*posted(request))
        if request.method == "POST" and form.is_valid() and (kept := _kept(request, form)):
            return _to(kept)
        most = settings.UPLOAD_MAX_BYTES
        return self.page(request, "import_form.html", _("Import clients"), form=form, most=most)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What its columns are, as long as that is asked; then how far it is, and the rows that were refused."""
        client_import: ClientImport = self.seen(request, object_id)
        if client_import.state == ImportState.WAITING and self.has_add_permission(request):
            return self._columns_view(request, client_import)
        if request.method == "POST":  # it was begun in another window
            return _to(client_import)
        shown = _progress(request, client_import) | {"may_add": self.has_add_permission(request)}
        if request.GET.get("part") == "progress":
            return TemplateResponse(request, "admin/soroka/import_progress.html", shown)
        return self.page(request, "import.html", str(client_import), **shown)

    def _columns_view(self, request: HttpRequest, client_import: ClientImport) -> HttpResponse:
        try:
            columns = columns_of(client_import)
        except UnreadableFile as error:
            unreadable = {"original": client_import, "unreadable": translated(str(error))}
            return self.page(request, "import_columns.html", str(client_import), **unreadable)
        form = ColumnsForm(client_import, columns, posted(request)[0])
        if (
            request.method == "POST"
            and form.is_valid()
            and _begun(form, client_import, [each.name for each in columns])
        ):
            ring_import(client_import.pk)
            return _to(client_import)
        return self.page(request, "import_columns.html", str(client_import), original=client_import, form=form)

    def repeat_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the file of a dry run for real, or ask once more what its columns are."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        dry_run: ClientImport = self.seen(request, str(pk))
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            again = once_more(dry_run, request.user, ask="ask" in request.POST)  # type: ignore[arg-type]
        except NotWaiting:
            messages.error(request, _("The file is no longer kept. Hand it in again."))
            return _to(dry_run)
        if again.state == ImportState.QUEUED:
            ring_import(again.pk)
        return _to(again)


def _to(client_import: ClientImport) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:soroka_clientimport_change", args=[client_import.pk]))


def _kept(request: HttpRequest, form: FileForm) -> ClientImport | None:
    """The import of the file; None, and the form says why, where it is of no use."""
    upload = form.cleaned_data["file"]
    try:
        return keep(upload.chunks(PIECE), upload.name or "", Options(), request.user, ask=True)  # type: ignore[arg-type]
    except UnreadableFile as error:
        form.add_error("file", translated(str(error)))
        return None


def _begun(form: ColumnsForm, client_import: ClientImport, names: list[str]) -> bool:
    """Whether it goes on from here; else the form says why not."""
    try:
        begin(client_import, names, form.options())
    except UnreadableFile as error:
        form.add_error(None, translated(str(error)))
        return False
    except NotWaiting:
        pass  # by another window: its page shows how far it is
    return True


def _progress(request: HttpRequest, client_import: ClientImport) -> dict[str, Any]:
    """What the page shows, and fetches anew until it is over."""
    now = look(client_import, timezone.now())
    since, speed, left = watched(earlier(request.GET), now)
    refusals = list(client_import.staged.exclude(error="").values_list("line", "error")[: REFUSALS_SHOWN + 1])
    return {
        "row": client_import,
        "original": client_import,
        "percent": client_import.progress * 100,
        "doing": phase_words(client_import, now.phase),
        "speed": speed,
        "left": left_words(left) if left is not None else "",
        "since": since.query(),
        "detail": translated(client_import.detail),
        "untouched": not (client_import.added or client_import.changed),
        "refusals": [(line, translated(error)) for line, error in refusals[:REFUSALS_SHOWN]],
        "more": len(refusals) > REFUSALS_SHOWN,
        "over": client_import.is_over,
        "colour": _COLOURS[client_import.state],
        "repeatable": can_be_repeated(client_import),
    }
