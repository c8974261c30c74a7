"""What is typed into searches and filters of the desk is a value: never a part of a statement."""

import pytest
from django.db import connection

from soroka.models import Client
from tests.admin.pages import lists
from tests.api.test_injection import SQL

#: One of each kind, for what looks at a value before it asks the database.
KINDS = [*SQL[:8], "\\", "%s", "%(name)s", "NULL", "1e309", "9" * 40]


@pytest.fixture(autouse=True)
def short():
    """A statement that sleeps is cancelled long before it has slept."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")


def filters(answer):
    """What a list takes beside the search, by its own word."""
    return [name for each in answer.context["cl"].filter_specs for name in each.expected_parameters()]


@pytest.mark.parametrize("address", lists())
def test_no_search_is_a_part_of_a_statement(admin, full_desk, address):
    for value in SQL:
        answer = admin.get(address, {"q": value})
        assert answer.status_code == 200, value
        shown = answer.context["cl"]
        if shown.search_fields and value.strip("'") and "'" in value:
            assert list(shown.result_list) == [], value
    assert Client.objects.exists()


@pytest.mark.parametrize("address", lists())
def test_no_filter_is_nor_the_order_nor_the_page(admin, full_desk, address):
    for parameter in ("o", "p", *filters(admin.get(address))):
        for value in KINDS:
            assert admin.get(address, {parameter: value}).status_code in {200, 302, 404}, (parameter, value)
    assert Client.objects.exists()
