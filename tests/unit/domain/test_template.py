import pytest

from soroka.domain.template import LONGEST, BadTemplate, check, is_template, render


def test_it_fills_in_what_is_known_and_leaves_out_the_rest() -> None:
    text = "{{ name }}, {{ phone }} {{ nothing.at.all }}{% for tag in tags %}#{{ tag }}{% endfor %}"
    assert render(text, {"name": "Иван", "phone": "79161234567", "tags": ["a", "b"]}) == "Иван, 79161234567 #a#b"


@pytest.mark.parametrize(
    ("text", "template"), [("plain", False), ("{curly}", False), ("{{ name }}", True), ("{% if a %}{% endif %}", True)]
)
def test_a_text_is_a_template_where_it_has_something_to_fill_in(text: str, template: bool) -> None:
    assert is_template(text) is template


@pytest.mark.parametrize(
    "text",
    [
        "{{ name",
        "{% if %}",
        "{% for tag in tags %}",
        "{{ name | no_such_filter }}",
        "{% no_such_tag %}",
        "{% include 'file' %}",
        "{% render 'file' %}",
        "{{ 1 | divided_by: 0 }}",
        "{{ 9999999999999 | date: '%Y' }}",
        "{{ '%00' | url_decode }}",
        "{{ 'AA==' | base64_decode }}",
    ],
)
def test_it_refuses_what_cannot_be_rendered(text: str) -> None:
    with pytest.raises(BadTemplate):
        check(text)


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in (1..1000000000) %}x{% endfor %}",
        "{{ (1..1000000000) | reverse }}",
        "{% for i in (1..1000000000) reversed %}{% endfor %}",
        "{% for i in (1..n) %}{% endfor %}",
        "{{ 'a'" + " | replace: 'a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'" * 30 + " }}",
        "{% assign n = 9 %}" + "{% assign n = n | times: n %}" * 40 + "{{ n }}",
        "{% assign a = 'a,b' | split: ',' %}" + "{% assign a = a | concat: a %}" * 40,
        "{% if a %}" * 150 + "{% endif %}" * 150,
        "{% capture a %}" + "aaaaaaaaaa" * 100 + "{% endcapture %}" + "{{ a }}" * 20,
    ],
)
def test_it_refuses_what_grows_without_end(text: str) -> None:
    with pytest.raises(BadTemplate):
        check(text)


def test_a_rendered_text_is_neither_empty_nor_longer_than_a_message_may_be() -> None:
    assert render("{{ name }}", {"name": "я" * LONGEST}) == "я" * LONGEST
    for name in ("я" * (LONGEST + 1), "  "):
        with pytest.raises(BadTemplate):
            render("{{ name }}", {"name": name})


def test_its_error_is_one_line_without_the_drawing_of_the_place() -> None:
    with pytest.raises(BadTemplate, match=r"^unknown filter 'shout'$"):
        check("{{ name | shout }}")
