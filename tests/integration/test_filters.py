"""A random filter takes the same clients by SQL, by planning, and by an oracle that knows neither."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soroka.api.filter_field import FilterField
from soroka.audience.filter import Filter
from soroka.audience.leaves import ENDINGS
from soroka.domain.message import Reason, Status
from soroka.models import Client, Message, Tag, Zone
from tests.oracle import Person, chosen

TAGS = ["vip", "new", "Москва", "a'b"]
CODES = [7, 916, 926]
ZONES = ["Europe/Moscow", "Asia/Omsk", "America/New_York"]
NAMES = ["city", "age", 'x"y', "a.b", "tags", "and", "%(a)s"]
VALUES = [
    "30", "30.0", "030", 30, 30.5, "30.5", "30.50", True, "true", False, None, "null", "Moscow", "Омск", "", "-0", 0,
    -0.0, "0", -5, "-5", "1e3", 1000, "zz", "2026-11-25", "%", "'", 0.1, "0.1", 9.2e18, "9200000000000000000", 1e-7,
    "0.0000001", " 30", "30\n",
]  # fmt: skip
DAY = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = [(DAY + timedelta(days=n)).isoformat() for n in range(9)]

attribute = st.sampled_from(NAMES)
value = st.sampled_from(VALUES)
ordered = st.sampled_from([each for each in VALUES if isinstance(each, str) or type(each) in {int, float}])


def some(of: list[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(of), min_size=1, max_size=3, unique=True)


def leaves(mailings: list[int]) -> st.SearchStrategy[dict[str, Any]]:
    compared = st.one_of(
        *(st.fixed_dictionaries({"attribute": attribute, by: value}) for by in ("eq", "ne")),
        *(st.fixed_dictionaries({"attribute": attribute, by: ordered}) for by in ("lt", "gt")),
        st.fixed_dictionaries({"attribute": attribute, "in": st.lists(value, min_size=1, max_size=4)}),
        st.fixed_dictionaries({"attribute": attribute, "exists": st.booleans()}),
    )
    tags = st.fixed_dictionaries({}, optional={how: some(TAGS) for how in ("any", "all", "none")}).filter(bool)
    return st.one_of(
        compared,
        st.fixed_dictionaries({"tags": tags}),
        st.fixed_dictionaries({"operator_codes": some([f"{code:03}" for code in CODES])}),
        st.fixed_dictionaries({"timezones": some([*ZONES, "Asia/Tokyo"])}),
        st.fixed_dictionaries({"created_since": st.sampled_from(DAYS)}),
        *(st.fixed_dictionaries({how: st.sampled_from(mailings)}) for how in ENDINGS),
        st.just({"everyone": True}),
    )  # fmt: skip


def trees(mailings: list[int]) -> st.SearchStrategy[dict[str, Any]]:
    def combined(part: Any) -> Any:
        several = st.lists(part, min_size=1, max_size=3)
        return st.one_of(
            *(st.fixed_dictionaries({joint: several}) for joint in ("and", "or")), st.fixed_dictionaries({"not": part})
        )

    return st.recursive(leaves(mailings), combined, max_leaves=6)


@pytest.fixture
def people(make_clients, make_mailing) -> tuple[dict[int, Person], list[int]]:
    """Random clients with all that the oracle needs to know of them, and two mailings that some of them had."""
    random = Random(6)
    ids = {name: Tag.objects.create(name=name).pk for name in TAGS}
    known: dict[int, Person] = {}
    for _ in range(80):
        person: Person = {
            "tags": {name for name in TAGS if random.random() < 0.4},
            "code": random.choice(CODES),
            "zone": random.choice(ZONES),
            "attributes": {name: random.choice(VALUES) for name in NAMES if random.random() < 0.5},
            "created": DAY + timedelta(days=random.randrange(8), seconds=random.choice([-1, 0, 1])),
            "opted_out": random.random() < 0.1,
            "became": {},
        }
        [client] = make_clients(
            1,
            zone=person["zone"],
            tag_ids=[ids[name] for name in sorted(person["tags"])],
            operator_code=person["code"],
            attributes=person["attributes"],
        )
        known[client.pk] = person
    mailings = [make_mailing().pk for _ in range(2)]
    _settle(random, known, mailings)
    for pk, person in known.items():
        Client.objects.filter(pk=pk).update(created_at=person["created"], opted_out=person["opted_out"])
    return known, mailings


def _settle(random: Random, known: dict[int, Person], mailings: list[int]) -> None:
    """Let some messages be delivered, some not be sent; some stay in process, and some clients never had one."""
    for message in Message.objects.filter(mailing__in=mailings):
        match random.choice(["delivered", "not_sent", "in_doubt", "in_process", None]):
            case "delivered":
                Message.objects.filter(pk=message.pk).update(status=Status.DELIVERED)
                known[message.client_id]["became"][message.mailing_id] = "delivered"
            case "not_sent":
                Message.objects.filter(pk=message.pk).update(status=Status.NOT_SENT, reason=Reason.REJECTED)
                known[message.client_id]["became"][message.mailing_id] = "not_sent"
            case "in_doubt":
                Message.objects.filter(pk=message.pk).update(status=Status.NOT_SENT, reason=Reason.UNKNOWN)
                known[message.client_id]["became"][message.mailing_id] = "in_doubt"
            case None:
                message.delete()


def read(asked: dict[str, Any]) -> Filter:
    """As the API takes it, kept and read back from its row."""
    audience: Filter = FilterField().run_validation(asked)
    return Filter.from_json(audience.to_json())


def taken(audience: Filter) -> set[int]:
    where, values = audience.where()
    return {client.pk for client in Client.objects.raw(f"SELECT c.id FROM soroka_client c WHERE {where}", values)}


def test_a_random_filter_takes_by_sql_whom_the_oracle_takes(people):
    known, mailings = people

    @settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(trees(mailings))
    def check(asked: dict[str, Any]) -> None:
        assert taken(read(asked)) == {pk for pk, person in known.items() if chosen(person, asked)}

    check()


def test_a_random_filter_is_planned_for_whom_the_oracle_takes(people, make_mailing):
    known, mailings = people

    @settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(trees(mailings))
    def check(asked: dict[str, Any]) -> None:
        planned = Message.objects.filter(mailing=make_mailing(audience=read(asked)))
        expected = {pk for pk, person in known.items() if chosen(person, asked)}
        assert set(planned.values_list("client_id", flat=True)) == expected

    check()


@pytest.mark.parametrize("name", NAMES)
def test_every_two_values_compare_as_the_oracle_says(name, make_clients):
    """Each of them against each other, by every comparison."""
    clients = [make_clients(1, attributes={name: own})[0] for own in VALUES] + make_clients(1)
    people = {client.pk: {"attributes": client.attributes, "opted_out": False} for client in clients}
    for by in ("eq", "ne", "lt", "gt"):
        for wanted in VALUES:
            if by in {"lt", "gt"} and (wanted is None or isinstance(wanted, bool)):
                continue
            asked = {"attribute": name, by: wanted}
            assert taken(read(asked)) == {pk for pk, person in people.items() if chosen(person, asked)}, asked


def test_every_zone_of_the_corpus_is_one(people):
    assert set(Zone.objects.values_list("name", flat=True)) == set(ZONES)
