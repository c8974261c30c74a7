from django.db import connection
from django.test.utils import CaptureQueriesContext

from soroka.models import Client, Tag, TagCount
from soroka.statistics.carried import fold
from tests.api.conftest import errors


def test_it_makes_renames_and_deletes_a_tag(api):
    made = api.post("/tags", {"name": "vip"}, format="json")
    assert made.status_code == 201
    assert made.json() == {"id": made.json()["id"], "name": "vip", "clients_count": 0}

    address = f"/tags/{made.json()['id']}"
    assert api.put(address, {"name": "gold"}, format="json").json()["name"] == "gold"
    assert api.patch(address, {"name": "Gold"}, format="json").json()["name"] == "Gold"
    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == 404


def test_it_refuses_a_second_tag_of_the_same_name_in_any_case(api):
    api.post("/tags", {"name": "Вип"}, format="json")
    assert errors(api.post("/tags", {"name": "ВИП"}, format="json")) == {("name", "unique")}


def test_it_refuses_a_name_that_another_tag_has(api, vip):
    other = Tag.objects.create(name="gold")
    assert errors(api.patch(f"/tags/{other.pk}", {"name": "VIP"}, format="json")) == {("name", "unique")}


def test_it_counts_the_clients_of_a_page_of_tags_with_one_query(api, make_clients, django_assert_num_queries):
    tags = [Tag.objects.create(name=f"tag {number}") for number in range(20)]
    make_clients(3, tag_ids=[tags[0].pk, tags[1].pk])
    make_clients(2, tag_ids=[tags[1].pk])
    with django_assert_num_queries(4):  # role, count, page, clients
        page = api.get("/tags?ordering=id").json()
    assert [tag["clients_count"] for tag in page["results"]] == [3, 5] + [0] * 18


def counts(api) -> dict[str, int]:
    return {tag["name"]: tag["clients_count"] for tag in api.get("/tags").json()["results"]}


def test_the_count_follows_whatever_is_done_to_clients(api, make_clients, vip):
    Tag.objects.create(name="other")
    first, second, third = make_clients(3, tag_ids=[vip.pk])
    assert counts(api) == {"vip": 3, "other": 0}
    api.patch(f"/clients/{first.pk}", {"tags": ["other"]}, format="json")
    api.patch(f"/clients/{second.pk}", {"tags": ["vip", "other"], "attributes": {"name": "Anna"}}, format="json")
    assert counts(api) == {"vip": 2, "other": 2}
    api.delete(f"/clients/{second.pk}")
    Client.objects.filter(pk=third.pk).update(opted_out=True)
    assert counts(api) == {"vip": 1, "other": 1}
    api.delete(f"/tags/{vip.pk}")
    assert counts(api) == {"other": 1}


def test_the_tick_leaves_a_row_of_a_tag_and_the_count_as_it_is(api, make_clients, vip):
    gone = Tag.objects.create(name="gone")
    for _ in range(3):
        make_clients(2, tag_ids=[vip.pk, gone.pk])
    Client.objects.update(tag_ids=[vip.pk])
    fold()
    assert list(TagCount.objects.values_list("tag_id", "clients")) == [(vip.pk, 6)]
    make_clients(1, tag_ids=[vip.pk])
    assert counts(api) == {"vip": 7, "gone": 0}


def test_no_client_is_read_for_a_page_of_tags(api, make_clients, vip):
    make_clients(1, tag_ids=[vip.pk])
    with CaptureQueriesContext(connection) as captured:
        assert counts(api) == {"vip": 1}
    assert not [query["sql"] for query in captured if "soroka_client" in query["sql"]]


def test_it_searches_orders_and_counts_by_pages(api):
    for name in ("b two", "a one", "c two"):
        Tag.objects.create(name=name)
    page = api.get("/tags?search=two&ordering=-name&page_size=1").json()
    assert (page["count"], [tag["name"] for tag in page["results"]]) == (2, ["c two"])
    assert [tag["name"] for tag in api.get(page["next"]).json()["results"]] == ["b two"]


def test_it_takes_a_deleted_tag_off_its_clients(api, vip, make_clients):
    other = Tag.objects.create(name="other")
    make_clients(2, tag_ids=[other.pk, vip.pk])
    assert api.delete(f"/tags/{vip.pk}").status_code == 204
    assert list(Client.objects.values_list("tag_ids", flat=True)) == [[other.pk], [other.pk]]


def test_it_keeps_a_tag_that_an_unfinished_mailing_names(api, vip, make_clients, make_mailing):
    make_clients(1, tag_ids=[vip.pk])
    mailing = make_mailing(filter={"tags": ["vip"]})
    refused = api.delete(f"/tags/{vip.pk}")
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:soroka:problem:tag_in_use"
    assert str(mailing["id"]) in refused.json()["detail"]

    api.post(f"/mailings/{mailing['id']}/cancel")
    assert api.delete(f"/tags/{vip.pk}").status_code == 204
    assert api.get(f"/mailings/{mailing['id']}").json()["filter"]["tags"] == [f"#{vip.pk}"]
