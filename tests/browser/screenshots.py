"""``make screenshots``: pictures for the README, of the demo's own data, in both languages."""

import json
import shutil
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from soroka.embedded.ports import HOST
from tests.acceptance.installation import ROOT, Installation
from tests.browser.watched import WatchedPages

PICTURES = {
    "overview": "/admin/",
    "mailing": "/admin/soroka/mailing/1/change/",
    "new-mailing": "/admin/soroka/mailing/add/",
    "clients": "/admin/soroka/client/",
    "message": "/admin/soroka/message/?mailing=1&reason=rejected",
    "api": "/mailing-statistics",
}
LARGEST = 200_000
DEMO_WITHIN = 300.0


def main() -> None:
    """Start the demo, take every picture, end it."""
    installation = Installation()
    try:
        wait_for_the_demo(installation)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            for language in ("ru", "en"):
                take_all(browser, installation, language)
    finally:
        installation.remove()


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
    page = pages.come_in(language, width=1280, height=800)
    for name, address in PICTURES.items():
        page.goto(address)
        if name == "message":
            page.locator("#result_list tbody a").first.click()
        take(page, folder / f"{name}.png")
    pages.close()


def take(page: Page, file: Path) -> None:
    """One picture, small enough for a repository."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=file)
    size = file.stat().st_size
    if size > LARGEST:
        sys.exit(f"{file} has {size} bytes, more than {LARGEST}")
    print(file.relative_to(ROOT), size)


if __name__ == "__main__":
    main()
