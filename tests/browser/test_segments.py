"""A segment is made by clicks and by the keyboard, and its count follows."""

import re

from playwright.sync_api import expect

from tests.browser.accessible import faults


def test_a_segment_is_made_without_a_word_of_json(open_page, stack):
    stack.run_python("from soroka.models import Tag; Tag.objects.get_or_create(name='Builder')")
    page = open_page("en", 390)
    page.goto("/admin/soroka/segment/add/")
    page.get_by_label("Name").fill("By clicks")
    counted = page.locator("#counted")
    expect(counted).to_contain_text("Choose a tag")

    tag = page.get_by_label("Tag to add")
    tag.fill("Builder")
    tag.press("Enter")
    expect(page.get_by_label("Builder")).to_be_checked()
    expect(tag).to_be_focused()
    expect(counted).to_contain_text("0 clients are taken now")

    page.get_by_role("button", name="Add a group").click()
    kind = page.get_by_label("What the condition asks for").nth(1)
    expect(kind).to_be_focused()
    kind.select_option("operator_codes")
    page.get_by_label("Operator codes").fill("916, 91")
    page.get_by_label("How the conditions are combined").first.select_option("any")
    expect(counted).to_contain_text("An operator code is three digits")
    page.get_by_role("button", name="Save", exact=True).click()
    row = page.get_by_role("group", name="Condition", exact=True).filter(has=page.get_by_label("Operator codes"))
    expect(row).to_contain_text("An operator code is three digits")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert faults(page) == []

    page.get_by_label("Operator codes").fill("916")
    page.get_by_label("Operator codes").press("Enter")
    expect(counted).to_contain_text(re.compile(r"[1-9]\d* clients? (is|are) taken now"))
    page.get_by_role("button", name="Edit as JSON").click()
    expect(page.get_by_label("Conditions as JSON")).to_have_value(re.compile('"operator_codes"'))
    page.get_by_role("button", name="Edit as rows").click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="By clicks").first.click()
    expect(page.get_by_label("Builder")).to_be_checked()
    page.get_by_role("button", name="Remove this group").click()
    expect(page.get_by_label("Operator codes")).to_have_count(0)
    expect(counted).to_contain_text("0 clients are taken now")
