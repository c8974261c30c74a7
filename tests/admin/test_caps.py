"""A cap on the desk: asked for, shown, and told of in advance."""

import pytest

from soroka.domain.cap import Cap
from soroka.models import Mailing
from tests.admin.conftest import start_mailing, tomorrow
from tests.admin.pages import seen

ADD = "/admin/soroka/mailing/add/"


@pytest.fixture
def desk(enter):
    return enter("operator", "en")


@pytest.fixture
def form(gateway, make_clients):
    make_clients(2)
    return {"text": "Good day!", "everyone": "on", "ends_at": tomorrow(20), "gateway": "default"}


def test_it_is_asked_for_told_of_ahead_and_shown(desk, form):
    start_mailing(desk, form)
    capped = form | {"cap_messages": "1", "cap_days": "7"}
    ahead = " ".join(seen(desk.post(ADD, capped | {"_preview": ""})))
    assert "2 of them have had enough messages already and would get none." in ahead
    start_mailing(desk, capped)
    mailing = Mailing.objects.latest("pk")
    assert mailing.cap == {"messages": 1, "days": 7}
    page = " ".join(seen(desk.get(f"/admin/soroka/mailing/{mailing.pk}/change/")))
    assert "at most 1 to one client within 7 × 24 hours" in page


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"cap_messages": "3"}, "cap_days"),
        ({"cap_days": "7"}, "cap_messages"),
        ({"cap_messages": "0", "cap_days": "7"}, "cap_messages"),
        ({"cap_messages": "3", "cap_days": "1000"}, "cap_days"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(desk, form, asked, field):
    answer = desk.post(ADD, form | asked)
    assert answer.context["form"].errors.keys() == {field}
    assert not Mailing.objects.exists()


def test_the_cap_of_the_service_is_lifted_by_a_switch(desk, form, settings):
    settings.SEND_CAP = Cap(1, 7)
    start_mailing(desk, form)
    start_mailing(desk, form | {"lift_cap": "on"})
    assert list(Mailing.objects.order_by("pk").values_list("cap", flat=True)) == [{"messages": 1, "days": 7}, None]
    answer = desk.post(ADD, form | {"cap_messages": "2", "cap_days": "7"})
    assert "The cap of the service is 1 within 7 × 24 hours" in " ".join(seen(answer))
