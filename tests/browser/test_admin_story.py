"""What the story of the README does not come to: mistakes, filters, languages, keys."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect


def wall_clock(**ahead: float) -> str:
    """As the picker of a date and a time takes it; the stack's own zone is Moscow's."""
    return f"{datetime.now(ZoneInfo('Europe/Moscow')) + timedelta(**ahead):%Y-%m-%dT%H:%M}"


def choose(page: Page, field: str, text: str) -> None:
    """Choose from a list that is searched by typing."""
    box = page.locator(f"#id_{field} + .select2")
    box.click()
    page.keyboard.type(text)
    page.locator(".select2-results__option", has_text=text).first.click()


def make_mailing(page: Page, tag: str, **fields: str) -> None:
    page.goto("/admin/soroka/mailing/add/")
    for name, value in ({"text": "Сорока на хвосте принесла", "ends_at": wall_clock(hours=5)} | fields).items():
        page.fill(f"#id_{name}", value)
    choose(page, "tags", tag)


def test_a_mistake_is_shown_at_its_field_and_nothing_is_lost(open_page):
    page = open_page("en")
    make_mailing(page, "vip", text="Good day!", ends_at=wall_clock(days=-1))
    page.get_by_role("button", name="Start the mailing").click()
    at_field = page.locator(".errors", has=page.locator("#id_ends_at"))
    expect(at_field.get_by_text("Must lie in the future.")).to_be_visible()
    expect(page.locator("#id_text")).to_have_value("Good day!")


def test_clients_are_filtered(open_page):
    page = open_page("ru")
    page.goto("/admin/soroka/client/")
    page.locator("a", has_text="Фильтры").first.click()
    page.fill("input[name=operator_code]", "916")
    page.get_by_role("button", name="Применить фильтры").click()
    page.wait_for_url("**operator_code=916**")
    rows = page.locator("#result_list .data-row")
    assert rows.count() > 0
    assert rows.count() == page.locator("#result_list .data-row", has_text="916").count()


def test_the_language_is_switched_by_the_keyboard(open_page):
    page = open_page("ru")
    page.locator("[role=button]", has_text="admin").last.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Under way")).to_be_visible()


def test_an_api_key_is_shown_once(open_page, password):
    page = open_page("en")
    page.goto("/admin/soroka/apikey/add/")
    page.fill("#id_name", "the shop")
    page.fill("#id_password", password)
    page.get_by_role("button", name="Make the key").click()
    secret = page.locator(".desk-secret b").inner_text()
    answer = page.request.get("/tags", headers={"Authorization": f"Api-Key {secret}", "Cookie": ""})
    assert answer.ok
    page.goto("/admin/soroka/apikey/")
    assert secret not in page.content()
