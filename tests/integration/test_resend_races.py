"""Two operators send once more what is in doubt, at the same moment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from soroka.domain.message import Reason
from soroka.models import Client, Mailing
from soroka.planning.resend import AlreadyResent, resend
from tests.integration.conftest import other_connection, wait_until_blocked
from tests.rows import settle_all


def test_of_two_at_once_one_makes_the_mailing_and_the_other_is_told_of_it(
    make_clients: Callable[..., list[Client]], make_mailing: Callable[..., Mailing]
) -> None:
    make_clients(2)
    first = make_mailing()
    settle_all(first.pk, Reason.UNKNOWN)
    end = datetime.now(UTC) + timedelta(hours=1)
    with other_connection() as elsewhere:
        with transaction.atomic():
            made = resend(first.pk, ends_at=end, user=None)
            theirs = elsewhere(resend, first.pk, ends_at=end, user=None)
            wait_until_blocked()
        with pytest.raises(AlreadyResent) as told:
            theirs.result(10)
    assert told.value.by == made.pk
    assert list(Mailing.objects.filter(resend_of=first.pk)) == [made]
