"""A real browser before a real stack. Whatever a page complains of or asks of the outside fails the test."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from soroka.embedded.ports import HOST
from tests.acceptance.conftest import gateway, stack
from tests.browser.watched import WatchedPages

__all__ = ["gateway", "stack"]

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def chromium():
    """Debian's chromium; everything here is skipped where there is none."""
    if not CHROMIUM.exists():
        pytest.skip(f"NO BROWSER TEST HAS RUN: {CHROMIUM} is missing; on Debian: apt-get install chromium")
    expect.set_options(timeout=20_000)  # milliseconds: machines of CI are slow
    with sync_playwright() as playwright:
        # Root has no sandbox of its own; nothing but our own pages is opened.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def address(stack):
    """Where the stack answers."""
    return f"http://{HOST}:{stack.port}"


@pytest.fixture
def password(stack):
    """The administrator's."""
    return json.loads((stack.home / "secrets.json").read_text())["admin_password"]


@pytest.fixture
def open_page(chromium, address, password):
    """``open_page(language="ru", width=1360)``: a page on which the administrator has come in at /admin."""
    pages = WatchedPages(chromium, address, password)
    yield pages.come_in
    pages.close()
