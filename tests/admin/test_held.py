from datetime import UTC, datetime

import pytest
from django.db.models.functions import Now

from soroka.models import Restoration

SAID = "Отправка удержана"
PAGES = ("/admin/", "/admin/soroka/mailing/", "/admin/soroka/client/")


@pytest.fixture
def restored(db):
    return Restoration.objects.create(backed_up_at=datetime(2034, 11, 27, 7, 0, tzinfo=UTC))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_that_nothing_is_sent_until_it_is_released(admin_client, restored, path):
    assert SAID in admin_client.get(path).content.decode()
    Restoration.objects.update(released_at=Now())
    assert SAID not in admin_client.get(path).content.decode()


def test_a_stranger_is_told_nothing(client, restored):
    assert SAID not in client.get("/admin/login/").content.decode()
