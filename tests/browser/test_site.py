"""The documentation as a site: it asks nothing of the outside, and can be read on a telephone and with a reader."""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.browser.accessible import faults

ROOT = Path(__file__).parents[2]
#: What a page loads by itself; where a link leads is the reader's to follow.
LOADS = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "video": "src"}
PAGES = [
    "docs/index.html", "docs/desk.ru.html", "docs/reference/settings.html", "docs/explanation/architecture.html",
    "README.html", "search.html?q=backup",
]  # fmt: skip
#: Browsers let the keyboard into what scrolls by themselves.
OF_BROWSERS = "scrollable-region-focusable"


class Quiet(SimpleHTTPRequestHandler):
    """Hands out files and says nothing."""

    def log_message(self, *args: object) -> None:
        pass


class Loaded(HTMLParser):
    """The addresses that a page loads."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.addresses: set[str] = set()
        self.feed(page.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses |= {value or "" for name, value in attrs if name == LOADS.get(tag)}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """As `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-E", "-c", "docs", "-W", "-q", "-d", f"{folder}/.doctrees", "."]
    subprocess.run([*command, f"{folder}/html"], cwd=ROOT, check=True, timeout=600)
    return folder / "html"


@pytest.fixture
def served(site) -> Iterator[str]:
    """Where it is to be seen."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join(30)


def test_no_page_loads_anything_from_outside(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 50
    outside = {
        (page.name, address)
        for page in pages
        for address in Loaded(page).addresses
        if address.startswith(("http:", "https:", "//"))
    }
    assert outside == set()


@pytest.mark.parametrize(("width", "scheme"), [(1360, "light"), (390, "dark")])
def test_pages_can_be_read(chromium, served, width, scheme):
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page, complaints = context.new_page(), []
    page.set_default_timeout(20_000)
    page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
    page.on("response", lambda answer: answer.status >= 400 and complaints.append(answer.url))
    page.on("request", lambda asked: asked.url.startswith((served, "data:")) or complaints.append(asked.url))
    for name in PAGES:
        page.goto(served + name)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        complaints += [f"{name}: {fault}" for fault in faults(page) if not fault.startswith(OF_BROWSERS)]
    assert complaints == []
    context.close()


def test_it_begins_with_the_index_says_its_language_and_finds_words(chromium, served):
    page = chromium.new_page()
    page.set_default_timeout(20_000)
    page.goto(served)
    page.wait_for_url("**/docs/index.html")
    page.goto(served + "docs/desk.ru.html")
    assert page.locator("html").get_attribute("lang") == "ru"
    page.goto(served + "search.html?q=backup")
    page.locator("#search-results li a", has_text="Backup").first.wait_for()
    page.close()


def test_a_file_of_the_repository_is_handed_out(chromium, served):
    page = chromium.new_page()
    page.set_default_timeout(20_000)
    page.goto(served + "docs/operations/alerts.html")
    with page.expect_download() as handed:
        page.get_by_role("link", name="soroka.rules.yml").first.click()
    assert handed.value.path().read_text() == (ROOT / "deploy/monitoring/soroka.rules.yml").read_text()
    page.close()
