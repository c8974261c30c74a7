"""``make screenshots``: pictures of every page for the documents, of the demo's data and more, in both languages."""

import base64
import json
import re
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from soroka.embedded.ports import HOST
from tests.acceptance.conftest import SAMPLE
from tests.acceptance.installation import ROOT, Installation
from tests.browser.furnished import furnish
from tests.browser.test_admin_story import wall_clock
from tests.browser.watched import WatchedPages
from tests.mail_server import MailServer

#: Bytes. WebP needs a third of what PNG does.
QUALITY, LARGEST = 85, 150_000
DEMO_WITHIN = 300.0
DESK = "/admin/soroka"


@dataclass(frozen=True)
class Picture:
    """address: of the page.  height: of the window, pixels.  before: what is done on it first."""

    address: str
    height: int = 800
    before: Callable[[Page], None] = lambda page: None


def of_the_client(leaf: str) -> Callable[[Page], None]:
    """A page of the client who has said the latest about being written to. leaf: the end of its address."""

    def go(page: Page) -> None:
        page.locator("#result_list tbody a").first.click()
        page.wait_for_url(re.compile("/client/"))
        page.goto(f"{page.url.rstrip('/').removesuffix('/consent')}/{leaf}")

    return go


def first_row(page: Page) -> None:
    """The page of what is first in a list."""
    page.locator("#result_list tbody a").first.click()


def hand_in(page: Page) -> None:
    """A file, so that the page asks for its columns."""
    page.set_input_files("input[type=file]", SAMPLE)
    page.locator("button[type=submit].desk-primary").click()
    page.wait_for_url("**/change/")


def fill_in(page: Page) -> None:
    """A mailing of a segment, by the clients' clocks."""
    page.fill("#id_name", "Доброе утро, Сибирь")
    page.fill("#id_text", "{{ name }}, доброе утро! До воскресенья минус 20 % на всё. {{ opt_out_url }}")
    page.select_option("#id_segment", "Приложение, Сибирь и Урал")
    page.fill("#id_starts_at", f"{wall_clock(days=1)[:10]}T10:00")
    with page.expect_response(lambda answer: "part=ahead" in answer.url):  # the last to be asked for
        page.fill("#id_ends_at", f"{wall_clock(days=1)[:10]}T20:00")
    page.evaluate("document.activeElement.blur()")


def ask_to_start(page: Page) -> None:
    """The question before it starts."""
    fill_in(page)
    page.locator("button[name=_send]").click()
    expect(page.locator("button[name=_start]")).to_be_visible()


def leave(page: Page) -> None:
    """Whoever has left is asked who he is; the language is that of the browser."""
    page.context.clear_cookies()
    page.goto("/admin/login/")


PICTURES = {
    "overview": Picture("/admin/", 1250),
    "mailings": Picture(f"{DESK}/mailing/"),
    "mailing": Picture(f"{DESK}/mailing/1/change/", 1150),
    "mailing-running": Picture(f"{DESK}/mailing/3/change/", 1000),
    "new-mailing": Picture(f"{DESK}/mailing/add/", 1500, fill_in),
    "confirm": Picture(f"{DESK}/mailing/add/", 800, ask_to_start),
    "messages": Picture(f"{DESK}/message/?mailing=1&status=not_sent"),
    "message": Picture(f"{DESK}/message/?mailing=1&reason=rejected", 800, first_row),
    "clients": Picture(f"{DESK}/client/"),
    "client": Picture(f"{DESK}/client/?q=79005550101", 800, first_row),
    "story": Picture(f"{DESK}/consent/", 700, of_the_client("story")),
    "consent": Picture(f"{DESK}/consent/", 700, of_the_client("consent")),
    "why": Picture(f"{DESK}/client/1/why?mailing=1", 700),
    "export": Picture(f"{DESK}/client/take-out"),
    "tags": Picture(f"{DESK}/tag/", 700),
    "segments": Picture(f"{DESK}/segment/", 600),
    "segment": Picture(f"{DESK}/segment/1/change/", 900),
    "imports": Picture(f"{DESK}/clientimport/", 600),
    "import": Picture(f"{DESK}/clientimport/2/change/"),
    "import-columns": Picture(f"{DESK}/clientimport/add/", 900, hand_in),
    "consents": Picture(f"{DESK}/consent/", 600),
    "gateways": Picture(f"{DESK}/gateway/", 600),
    "gateway": Picture(f"{DESK}/gateway/1/change/", 900),
    "report": Picture(f"/admin/report/?day={wall_clock()[:10]}", 1000),
    "users": Picture("/admin/auth/user/", 600),
    "changes": Picture(f"{DESK}/change/"),
    "keys": Picture(f"{DESK}/apikey/add/", 600),
    "printed": Picture(f"{DESK}/mailing/1/report/", 1000),
    "erase": Picture(f"{DESK}/client/1/erase", 600),
    "zone": Picture("/admin/zone/", 600),
    "second-factor": Picture("/admin/second-factor/", 600),
    "api": Picture("/mailing-statistics"),
    "login": Picture("/admin/", 600, leave),
}


def main() -> None:
    """Start the demo, fill the desk, take every picture, end it."""
    mail = MailServer()
    installation = Installation(
        PUBLIC_URL="https://soroka.example.com",
        REPORT_TO="marketing@example.com",
        EMAIL_URL=f"smtp://{HOST}:{mail.port}",
        DEFAULT_FROM_EMAIL="soroka@example.com",
    )
    try:
        wait_for_the_demo(installation)
        furnish(installation)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            for language in ("ru", "en"):
                take_all(browser, installation, language)
    finally:
        installation.remove()
        mail.stop()


def wait_for_the_demo(installation: Installation) -> None:
    """Until the demo has told its story."""
    installation.start("demo")
    deadline = time.monotonic() + DEMO_WITHIN
    while "everything runs" not in installation.terminal:
        if installation.supervisor.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"the demo did not come to its end:\n{installation.terminal}")
        time.sleep(0.2)


def take_all(browser: Browser, installation: Installation, language: str) -> None:
    """The pictures of one language, in docs/screenshots/<language>."""
    folder = ROOT / "docs" / "screenshots" / language
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    password = json.loads((installation.home / "secrets.json").read_text())["admin_password"]
    pages = WatchedPages(browser, f"http://{HOST}:{installation.port}", password)
    page = pages.come_in(language, width=1280, zone="Europe/Moscow")
    for name, picture in PICTURES.items():
        page.set_viewport_size({"width": 1280, "height": picture.height})
        page.goto(picture.address)
        picture.before(page)
        take(page, folder / f"{name}.webp")
    pages.close()


def take(page: Page, file: Path) -> None:
    """One picture, small enough for a repository."""
    page.wait_for_load_state("networkidle")
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    session.detach()
    file.write_bytes(base64.b64decode(taken["data"]))
    size = file.stat().st_size
    if size > LARGEST:
        sys.exit(f"{file} has {size} bytes, more than {LARGEST}")
    print(file.relative_to(ROOT), size)


if __name__ == "__main__":
    main()
