"""A large mailing is written, kept as a draft, and started once its number is typed."""

from playwright.sync_api import expect

from tests.browser.accessible import faults
from tests.browser.test_admin_story import wall_clock

ADD = "/admin/soroka/mailing/add/"
TEXT = "Dear {{ name }} «!»"


def test_the_page_follows_what_is_typed_and_starts_nothing_by_mistake(open_page):
    page = open_page("en")
    page.goto(ADD)
    page.fill("#id_text", TEXT)
    text = page.locator("#step-text .desk-live")
    expect(text).to_contain_text("UCS-2")
    expect(text).to_contain_text("reads it:")
    page.check("#id_everyone")
    expect(page.locator("#step-audience .desk-live")).to_contain_text("clients are meant now")
    page.uncheck("#id_local_time")
    page.fill("#id_starts_at", wall_clock(hours=3))
    page.fill("#id_ends_at", wall_clock(hours=5))
    expect(page.locator("#step-time .desk-live")).to_contain_text("for everybody at once")
    expect(page.locator("#step-ahead .desk-live")).to_contain_text("clients would get this")
    page.wait_for_url("**/add/?draft=*")
    assert faults(page) == []
    expect(page.locator("#draft")).to_contain_text("Draft saved")

    page.goto(ADD)
    page.get_by_role("link", name="Dear").click()
    expect(page.locator("#id_text")).to_have_value(TEXT)
    page.get_by_role("button", name="Start the mailing").click()
    number = page.locator(".desk-headcount strong").inner_text()
    assert faults(page) == []
    page.get_by_role("button", name="Yes, start the mailing").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was started")
    page.get_by_label("Type the number").fill(number)
    page.get_by_role("button", name="Yes, start the mailing").click()
    expect(page.get_by_text("The mailing is made.")).to_be_visible()

    page.get_by_role("link", name="Cancel the mailing").click()
    page.get_by_role("button", name="Cancel the mailing").click()
    page.goto(ADD)
    expect(page.get_by_text("Your drafts")).to_have_count(0)
