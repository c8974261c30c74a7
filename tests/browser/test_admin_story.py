"""Tags, clients, a mailing and its statistics, by clicks in the admin."""

import re
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


def figure(page: Page, label: str):
    return page.locator("#counts .desk-figure", has_text=label).locator("strong")


def make_mailing(page: Page, tag: str, **fields: str) -> None:
    page.goto("/admin/soroka/mailing/add/")
    for name, value in ({"text": "Сорока на хвосте принесла", "ends_at": wall_clock(hours=5)} | fields).items():
        page.fill(f"#id_{name}", value)
    choose(page, "tags", tag)


def test_the_story_of_a_mailing(open_page, gateway):
    gateway.behave()
    page = open_page("ru")
    page.goto("/admin/soroka/tag/add/")
    page.fill("#id_name", "сорочий")
    page.click("button[name=_save]")
    expect(page.get_by_role("link", name="сорочий").first).to_be_visible()
    for number in ("+7 900 100-20-30", "8 (900) 100-20-31"):
        page.goto("/admin/soroka/client/add/")
        page.fill("#id_phone", number)
        choose(page, "tags", "сорочий")
        page.click("button[name=_save]")
    expect(page.get_by_text("+79001002031").first).to_be_visible()
    make_mailing(page, "сорочий", name="Новости")
    page.get_by_role("button", name="Предпросмотр").click()
    expect(page.get_by_role("heading", name="Получат 2 клиента")).to_be_visible()
    page.get_by_role("button", name="Начать рассылку").click()
    expect(page.get_by_text("Рассылка создана.")).to_be_visible()
    expect(page.locator(".desk-headline")).to_contain_text("завершена", ignore_case=True)
    expect(figure(page, "Доставлено")).to_have_text("2")
    expect(page.locator("#breakdown")).to_be_visible()
    page.get_by_role("link", name="Сообщения", exact=True).last.click()
    expect(page.locator("#result_list")).to_contain_text("Доставлено")
    page.get_by_role("link", name=re.compile(r"^\d+$")).first.click()
    expect(page.locator(".desk-story")).to_contain_text("Шлюз принял сообщение.")


def test_a_mailing_is_paused_resumed_and_cancelled_after_a_question(open_page):
    page = open_page("en")
    make_mailing(page, "vip", starts_at=wall_clock(hours=3))
    page.uncheck("#id_local_time")  # by the clients' own clocks it would have begun in the east
    page.get_by_role("button", name="Start the mailing").click()
    for verb, status in (("Pause", "paused"), ("Resume", "scheduled"), ("Cancel the mailing", "cancelled")):
        page.get_by_role("link", name=verb, exact=True).click()
        page.get_by_role("button", name=verb, exact=True).click()
        expect(page.locator(".desk-headline")).to_contain_text(status, ignore_case=True)
    expect(figure(page, "In process")).to_have_text("0")


def test_a_mistake_is_shown_at_its_field_and_nothing_is_lost(open_page):
    page = open_page("en")
    make_mailing(page, "vip", text="Good day!", ends_at=wall_clock(days=-1))
    page.get_by_role("button", name="Start the mailing").click()
    expect(page.get_by_text("Must lie in the future.")).to_be_visible()
    expect(page.locator("#id_text")).to_have_value("Good day!")


def test_a_file_is_imported_and_its_page_shows_the_end_by_itself(open_page):
    page = open_page("en")
    page.goto("/admin/soroka/client/")
    page.get_by_role("link", name=re.compile(r"Import$")).click()
    rows = "phone,tags\n+79001002040,vip\nnobody,\n"
    page.set_input_files("#id_file", {"name": "two.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.get_by_role("button", name="Import").click()
    expect(page.locator(".desk-headline")).to_contain_text("finished", ignore_case=True)
    expect(page.get_by_text("The phone number contains letters")).to_be_visible()


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


def test_an_api_key_is_shown_once(open_page):
    page = open_page("en")
    page.goto("/admin/soroka/apikey/add/")
    page.fill("#id_name", "the shop")
    page.get_by_role("button", name="Make the key").click()
    secret = page.locator(".desk-secret b").inner_text()
    answer = page.request.get("/tags", headers={"Authorization": f"Api-Key {secret}", "Cookie": ""})
    assert answer.ok
    page.goto("/admin/soroka/apikey/")
    assert secret not in page.content()
