"""A mailing is started once its page has said what would happen, and a large one by typing the number."""

import pytest

from soroka.models import Client, Mailing, Segment, Tag
from tests.admin.conftest import start_mailing, tomorrow
from tests.admin.pages import seen
from tests.admin.test_translations import catalogue

ADD = "/admin/soroka/mailing/add/"


@pytest.fixture
def desk(enter):
    return enter("operator", "en")


@pytest.fixture
def form(gateway, vip, make_clients):
    """A form that is filled in well, for thirty clients."""
    make_clients(30, tag_ids=[vip.pk], attributes={"name": "Anna"})
    return {"text": "Dear {{ name }}", "tags": [vip.pk], "match": "any", "gateway": "default", "ends_at": tomorrow(20)}


@pytest.fixture
def large(settings):
    """Thirty clients are many."""
    settings.CONFIRM_ABOVE = 29


def answers(asked, **more):
    """What the page of the question would send."""
    return {"key": asked.context["key"], "shown": asked.context["count"].number, "_start": "", **more}


def test_it_asks_before_it_starts_and_says_what_would_happen(desk, form):
    said = " ".join(seen(desk.post(ADD, form | {"name": "News"})))
    for part in ("30 clients are written to", "Dear {{ name }}", "Dear Anna", "News", "default", "Now, for everybody"):
        assert part in said
    assert "Type the number" not in said
    assert not Mailing.objects.exists()


def test_it_asks_in_russian_as_well(enter, form, large):
    texts = {text.strip(" :;,.") for text in seen(enter("operator", "ru").post(ADD, form))}
    assert {"Начать рассылку?", "клиентов получат сообщение", "Да, начать рассылку"} <= texts
    ours = {english for english, russian in catalogue().items() if english != russian}
    assert texts & ours == {"operator"}  # who has come in


def test_all_that_is_wrong_is_said_at_once(desk, form):
    wrong = {"cap_messages": "-1", "tags": ["0"], "text": "{{ na"}
    assert desk.post(ADD, form | wrong).context["form"].errors.keys() == wrong.keys()


def test_one_goes_back_to_the_form_and_nothing_is_lost(desk, form):
    fields = desk.post(ADD, form | {"_back": ""}).context["form"]
    assert (fields["text"].value(), fields.errors) == ("Dear {{ name }}", {})


def test_a_large_one_needs_its_number_typed(desk, form, large):
    asked = desk.post(ADD, form)
    assert "Type the number 30 to start" in seen(asked)
    for typed in ("", "29", "thirty", "３０", "9" * 5000):
        again = desk.post(ADD, form | answers(asked, typed=typed))
        assert "Nothing was started: type the number 30." in seen(again)
    assert not Mailing.objects.exists()
    assert desk.post(ADD, form | answers(asked, typed="\u202f3 0 ")).status_code == 302
    assert Mailing.objects.count() == 1


def test_it_cannot_be_passed_by(desk, form, large):
    for asked in (
        {"_start": ""},
        {"_start": "", "shown": "3", "typed": "3", "key": "k"},
        {"_start": "", "shown": "-1"},
    ):
        assert desk.post(ADD, form | asked).status_code == 200
    assert not Mailing.objects.exists()


def test_an_audience_that_has_grown_is_asked_about_again(desk, form, make_clients, vip):
    asked = desk.post(ADD, form)
    make_clients(10, tag_ids=[vip.pk])
    assert desk.post(ADD, form | answers(asked)).status_code == 302  # a few more are no other mailing
    asked = desk.post(ADD, form)
    make_clients(11, tag_ids=[vip.pk])
    again = desk.post(ADD, form | answers(asked))
    assert "Nothing was started: the audience has grown from 40 to 51 meanwhile." in seen(again)
    assert desk.post(ADD, form | answers(again)).status_code == 302
    assert Mailing.objects.count() == 2


def test_a_double_click_makes_one_mailing(desk, form):
    asked = desk.post(ADD, form)
    first, second = (desk.post(ADD, form | answers(asked)) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Mailing.objects.count() == 1
    other = desk.post(ADD, form | answers(asked) | {"text": "Something else"})
    assert "Nothing was started: this page has been used already." in seen(other)
    Mailing.objects.all().delete()
    assert "Nothing was started: this page has been used already." in seen(desk.post(ADD, form | answers(asked)))


def test_what_became_wrong_meanwhile_is_said_at_its_field(desk, form, vip):
    asked = desk.post(ADD, form)
    Client.objects.all().delete()
    Tag.objects.all().delete()
    answer = desk.post(ADD, form | answers(asked))
    assert "tags" in answer.context["form"].errors
    assert not Mailing.objects.exists()


def test_what_cannot_be_counted_in_time_is_asked_about_as_at_most_so_many(desk, form, large, monkeypatch):
    monkeypatch.setattr("soroka.audience.bounded.LIMIT", 0.001)
    monkeypatch.setattr("soroka.audience.matches._COUNT", "SELECT 0 FROM soroka_client c, pg_sleep(5) WHERE {where}")
    asked = desk.post(ADD, form)
    most = Client.objects.latest("pk").pk
    assert "at most: they could not be counted in time" in " ".join(seen(asked))
    assert asked.context["count"].number == most
    assert desk.post(ADD, form | answers(asked, typed="30")).status_code == (302 if most == 30 else 200)
    assert desk.post(ADD, form | answers(asked, typed=str(most))).status_code == 302


def test_a_copy_begins_as_the_mailing_but_for_its_times(desk, enter, form, gateway, vip):
    hours = {"window_from": "10:00", "window_to": "12:00", "window_days": ["2"]}
    more = {"name": "News", "operator_codes": "916", "cap_messages": "2", "cap_days": "7", "lift_cap": "on"}
    start_mailing(desk, form | more | hours)
    first = Mailing.objects.get()
    assert "Copy as new" in seen(desk.get(f"/admin/soroka/mailing/{first.pk}/change/"))
    assert "Copy as new" not in seen(enter("viewer", "en").get(f"/admin/soroka/mailing/{first.pk}/change/"))
    fields = desk.get(f"{ADD}?copy={first.pk}").context["form"]
    assert {name: fields[name].value() for name in hours} == hours | {"window_days": [2]}
    assert (fields["ends_at"].value() or "", fields["tags"].value()) == ("", [vip.pk])
    copied = {name: fields[name].value() for name in ("name", "text", "operator_codes", "cap_messages", "gateway")}
    assert copied == {
        "name": "News", "text": "Dear {{ name }}", "operator_codes": "916", "cap_messages": 2, "gateway": "default",
    }  # fmt: skip
    assert desk.get(f"{ADD}?copy=999").status_code == 404


def test_a_copy_takes_over_the_segment_unless_it_means_something_else_by_now(desk, form):
    segment = Segment.objects.create(name="All", filter={"everyone": True})
    start_mailing(desk, form | {"tags": [], "segment": "All"})
    address = f"{ADD}?copy={Mailing.objects.get().pk}"
    assert desk.get(address).context["form"]["segment"].value() == "All"
    segment.filter = {"operator_codes": [916]}
    segment.save()
    answer = desk.get(address)
    assert answer.context["form"]["segment"].value() is None
    assert "choose it anew" in " ".join(seen(answer))
