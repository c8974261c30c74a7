"""What the README does with curl, done by clicks on the desk, in each of its languages."""

import json
import re
from pathlib import Path

import pytest
from django.utils import translation
from playwright.sync_api import Locator, Page, expect

from soroka.admin.words import MAILING_STATUS
from soroka.domain.message import MailingStatus
from tests.acceptance.conftest import SAMPLE
from tests.browser.test_admin_story import choose, wall_clock

ROWS = 10_000
#: Milliseconds that what the service does by itself may take on a busy machine.
LONGEST = 60_000


class Desk:
    """A page of the desk, whose controls are called by the words of its language."""

    def __init__(self, page: Page, language: str) -> None:
        self.page, self.language = page, language

    def say(self, words: str, context: str = "") -> str:
        """As the page says it."""
        with translation.override(self.language):
            return translation.pgettext(context, words) if context else translation.gettext(words)

    def go(self, section: str) -> None:
        """By the side bar."""
        self.page.locator("#nav-sidebar a").get_by_text(self.say(section), exact=True).click()

    def press(self, words: str) -> None:
        """A button."""
        self.page.get_by_role("button", name=self.say(words), exact=True).click()

    def follow(self, words: str) -> None:
        """A link of the page itself."""
        self.page.locator("#content, main").get_by_role("link", name=self.say(words), exact=True).first.click()

    def shows(self, words: str, context: str = "") -> None:
        """Wait for a sentence."""
        expect(self.page.get_by_text(self.say(words, context)).first).to_be_visible()

    def is_now(self, status: MailingStatus) -> None:
        """Wait for a status of the mailing."""
        with translation.override(self.language):
            words = str(MAILING_STATUS[status])
        headline = self.page.locator(".desk-headline").first
        expect(headline).to_contain_text(words, ignore_case=True, timeout=LONGEST)

    def file(self, press: str, *, link: bool) -> str:
        """What a button or a link hands out."""
        with self.page.expect_download() as handed:
            self.follow(press) if link else self.press(press)
        return Path(handed.value.path()).read_text()


@pytest.fixture(params=["ru", "en"])
def desk(open_page, gateway, request):
    gateway.behave()
    return Desk(open_page(request.param), request.param)


def test_the_story_of_the_readme(desk):
    tag, phone = f"story-{desk.language}", {"ru": "79005550001", "en": "79005550002"}[desk.language]
    make_a_tag(desk, tag)
    make_a_client(desk, tag, phone)
    import_the_sample(desk)
    make_a_segment(desk, tag)
    start_a_mailing(desk, tag)
    watch_it_end(desk, phone)
    ask_why(desk, phone)
    pause_and_resume(desk, tag)
    take_the_files(desk, tag, phone)
    opt_out(desk, phone)
    read_the_report(desk, tag)
    try_the_gateway(desk)


def make_a_tag(desk: Desk, tag: str) -> None:
    desk.go("Tags")
    desk.page.goto("/admin/soroka/tag/add/")
    desk.page.fill("#id_name", tag)
    desk.page.click("button[name=_save]")
    expect(desk.page.get_by_role("link", name=tag).first).to_be_visible()


def make_a_client(desk: Desk, tag: str, phone: str) -> None:
    desk.page.goto("/admin/soroka/client/add/")
    desk.page.fill("#id_phone", f"+{phone}")
    choose(desk.page, "tags", tag)
    desk.page.click("button[name=_save]")
    expect(desk.page.get_by_text(f"+{phone}").first).to_be_visible()


def import_the_sample(desk: Desk) -> None:
    desk.go("Imports")
    desk.page.goto("/admin/soroka/clientimport/add/")
    desk.page.set_input_files("input[type=file]", SAMPLE)
    desk.press("Go on to the columns")
    desk.shows("What the columns are")
    desk.press("Import for real")
    expect(desk.page.locator("#import .desk-headline")).to_contain_text(
        desk.say("finished", "import"), ignore_case=True, timeout=LONGEST
    )
    rows = desk.page.locator("#import .desk-figure", has_text=desk.say("Rows")).locator("strong")
    expect(rows).to_have_text(re.compile(rf"^{ROWS // 1000}\D?000$"))


def make_a_segment(desk: Desk, tag: str) -> None:
    desk.go("Segments")
    desk.page.goto("/admin/soroka/segment/add/")
    desk.page.fill("#id_name", tag)
    more = desk.page.get_by_label(desk.say("Tag to add"))
    more.fill(tag)
    more.press("Enter")
    expect(desk.page.locator("#counted strong")).to_contain_text("1 ")
    desk.page.click("button[name=_save]")
    expect(desk.page.get_by_role("link", name=tag).first).to_be_visible()


def fill_in_a_mailing(desk: Desk, segment: str, **fields: str) -> None:
    desk.go("Mailings")
    desk.page.goto("/admin/soroka/mailing/add/")
    desk.page.select_option("#id_segment", segment)
    for name, value in ({"name": segment, "text": "Сорока на хвосте", "ends_at": wall_clock(hours=9)} | fields).items():
        desk.page.fill(f"#id_{name}", value)


def start_a_mailing(desk: Desk, segment: str) -> None:
    fill_in_a_mailing(desk, segment, window_from="00:00", window_to="24:00")
    desk.press("Look ahead")
    expect(desk.page.get_by_role("heading", name=re.compile(r"\b1\b")).first).to_be_visible()
    desk.press("Start the mailing")
    desk.press("Yes, start the mailing")
    desk.shows("The mailing is made.")


def figure(page: Page, label: str) -> Locator:
    return page.locator(".desk-figure", has_text=label).locator("strong").first


def watch_it_end(desk: Desk, phone: str) -> None:
    desk.is_now(MailingStatus.FINISHED)
    expect(figure(desk.page, desk.say("Delivered"))).to_have_text("1")
    desk.follow("Messages")
    expect(desk.page.locator("#result_list")).to_contain_text(phone)
    desk.page.locator("#result_list a", has_text=re.compile(r"^\d+$")).first.click()
    desk.shows("The gateway took it over.")


def ask_why(desk: Desk, phone: str) -> None:
    desk.page.get_by_role("link", name=f"+{phone}").click()
    desk.page.goto(desk.page.url.replace("/change/", "/why"))
    desk.press("Show why")
    desk.shows("The client was chosen when the mailing was planned.")


def pause_and_resume(desk: Desk, segment: str) -> None:
    fill_in_a_mailing(desk, segment, starts_at=wall_clock(hours=3))
    desk.page.uncheck("#id_local_time")  # by the clients' own clocks it would have begun in the east
    desk.press("Start the mailing")
    desk.press("Yes, start the mailing")
    steps = (
        ("Pause", MailingStatus.PAUSED),
        ("Resume", MailingStatus.SCHEDULED),
        ("Cancel the mailing", MailingStatus.CANCELLED),
    )
    for verb, status in steps:
        desk.page.get_by_role("link", name=desk.say(verb), exact=True).click()
        desk.press(verb)
        desk.is_now(status)


def take_the_files(desk: Desk, segment: str, phone: str) -> None:
    desk.page.goto("/admin/soroka/client/take-out")
    desk.page.select_option("#id_segment", segment)
    assert phone in desk.file("CSV", link=False)


def opt_out(desk: Desk, phone: str) -> None:
    desk.page.goto(f"/admin/soroka/client/?q={phone}")
    desk.page.locator("#result_list a", has_text=phone).click()
    desk.page.goto(desk.page.url.replace("/change/", "/consent"))
    desk.page.fill("#id_source", "a call")
    desk.press("Opt out")
    desk.shows("Gets no mailing, nor will anybody who has this number.")
    evidence = json.loads(desk.file("Evidence as a file", link=True))
    assert [act["act"] for act in evidence["consents"]] == ["opt_out"]
    assert [message["status"] for message in evidence["messages"]] == ["not_sent", "delivered"]


def read_the_report(desk: Desk, mailing: str) -> None:
    desk.go("Daily report")
    desk.page.fill("#id_day", wall_clock()[:10])
    desk.press("Show")
    expect(desk.page.frame_locator("iframe").get_by_text(mailing).first).to_be_visible()


def try_the_gateway(desk: Desk) -> None:
    desk.go("Gateways")
    desk.page.get_by_role("link", name="default").click()
    desk.page.fill("#trial-phone", "+7 900 555-00-00")
    desk.press("Send a test")
    desk.shows("The gateway works: it took the message over. Whether a phone shows it, the phone tells.")
