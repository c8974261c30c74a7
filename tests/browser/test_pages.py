"""Every page of the admin in both languages, on a desk's screen and on a telephone's."""

import pytest

PAGES = [
    "/admin/", "/admin/soroka/", "/admin/soroka/mailing/", "/admin/soroka/mailing/add/", "/admin/soroka/message/",
    "/admin/soroka/client/", "/admin/soroka/client/add/", "/admin/soroka/client/1/change/",
    "/admin/soroka/client/1/delete/", "/admin/soroka/client/1/history/", "/admin/soroka/tag/", "/admin/soroka/tag/add/",
    "/admin/soroka/tag/1/change/", "/admin/soroka/clientimport/", "/admin/soroka/clientimport/add/",
    "/admin/soroka/clientimport/1/change/", "/admin/soroka/gateway/", "/admin/soroka/gateway/add/",
    "/admin/soroka/gateway/1/change/", "/admin/auth/user/", "/admin/auth/user/add/", "/admin/auth/user/1/change/",
    "/admin/auth/user/1/password/", "/admin/auth/group/", "/admin/auth/group/1/change/", "/admin/soroka/apikey/",
    "/admin/soroka/apikey/add/", "/admin/password_change/",
]  # fmt: skip


@pytest.mark.parametrize(("language", "width"), [("ru", 1360), ("en", 390)])
def test_it_opens_and_nothing_sticks_out(open_page, language, width):
    page = open_page(language, width)
    for address in PAGES:
        answer = page.goto(address)
        assert answer.status == 200, address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_the_focus_of_the_keyboard_is_seen(open_page):
    page = open_page("en")
    for address in ("/admin/", "/admin/soroka/client/", "/admin/soroka/mailing/add/"):
        page.goto(address)
        for _ in range(12):
            page.keyboard.press("Tab")
            style = "(({outlineStyle, outlineWidth}) => [outlineStyle, outlineWidth])(getComputedStyle(%s))"
            seen = page.evaluate(style % "document.activeElement")
            around = page.evaluate(style % "document.activeElement.closest('.shadow-xs') ?? document.activeElement")
            assert "solid" in (seen[0], around[0]), (address, page.evaluate("document.activeElement.outerHTML"))
