"""Every address of the desk, taken from the site's own patterns, and rows for them to show."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client as Browser
from django.urls import NoReverseMatch, get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from soroka.access.keys import make_key
from soroka.consent.ledger import Origin
from soroka.consent.opting import opt_in, opt_out
from soroka.domain.role import Role
from soroka.domain.schedule import zone_names
from soroka.models import Attempt, Client, ClientImport, Draft, Gateway, ImportRow, Message, Segment, Tag, Totp, Zone
from soroka.models.change import Deed
from soroka.models.consent import Channel
from soroka.models.trail import note

#: Of a table that has pages under the address of another.
_OTHER = {"draft_id": "draft"}
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
#: Ways out of the desk, and Django's redirect to what has a page on the site: nothing has one.
_NOT_PAGES = {"logout", "view_on_site"}


def _patterns(resolver: URLResolver, route: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, here)
        elif here.startswith("admin/") and pattern.name:
            yield here, pattern


def addresses() -> list[str]:
    """Every address with a name, for the first row of its table where it needs one."""
    found = []
    for route, pattern in _patterns(get_resolver()):
        if pattern.name in _NOT_PAGES:
            continue
        asked = _PARAMETER.findall(route)
        _, app, model, *_ = f"{route}//".split("/")
        if "(?P<app_label>" in route:
            found += [reverse("admin:app_list", args=[label]) for label in ("soroka", "auth")]
        elif not asked:
            found.append("/" + route)
        elif first := apps.get_model(app, _OTHER.get(asked[0], model)).objects.order_by("pk").first():
            found.append("/" + _PARAMETER.sub(str(first.pk), route))
        else:
            raise NoReverseMatch(f"{route}: there is no row to open it with")
    return found


class _Parts(HTMLParser):
    """What a page fetches by itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value for name, value in attrs if name == "hx-get" and value is not None]


def opened(browser: Browser, pages: list[str]) -> Iterator[tuple[str, Any]]:
    """Every page with its answer, and after each the parts that it fetches."""
    for address in pages:
        answer = browser.get(address)
        yield address, answer
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            for part in dict.fromkeys(_Parts(answer.content.decode()).addresses):
                where = urljoin(address, part)
                yield where, browser.get(where)


def grow(number: int, make_mailing: Callable[..., Any]) -> None:
    """So many more rows of every table, and so many more that belong to the first of each."""
    for place in range(number):
        at = Tag.objects.count()
        zone, _ = Zone.objects.get_or_create(name=sorted(zone_names())[at])
        tag = Tag.objects.create(name=f"tag {at}")
        Client.objects.create(
            phone=79260000000 + at,
            operator_code=900 + at % 100,
            zone=zone,
            tag_ids=[tag.pk],
            attributes={"city": "Omsk"},
        )
        gateway = Gateway.objects.create(name=f"gateway {at}", trouble=at % 2, last_error="refused" if at % 2 else "")
        user = User.objects.create(username=f"user {at}", is_staff=True)
        Totp.objects.create(user=user)
        make_key(f"key {at}", Role.VIEWER)
        Segment.objects.create(name=f"segment {at}", filter={"and": [{"tags": {"any": [tag.pk]}}]})
        Draft.objects.create(owner=user, name=f"draft {at}", values={})
        done = ClientImport.objects.create(filename=f"file {at}", rows=2, refused=1, state="finished", created_by=user)
        make_mailing(name=f"mailing {at}", gateway=gateway, user=user)
        _belong(place, done, gateway)


def _belong(place: int, done: ClientImport, gateway: Gateway) -> None:
    """One more of whatever belongs to the first row of a table."""
    client, message = Client.objects.earliest("pk"), Message.objects.earliest("pk")
    (opt_in if place % 2 else opt_out)(client.pk, Origin(Channel.ADMIN, "anna", "A call", "By all means."))
    Attempt.objects.create(message=message, gateway=gateway, outcome="deferred", detail="later")
    ImportRow.objects.create(client_import=ClientImport.objects.earliest("pk"), line=done.pk, error="It is empty.")
    note(Deed.CHANGED, client, before={"operator_code": place}, after={"operator_code": place + 1})
    for row in (message.mailing, Tag.objects.earliest("pk"), Segment.objects.earliest("pk")):
        note(Deed.CHANGED, row, before={"name": place}, after={"name": place + 1})
