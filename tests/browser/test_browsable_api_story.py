"""The same by clicks in DRF's browsable API."""

import json
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect


def post(page: Page, body: object) -> dict:
    """Send a body by the form of raw data; returns the answer that is shown."""
    if (tab := page.get_by_role("link", name="Raw data")).count():
        tab.click()
    page.locator("textarea[name=_content]:visible").first.fill(json.dumps(body, ensure_ascii=False))
    return send(page)


def send(page: Page) -> dict:
    """Click the form's button; returns the answer that is shown."""
    with page.expect_navigation():
        page.locator("button:visible", has_text="POST").click()
    return shown(page)


def shown(page: Page) -> dict:
    """The JSON of the answer on the page."""
    text = page.locator(".response-info pre.prettyprint").inner_text()
    return json.loads(text[text.index("\n\n") :])


def test_the_story_of_a_mailing(open_page, gateway):
    gateway.behave()
    page = open_page("en")
    page.goto("/")
    page.get_by_role("link", name="/tags", exact=False).first.click()
    if (tab := page.get_by_role("link", name="HTML form")).count():
        tab.click()
    page.locator("input[name=name]:visible").fill("magpie")
    assert send(page)["name"] == "magpie"
    page.goto("/clients")
    for number in ("+7 900 200-20-30", "+7 900 200-20-31"):
        assert post(page, {"phone": number, "tags": ["magpie"]})["operator_code"] == "900"
    page.goto("/mailings")
    ends_at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    made = post(page, {"text": "Good day!", "filter": {"tags": ["magpie"]}, "ends_at": ends_at})
    assert made["statistics"]["total"] == 2
    page.goto(f"/mailings/{made['id']}/statistics")
    for _ in range(100):
        if shown(page)["in_process"] == 0:
            break
        page.wait_for_timeout(100)
        page.reload()
    assert shown(page)["delivered"] == 2
    page.goto("/mailing-statistics")
    assert shown(page)["messages"]["delivered"] >= 2


def test_a_mistake_is_told_at_its_field(open_page):
    page = open_page("en")
    page.goto("/clients")
    answer = post(page, {"phone": "12"})
    assert [error["field"] for error in answer["errors"]] == ["phone"]


def test_the_documentation_asks_nothing_of_the_outside(open_page):
    page = open_page("en")
    page.goto("/swagger")
    expect(page.locator(".swagger-ui .opblock-tag").first).to_be_visible(timeout=20_000)
    page.goto("/redoc")
    expect(page.locator(".redoc-wrap")).to_be_visible(timeout=20_000)
