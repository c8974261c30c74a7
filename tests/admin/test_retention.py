"""The desk says what was removed by age, and still shows what was counted."""

from datetime import UTC, datetime, timedelta

from soroka.models import Mailing
from tests.admin.pages import seen


def test_the_pages_of_a_mailing_say_that_its_messages_are_gone(enter, gateway):
    now = datetime.now(UTC)
    mailing = Mailing.objects.create(
        name="News", text="Hello", filter={"everyone": True, "tag_ids": [], "operator_codes": [], "match_all": False},
        starts_at=now, ends_at=now + timedelta(hours=1), timezone="UTC", gateway=gateway, planned_at=now,
        gone_at=now, gone_total=1234, gone_delivered=1234,
    )  # fmt: skip
    desk = enter("viewer", "en")
    page = seen(desk.get(f"/admin/soroka/mailing/{mailing.pk}/change/"))
    assert any(text.startswith("removed by age on") for text in page)
    assert "1 234" in page
    listed = " ".join(seen(desk.get(f"/admin/soroka/message/?mailing={mailing.pk}")))
    assert "The messages of this mailing were removed by age." in listed
