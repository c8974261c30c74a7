"""The page on which a user sets up his second factor, makes new recovery codes, and switches it off."""

from base64 import b32encode
from typing import Any

import segno
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from soroka.access import second_factor as factor
from soroka.access.proof import forget_proof, is_vouched, must_set_up, vouch
from soroka.admin.login import WRONG_PROOF, CodeField, PasswordField, demand_proof
from soroka.models import Totp


class ProofForm(forms.Form):
    """What whoever sits before an open session has to know, where it is about the factor itself."""

    password = PasswordField(label=gettext_lazy("password"))
    code = CodeField()

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(*args)
        self._request = request

    def clean(self) -> dict[str, Any]:
        """Wrong ones are counted as those of the login are. Raises ValidationError."""
        asked = self.cleaned_data
        if not self.errors:
            demand_proof(self._request, **asked, wrong=str(WRONG_PROOF))
        return asked


@never_cache
def second_factor(request: HttpRequest) -> HttpResponse:
    """What there is; or what a button of the page asks for."""
    act = {"begin": _begin, "confirm": _confirm, "renew": _renew, "remove": _remove}.get(request.POST.get("act", ""))
    return act(request) if act else _show(request, ProofForm(request))


def _show(request: HttpRequest, form: ProofForm) -> HttpResponse:
    user: Any = request.user
    app = factor.factor_of(user)
    return _page(
        request,
        "second_factor.html",
        app=app,
        form=form,
        left=factor.recovery_codes_left(user) if app else 0,
        must=must_set_up(lambda: user.has_perm("auth.change_user"), vouched=is_vouched(request.session)),
    )


def _begin(request: HttpRequest) -> HttpResponse:
    """Show a new secret, in the answer to its button alone: nobody is shown what another session has begun."""
    user: Any = request.user
    if factor.factor_of(user) or not user.has_usable_password():
        return _show(request, ProofForm(request))
    return _show_secret(request, factor.begin(user), ProofForm(request))


def _confirm(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    app = factor.begun(user)
    if app is None or factor.factor_of(user) or request.POST.get("app") != str(app.pk):
        return _show(request, ProofForm(request))
    form = ProofForm(request, request.POST)
    if not form.is_valid():
        return _show_secret(request, app, form)
    with transaction.atomic():
        if codes := factor.confirm(user, form.cleaned_data["code"]):
            _end_other_sessions(request, form.cleaned_data["password"])
    if not codes:
        form.add_error(
            "code", _("The app shows another code. Scan the picture again, and see that its clock is right.")
        )
        return _show_secret(request, app, form)
    vouch(request.session)
    return _show_codes(request, codes)


def _renew(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form = ProofForm(request, request.POST)
    if factor.factor_of(user) is None or not form.is_valid():
        return _show(request, form)
    return _show_codes(request, factor.renew_recovery_codes(user))


def _remove(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form = ProofForm(request, request.POST)
    if factor.factor_of(user) is None or not form.is_valid():
        return _show(request, form)
    with transaction.atomic():
        factor.remove(user)
        _end_other_sessions(request, form.cleaned_data["password"])
    forget_proof(request.session)
    messages.success(request, _("The second factor is switched off."))
    return HttpResponseRedirect(reverse("desk-second-factor"))


def _end_other_sessions(request: HttpRequest, password: str) -> None:
    """Hash his password anew, with another salt: Django ends the sessions that were made by the hash before, and the
    tokens carry a digest of it.
    """
    user: Any = request.user
    user.set_password(password)
    user.save(update_fields=["password"])
    update_session_auth_hash(request, user)


def _show_secret(request: HttpRequest, app: Totp, form: ProofForm) -> HttpResponse:
    """As a picture, and as letters for an app that cannot see it."""
    letters = b32encode(app.bin_key).decode()
    secret = " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))
    picture = segno.make(app.config_url, micro=False).svg_data_uri(scale=5, border=4, light="white")
    return _page(request, "second_factor_begin.html", app=app, form=form, secret=secret, picture=picture)


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """In the answer and nowhere else: neither a cookie nor a session carries them."""
    return _page(request, "second_factor_codes.html", codes=codes)


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    frame = admin.site.each_context(request) | {"title": _("Second factor")}
    return TemplateResponse(request, f"admin/soroka/{template}", frame | context)
