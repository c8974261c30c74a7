"""What is typed into filters, searches, names and texts is a value: never a part of a statement or of a program."""

import pytest
from django.db import connection

from soroka.models import Client, Mailing, Tag

SQL = [
    "' OR 1=1 --", "' OR 'a'='a", '" OR ""="', "'; DROP TABLE soroka_client; --", "') UNION SELECT 1,2,3 --",
    "1) OR (1=1", "'||(SELECT pg_sleep(30))||'", "1; SELECT pg_sleep(30)", "admin'/*", "*/ OR 1=1 /*", "\\' OR 1=1 --",
    "\\", "''", "$$a$$", "$1", "%s", "%(name)s", "{0}", ":name", "?", "%", "_", "%%", "E'\\x27'", "U&'\\0027'",
    "ʼ OR 1=1", "’ OR 1=1 --", "'::jsonb", "->>'a'", "@? '$.a'", "tag_ids) @> (", "0x27", "NULL", "1e309", "-1",
    "9" * 40,
]  # fmt: skip
PROGRAMS = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ self.__init__.__globals__ }}", "{{ config.SECRET_KEY }}",
    "{{ settings.SECRET_KEY }}", "{{ request.META }}", "{{ name.__class__ }}", "{{ tags.__len__ }}", "{{ phone.real }}",
    "{% include '/etc/passwd' %}", "{% render '../../etc/passwd' %}", "{% load log %}", "{% debug %}",
    "{% extends 'a' %}", "{% for i in (1..1000000000) %}x{% endfor %}", "{{ '' | append: __import__ }}",
    "{% assign a = 'x' %}{{ a.__dict__ }}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{{= 7*7 }}", "{{7*7}}", "__${7*7}__",
    "%{7*7}", "{php}echo 1;{/php}", "{{ 'a' | pluck: '__class__' }}", "{{ tags | map: '__class__' }}",
    "{{ tags | where: '__class__', 'a' }}",
]  # fmt: skip
#: Nothing of the machine, of Python or of the settings. What is no template goes out as it is written.
GIVEN_AWAY = ("root:", "<class", "<built-in", "a key of the tests", "postgresql://", "/site-packages/", "49")
PARAMETERS = {
    "/clients": ["search", "tag", "operator_code", "timezone", "phone", "opted_out", "cursor", "page_size"],
    "/tags": ["search", "ordering", "page"],
    "/segments": ["search", "ordering"],
    "/mailings": ["search", "ordering", "status", "page"],
    "/messages": ["mailing", "client", "status", "reason", "cursor"],
    "/gateways": ["search", "ordering"],
    "/mailing-statistics": ["page"],
    "/clients/export.csv": ["tag", "search", "segment"],
}


@pytest.fixture(autouse=True)
def short():
    """A statement that sleeps is cancelled long before it has slept."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")


@pytest.fixture
def clients(make_clients, vip):
    return make_clients(3, tag_ids=[vip.pk], attributes={"city": "Омск"})


@pytest.mark.parametrize(
    ("address", "parameter"), [(address, name) for address, names in PARAMETERS.items() for name in names]
)
def test_no_parameter_is_a_part_of_a_statement(api, clients, address, parameter):
    for value in SQL:
        answer = api.get(address, {parameter: value})
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code in {200, 400, 404}, (value, content)
        if parameter == "search" and value.strip("'") and "'" in value and not answer.streaming:
            assert answer.json()["results"] == [], value
    assert Client.objects.count() == 3


def leaves(value):
    """The value wherever a condition has one."""
    return [
        {"attribute": "city", "eq": value},
        {"attribute": value, "eq": "Омск"},
        {"tags": {"any": [value]}},
        {"timezones": [value]},
        {"attribute": "city", "in": [value, 1]},
    ]


def test_no_part_of_a_filter_is(api, clients):
    for leaf in [leaf for value in SQL for leaf in leaves(value)]:
        answer = api.post("/segments/preview", {"filter": leaf}, format="json")
        assert answer.status_code in {200, 400}, (leaf, answer.content)
        assert answer.status_code == 400 or answer.json()["count"] == 0, leaf


def test_what_is_kept_is_what_was_sent(api):
    for number, value in enumerate(SQL):
        made = api.post("/tags", {"name": value}, format="json")
        assert made.status_code == 201 and Tag.objects.filter(name=value).exists(), (value, made.content)
        sent = {"phone": f"791612345{number:02}", "attributes": {"note": value, value[:20]: 1}}
        kept = api.post("/clients", sent, format="json")
        assert kept.status_code == 201, (value, kept.content)
        assert Client.objects.get(pk=kept.json()["id"]).attributes["note"] == value


def test_no_text_runs_or_reads_anything(api, gateway, clients, mailing_body):
    for text in PROGRAMS:
        answer = api.post("/mailings/preview", mailing_body | {"text": f"a {text}"}, format="json")
        assert answer.status_code in {200, 400}, (text, answer.content)
        said = [sample["text"] or "" for sample in answer.json().get("samples", [])]
        assert not [word for word in GIVEN_AWAY for sample in said if word in sample], text
    assert not Mailing.objects.exists()


def test_what_a_client_is_called_is_no_text(api, gateway, make_clients, mailing_body):
    [anna] = make_clients(1)
    for value in PROGRAMS:
        Client.objects.filter(pk=anna.pk).update(attributes={"name": value})
        answer = api.post("/mailings/preview", mailing_body | {"text": "{{ name }}"}, format="json")
        assert [sample["text"] for sample in answer.json()["samples"]] == [value]
