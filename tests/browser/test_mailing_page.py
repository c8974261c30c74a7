"""The page of a mailing follows it while it runs, leaves alone what the viewer does, and leads to its report."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def running(stack, gateway):
    """The number of a mailing that takes its time."""
    gateway.behave(latency=2.5)
    ends_at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    with stack.api() as api:
        asked = {"name": "Slow", "text": "Good day!", "filter": {"everyone": True}, "ends_at": ends_at}
        yield api.post("/mailings", asked)["id"]
    gateway.behave()


def settled(page: Page):
    return page.locator("#counts .desk-figure", has_text="Delivered").locator("strong")


def test_it_is_followed_while_it_runs_and_its_report_is_read(open_page, running, gateway):
    page = open_page("en")
    page.goto(f"/admin/soroka/mailing/{running}/change/")
    expect(page.locator("#settled")).to_be_visible(timeout=30_000)
    before = settled(page).inner_text()
    page.get_by_text("As a table").click()
    with page.expect_response(lambda answer: "part=course" in answer.url, timeout=30_000):
        page.locator("#settled-table summary").focus()
    expect(page.locator("#settled-table")).to_have_attribute("open", "")
    expect(page.locator("#settled-rows tbody tr").first).to_be_visible()
    expect(settled(page)).not_to_have_text(before, timeout=30_000)
    gateway.behave()
    page.get_by_role("link", name="Cancel the mailing").click()
    page.get_by_role("button", name="Cancel the mailing").click()
    expect(page.locator(".desk-headline")).to_contain_text("cancelled", ignore_case=True)
    page.get_by_role("link", name="Report to print").click()
    expect(page.get_by_role("heading", name="Slow")).to_be_visible()
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
