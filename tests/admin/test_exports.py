"""The ways to files."""

import pytest
from django.urls import reverse

from soroka.models import Segment
from tests.admin.pages import seen

ADDRESS = "/admin/soroka/client/take-out/"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_it_leads_to_the_clients_who_were_chosen(enter, make_clients, vip, kind):
    make_clients(1, tag_ids=[vip.pk])
    Segment.objects.create(name="A few", filter={"tags": {"any": [vip.pk]}})
    viewer = enter("viewer")
    assert ADDRESS in viewer.get(reverse("admin:soroka_client_changelist")).content.decode()
    answers = {
        "segment": "A few",
        "tag": vip.pk,
        "operator_code": "",
        "timezone": "Europe/Moscow",
        "opted_out": "false",
    }
    answer = viewer.post(ADDRESS, {**answers, "kind": kind})
    assert answer["Location"] == (
        f"/clients/export.{kind}?segment=A+few&tag=vip&timezone=Europe%2FMoscow&opted_out=false"
    )
    assert b"".join(viewer.get(answer["Location"]))


def test_it_says_what_cannot_be_chosen(enter):
    answer = enter("viewer", "en").post(ADDRESS, {"operator_code": "x", "kind": "csv"})
    assert answer.status_code == 200
    assert any("operator code" in text.lower() and "three digits" in text.lower() for text in seen(answer))


def test_a_mailing_and_the_list_of_mailings_lead_to_their_files(enter, mailing):
    viewer = enter("viewer")
    page = viewer.get(reverse("admin:soroka_mailing_change", args=[mailing.pk])).content.decode()
    for kind in ("csv", "xlsx"):
        address = f"/mailings/{mailing.pk}/messages/export.{kind}"
        assert f'href="{address}"' in page
        assert b"".join(viewer.get(address))
        way = viewer.get(f"/admin/soroka/mailing/as-{kind}/")
        assert way["Location"] == f"/mailing-statistics/export.{kind}"
        assert b"".join(viewer.get(way["Location"]))
