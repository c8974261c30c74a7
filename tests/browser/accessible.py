"""What axe-core finds on a page."""

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
_RUN = """async () => {
    const found = await axe.run(document, {resultTypes: ["violations"]});
    const grave = found.violations.filter(({impact}) => impact === "serious" || impact === "critical");
    return grave.flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.html} (${node.failureSummary})`));
}"""


def faults(page: Page) -> list[str]:
    """Each serious or critical finding with its element; evaluated, so that the page's own policy is not asked."""
    page.evaluate(_AXE)
    found: list[str] = page.evaluate(_RUN)
    return found
