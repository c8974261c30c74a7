"""The frame of every page: what a browser may do on it, and Unfold's own templates where ours stand in their place."""

import re
from pathlib import Path

import pytest
import unfold
from django.template.loader import get_template
from django.urls import reverse

from tests.admin.pages import forms, lists, rows

UNFOLD = Path(unfold.__file__).parent / "templates"
SKELETON = "unfold/layouts/skeleton.html"
#: A verb before a noun needs the noun's case, which no template knows: it says the verb alone.
BUTTONS = "admin/submit_line.html"
#: All that our skeleton has and Unfold's has not.
OURS = [
    "{# Unfold's own, with what tests/admin/test_frame.py names. #}\n",
    """        <meta name="htmx-config" content='{"includeIndicatorStyles": false, "allowEval": false}'>\n\n""",
    "        {% if has_permission and not is_popup %}"
    '<a class="desk-skip" href="#content">{% translate "Skip to the content" %}</a>{% endif %}\n\n',
    # A page that htmx takes a part of has the nonce of another answer, and its colours are there already.
    " and not request.META.HTTP_HX_REQUEST",
    ' nonce="{{ request.csp_nonce }}"',
]
#: Whatever would run without being a file of ours.
INLINE = re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)[^>]*>|\son[a-z]+\s*=|javascript:", re.IGNORECASE)


def test_our_skeleton_is_unfolds_but_for_what_is_named():
    ours = Path(get_template(SKELETON).origin.name).read_text()
    for addition in OURS:
        assert ours.count(addition) == 1, addition
        ours = ours.replace(addition, "")
    assert ours == (UNFOLD / SKELETON).read_text(), "Unfold has a new skeleton: take it over, with OURS put in."


def test_our_buttons_are_unfolds_but_for_the_name_of_what_is_deleted():
    ours, theirs = (Path(get_template(BUTTONS).origin.name), UNFOLD / BUTTONS)
    assert ours.read_text() == theirs.read_text().replace(
        '{% trans "Delete" %} {{ opts.verbose_name }}', '{% trans "Delete" %}'
    )


@pytest.mark.parametrize(
    ("path", "wide"),
    [("/admin/", "'unsafe-eval'"), ("/admin/login/", "'unsafe-eval'"), ("/clients", ""), ("/swagger", "")],
)
def test_a_page_may_load_and_run_nothing_but_ours(enter, path, wide):
    policy = enter("admin").get(path, headers={"accept": "text/html"})["Content-Security-Policy"]
    [script] = [part for part in policy.split("; ") if part.startswith("script-src ")]
    assert "unsafe-inline" not in script
    assert ("'unsafe-eval'" in script) == bool(wide)
    for closed in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'"):
        assert closed in policy
    assert "form-action 'self'" in policy and "connect-src 'self'" in policy and "http" not in policy


def test_what_is_no_page_may_do_nothing(enter):
    for path in ("/clients", "/clients/export.csv", "/schema", "/static/soroka/favicon.svg"):
        policy = enter("admin").get(path)["Content-Security-Policy"]
        assert set(policy.split("; ")) == {
            "default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        }, path  # fmt: skip


def test_two_answers_have_two_nonces(enter):
    browser = enter("admin")
    first, second = (re.search("nonce-([^']+)", browser.get("/admin/")["Content-Security-Policy"])[1] for _ in "12")
    assert first != second


def test_no_page_has_a_script_in_it(enter, full_desk):
    browser = enter("admin")
    for address in [reverse("admin:index"), *lists(), *forms(), *rows()]:
        assert INLINE.findall(browser.get(address).content.decode()) == [], address
