"""Every page of the admin in both languages, on a desk's screen and on a telephone's."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.accessible import faults

PAGES = [
    "/admin/", "/admin/soroka/", "/admin/soroka/mailing/", "/admin/soroka/mailing/add/", "/admin/soroka/message/",
    "/admin/soroka/client/", "/admin/soroka/client/add/", "/admin/soroka/client/1/change/",
    "/admin/soroka/client/1/delete/", "/admin/soroka/client/1/consent", "/admin/soroka/client/1/story",
    "/admin/soroka/client/1/why", "/admin/soroka/client/1/erase", "/admin/soroka/client/take-out",
    "/admin/soroka/consent/", "/admin/soroka/client/1/history/", "/admin/soroka/tag/", "/admin/soroka/tag/add/",
    "/admin/soroka/tag/1/change/", "/admin/soroka/segment/", "/admin/soroka/segment/add/",
    "/admin/soroka/clientimport/", "/admin/soroka/clientimport/add/",
    "/admin/soroka/clientimport/1/change/", "/admin/soroka/gateway/", "/admin/soroka/gateway/add/",
    "/admin/soroka/gateway/1/change/", "/admin/auth/user/", "/admin/auth/user/add/", "/admin/auth/user/1/change/",
    "/admin/auth/user/1/password/", "/admin/auth/group/", "/admin/auth/group/1/change/", "/admin/soroka/apikey/",
    "/admin/soroka/apikey/add/", "/admin/password_change/", "/admin/zone/", "/admin/report/",
    "/admin/second-factor/",
]  # fmt: skip

#: The words of heads of tables that have no room in their columns.
CLIPPED = """[...document.querySelectorAll("th")].filter(th => th.checkVisibility() && th.scrollWidth > th.clientWidth)
    .map(th => th.textContent.trim())"""

#: Of one mailing, which is made for them.
MAILING_PAGES = ("change", "report", "resend", "cancel", "history")

#: What is no part of the admin.
OTHER_PAGES = ["/", "/clients", "/mailings", "/mailing-statistics", "/swagger", "/redoc", "/u/no-token"]


@pytest.fixture
def mailing(stack, gateway) -> int:
    """The number of a mailing that is over."""
    gateway.behave()
    ends_at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    with stack.api() as api:
        asked = {"name": "Pages", "text": "Good day!", "filter": {"tags": ["vip"]}, "ends_at": ends_at}
        made: int = api.post("/mailings", asked)["id"]
        api.wait_for(f"/mailings/{made}", lambda seen: seen["status"] == "finished", within=60)
    return made


@pytest.mark.parametrize(("language", "width", "scheme"), [("ru", 1280, "light"), ("en", 390, "dark")])
def test_it_opens_for_everybody_and_nothing_sticks_out(open_page, mailing, language, width, scheme):
    page = open_page(language, width, scheme=scheme)
    for address in [*PAGES, *(f"/admin/soroka/mailing/{mailing}/{name}/" for name in MAILING_PAGES)]:
        answer = page.goto(address)
        assert answer.status == 200, address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert page.evaluate(CLIPPED) == [], address
        assert faults(page) == [], address


def test_the_login_is_for_everybody(open_page):
    for scheme in ("light", "dark"):
        page = open_page(scheme=scheme)
        page.context.clear_cookies()
        page.goto("/admin/login/")
        assert faults(page) == []


@pytest.mark.parametrize(("language", "width", "scheme"), [("ru", 1360, "dark"), ("en", 390, "light")])
def test_the_secret_of_a_second_factor_is_seen_by_everybody(open_page, language, width, scheme):
    page = open_page(language, width, scheme=scheme)
    page.goto("/admin/second-factor/")
    page.click("button[value=begin]")
    picture = page.wait_for_selector(".desk-picture")
    assert picture.evaluate("picture => picture.naturalWidth") > 100, "its policy lets it be shown"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults(page) == []


def test_no_page_does_what_its_policy_forbids(open_page):
    page = open_page("en")
    for address in OTHER_PAGES:
        assert page.goto(address).headers["content-security-policy"].count("'none'") >= 3, address
        page.wait_for_load_state("networkidle")


def test_the_focus_of_the_keyboard_is_seen(open_page):
    page = open_page("en")
    for address in ("/admin/", "/admin/soroka/client/", "/admin/soroka/mailing/add/"):
        page.goto(address)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.hash") == "#content", address
        for _ in range(12):
            page.keyboard.press("Tab")
            style = "(({outlineStyle, outlineWidth}) => [outlineStyle, outlineWidth])(getComputedStyle(%s))"
            seen = page.evaluate(style % "document.activeElement")
            around = page.evaluate(style % "document.activeElement.closest('.shadow-xs') ?? document.activeElement")
            assert "solid" in (seen[0], around[0]), (address, page.evaluate("document.activeElement.outerHTML"))
