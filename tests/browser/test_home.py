"""The home page lives: counts rise by themselves, nobody loses his place, and the charts are drawn."""

from playwright.sync_api import Page, expect

from tests.acceptance.conftest import api, in_seconds

__all__ = ["api"]

DRAWN = """() => [...document.querySelectorAll("canvas.chart")].map((canvas) =>
  canvas.width && canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean))"""


def delivered(page: Page, mailing: int) -> int:
    row = page.locator(".desk-rows li", has=page.locator(f"#mailing-{mailing}"))
    return int(row.locator("b").first.inner_text().replace("\u202f", ""))


def test_counts_rise_by_themselves_and_the_charts_are_drawn(open_page, api, gateway):
    gateway.behave(latency=1.0)  # so that it takes a while
    mailing = api.post("/mailings", {"text": "Good day!", "filter": {"everyone": True}, "ends_at": in_seconds(3600)})
    page = open_page("en")
    link = page.locator(f"#mailing-{mailing['id']}")
    expect(link).to_be_visible()
    link.focus()
    first = delivered(page, mailing["id"])
    page.wait_for_function(
        "([id, first]) => Number(document.getElementById(id).closest('li').querySelector('b').textContent"
        ".replace(/\\\\D/g, '')) > first",
        arg=[f"mailing-{mailing['id']}", first],
    )
    expect(link).to_be_focused()
    expect(page.locator(".desk-rows li", has=link)).to_contain_text("a second")
    expect(page.locator("#stale")).to_be_hidden()
    api.post(f"/mailings/{mailing['id']}/cancel", {})
    gateway.behave()
    expect(page.locator("canvas.chart")).to_have_count(2)
    assert page.evaluate(DRAWN) == [True, True]
    page.get_by_text("The same as a table").first.click()
    expect(page.get_by_role("region", name="Today").locator("tbody tr").first).to_be_visible()
