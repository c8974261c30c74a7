"""Figures of the service that only other connections show."""

import pytest

from soroka.metrics.ledger import Ledger
from soroka.models.locks import IMPORT, PUMP, leave_slot, only_one, take_slot

pytestmark = pytest.mark.django_db(transaction=True)


def at_work() -> float:
    [family] = [family for family in Ledger().collect() if family.name == "soroka_pumps_at_work"]
    return family.samples[0].value


def test_pumps_at_work_are_counted_and_nothing_else_that_holds_a_lock() -> None:
    assert at_work() == 0
    slots = [take_slot(PUMP, 3), take_slot(PUMP, 3)]
    with only_one(IMPORT):
        assert at_work() == 2
    for slot in slots:
        assert slot
        leave_slot(slot)
    assert at_work() == 0
