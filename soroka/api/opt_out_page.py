"""What a client's own link opens, without a login: the one page of Soroka that is made for clients."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from soroka.api.address import address_of
from soroka.api.rate_bound import SECONDS, within_bound
from soroka.consent.ledger import Origin
from soroka.consent.opting import opt_out
from soroka.models import Client
from soroka.models.consent import Channel
from soroka.models.link import client_of

#: A minute: confirmations of one client, and tokens from one address that are none of ours.
MOST_OF_CLIENT, MOST_OF_ADDRESS = 10, 60


@dataclass(frozen=True, slots=True)
class Saying:
    """What a page says. asks: it has the button."""

    heading: Promise | str
    words: Promise | str
    status: HTTPStatus = HTTPStatus.OK
    asks: bool = False


ASK = Saying(
    _("Stop the messages?"),
    _("No messages will be sent to this number any more. Press the button to confirm."),
    asks=True,
)
DONE = Saying(_("Done"), _("No messages will be sent to this number any more. One that has just left may still come."))
ALREADY = Saying(_("Already done"), _("This number has opted out before. No messages are sent to it."))
GONE = Saying(
    _("This number is not on the list"),
    _("It was removed, and no messages are sent to it. If one comes again, open the link that is in it."),
    HTTPStatus.GONE,
)
BAD = Saying(
    _("This link does not work"),
    _("Open it once more from the message, or copy all of it: not a single character may be missing."),
    HTTPStatus.NOT_FOUND,
)
TOO_MANY = Saying(_("Too many tries"), _("Open the link once more in a minute."), HTTPStatus.TOO_MANY_REQUESTS)


@method_decorator([csrf_exempt, never_cache], name="dispatch")
class OptOutPage(View):
    """Only a POST opts out, and only it touches the database: programs that look at links in texts do a GET.

    The token is the proof, so there is nothing that a forged form could add to it.
    """

    http_method_names = ["get", "head", "post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Bounded by address where the token is bad alone: thousands of clients share the address of an operator."""
        client_id = client_of(kwargs["token"])
        if client_id is None:
            known = within_bound(f"opt-out:address:{address_of(request)}", MOST_OF_ADDRESS)
            return _page(request, BAD if known else TOO_MANY)
        return super().dispatch(request, client_id)

    def get(self, request: HttpRequest, client_id: int) -> HttpResponse:
        """The question."""
        return _page(request, ASK)

    def post(self, request: HttpRequest, client_id: int) -> HttpResponse:
        """The answer to it."""
        if not within_bound(f"opt-out:client:{client_id}", MOST_OF_CLIENT):
            return _page(request, TOO_MANY)
        try:
            is_new = opt_out(client_id, Origin(Channel.LINK, wording=f"{ASK.heading} {ASK.words}"))
        except Client.DoesNotExist:
            return _page(request, GONE)
        return _page(request, DONE if is_new else ALREADY)


def _page(request: HttpRequest, saying: Saying) -> HttpResponse:
    values = {"saying": saying, "language": get_language()}
    response = HttpResponse(render_to_string("soroka/opt_out.html", values, request), status=saying.status)
    response["Referrer-Policy"] = "no-referrer"  # the address is a key
    response["X-Robots-Tag"] = "noindex"
    response._has_been_logged = True  # type: ignore[attr-defined]  # else Django writes the address into its log
    if saying.status == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = str(SECONDS)
    return response
