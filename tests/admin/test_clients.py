"""Tags and clients are written by the API's rules, and the queue learns of it."""

import pytest
from django.urls import reverse

from soroka.domain.message import Reason, Status
from soroka.models import Client, Message, Tag, Zone
from tests.admin.pages import seen

LIST = "/admin/soroka/client/"


@pytest.fixture
def desk(enter):
    return enter("operator", "en")


def form(**fields):
    """A client's form as a person leaves it."""
    known = {"phone": "+7 916 123-45-67", "operator_code": "", "timezone": "Europe/Moscow", "attributes": "{}"}
    return known | fields


def errors(answer) -> set[str]:
    assert answer.status_code == 200
    return {name for name, _ in answer.context["adminform"].form.errors.items()}


def test_a_client_is_made_as_the_api_makes_him(desk, vip):
    answer = desk.post(f"{LIST}add/", form(tags=[vip.pk], attributes='{"name": "Anna"}', timezone="Asia/Omsk"))
    assert answer.status_code == 302
    made = Client.objects.get()
    assert (made.phone, made.operator_code, made.tag_ids) == (79161234567, 916, [vip.pk])
    assert (made.zone.name, made.attributes, made.opted_out) == ("Asia/Omsk", {"name": "Anna"}, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "12"), ("phone", "１２３"), ("operator_code", "91"), ("timezone", "Moscow"), ("attributes", "{"),
        ("attributes", '{"a": []}'), ("tags", "999"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_at_its_field(desk, field, value):
    assert errors(desk.post(f"{LIST}add/", form(**{field: value}))) == {field}
    assert not Client.objects.exists()


def test_a_known_phone_is_refused(desk, make_clients):
    [known] = make_clients(1)
    assert errors(desk.post(f"{LIST}add/", form(phone=f"+{known.phone}"))) == {"phone"}


def test_a_fault_is_told_in_russian(enter):
    page = enter("operator", "ru").post(f"{LIST}add/", form(phone="12")).content.decode()
    assert "Номер телефона" in page


def test_an_opt_out_withdraws_what_was_not_offered(desk, mailing):
    client = Client.objects.first()
    assert desk.post(f"{LIST}{client.pk}/consent", {"opt_out": "1"}).status_code == 302
    message = Message.objects.get(client=client.pk)
    assert (message.status, message.reason) == (Status.NOT_SENT, Reason.OPTED_OUT)
    assert Message.objects.filter(status=Status.IN_PROCESS).count() == 2


def test_a_new_number_is_where_the_queue_sends_to(desk, mailing):
    client = Client.objects.first()
    assert desk.post(f"{LIST}{client.pk}/change/", form(phone="+79990000001")).status_code == 302
    assert Message.objects.get(client=client.pk).phone == 79990000001


def test_a_deleted_client_gets_nothing_more(desk, mailing):
    client = Client.objects.first()
    assert desk.post(f"{LIST}{client.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Client.objects.filter(pk=client.pk).exists()
    assert Message.objects.get(client=client.pk).reason == Reason.WITHDRAWN


def test_saving_writes_nothing_that_was_not_in_the_form(desk, make_clients, vip):
    [client] = make_clients(1, tag_ids=[vip.pk], attributes={"name": "Anna"})
    same = form(phone=client.phone, operator_code="916", tags=[vip.pk], attributes='{"name": "Anna"}')
    assert desk.post(f"{LIST}{client.pk}/change/", same).status_code == 302
    after = Client.objects.get()
    assert (after.tag_ids, after.attributes, after.created_at) == ([vip.pk], {"name": "Anna"}, client.created_at)


def test_it_filters_and_searches(desk, make_clients, vip):
    omsk = Zone.objects.create(name="Asia/Omsk")
    [plain, tagged, coded, far, gone] = make_clients(5)
    Client.objects.filter(pk=tagged.pk).update(tag_ids=[vip.pk])
    Client.objects.filter(pk=coded.pk).update(operator_code=12)
    Client.objects.filter(pk=far.pk).update(zone=omsk)
    Client.objects.filter(pk=gone.pk).update(opted_out=True)

    def found(query):
        texts = seen(desk.get(f"{LIST}?{query}"))
        return {client.pk for client in (plain, tagged, coded, far, gone) if f"+{client.phone}" in texts}

    assert found(f"tag={vip.pk}") == {tagged.pk}
    assert found("operator_code=012") == {coded.pk}
    assert found(f"zone={omsk.pk}") == {far.pk}
    assert found("opted_out=1") == {gone.pk}
    assert found(f"q={str(far.phone)[:8]}") == {plain.pk, tagged.pk, coded.pk, far.pk, gone.pk}
    assert found(f"q=8{str(far.phone)[1:]}") == {far.pk}
    assert "filter-form" in desk.get(LIST).content.decode()  # typed-in filters have a button
    assert "_facets" not in desk.get(LIST).content.decode()  # facets would count
    for nothing in ("q=abc", "tag=x", "tag=99999999999999", "operator_code=9999999", "zone=-1", "q=" + "9" * 40):
        assert found(nothing) == set()


def test_a_tag_is_made_and_renamed_and_not_twice(desk, vip):
    assert desk.post("/admin/soroka/tag/add/", {"name": "new"}).status_code == 302
    assert errors(desk.post("/admin/soroka/tag/add/", {"name": "VIP"})) == {"name"}
    assert desk.post(f"/admin/soroka/tag/{vip.pk}/change/", {"name": "gold"}).status_code == 302
    assert set(Tag.objects.values_list("name", flat=True)) == {"new", "gold"}


def test_a_deleted_tag_is_taken_off_its_clients(desk, make_clients, vip):
    make_clients(1, tag_ids=[vip.pk])
    assert desk.post(f"/admin/soroka/tag/{vip.pk}/delete/", {"post": "yes"}).status_code == 302
    assert Client.objects.get().tag_ids == []


def test_a_tag_that_a_mailing_needs_stays(desk, make_clients, make_mailing, vip):
    from soroka.audience.filter import Filter

    make_clients(1, tag_ids=[vip.pk])
    mailing = make_mailing(audience=Filter(tag_ids=(vip.pk,)))
    answer = desk.post(f"/admin/soroka/tag/{vip.pk}/delete/", {"post": "yes"}, follow=True)
    assert Tag.objects.filter(pk=vip.pk).exists()
    assert any(str(mailing.pk) in text and "name this tag" in text for text in seen(answer))


def test_it_proposes_tags_by_a_part_of_their_name(desk, enter, vip):
    Tag.objects.create(name="other")
    answer = desk.get(reverse("admin:soroka_tag_choices"), {"term": "VI"})
    assert answer.json()["results"] == [{"id": str(vip.pk), "text": "vip"}]


def test_the_page_leads_on_to_what_one_may_do(enter, make_clients):
    [anna] = make_clients(1)
    address = reverse("admin:soroka_client_change", args=[anna.pk])
    for role, may_erase in (("viewer", False), ("operator", True)):
        page = enter(role, "en").get(address)
        ways = page.content.decode().partition('<nav class="desk-buttons desk-ways"')[2].partition("</nav>")[0]
        assert "Story" in ways and "Why in a mailing or not" in ways
        assert ("Erase" in ways) == may_erase
        assert seen(page).count("Story") == 1  # and not in the head of the page as well
