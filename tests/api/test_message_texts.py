"""What the ledger says that a message said."""

from soroka.models import Attempt, Client, Message, MessageText


def texts(api) -> list[str | None]:
    return [row["text"] for row in api.get("/messages").json()["results"]]


def test_what_was_not_offered_yet_reads_as_it_would_now(api, vip, make_clients, make_mailing):
    [client] = make_clients(1, tag_ids=[vip.pk], attributes={"name": "Анна", "phone": "no"})
    make_mailing(text="{{ name }}, {{ phone }}, {{ tags | join: '+' }}")
    assert texts(api) == [f"Анна, {client.phone}, vip"]
    api.patch(f"/clients/{client.pk}", {"attributes": {"name": "Яна"}}, format="json")
    assert texts(api) == [f"Яна, {client.phone}, vip"]
    [message] = Message.objects.all()
    assert api.get(f"/messages/{message.pk}").json()["text"] == f"Яна, {client.phone}, vip"


def test_what_was_offered_reads_as_it_did(api, make_clients, make_mailing):
    make_clients(1, attributes={"name": "Анна"})
    make_mailing(text="{{ name }}!")
    MessageText.objects.create(message=Message.objects.get(), text="Аня!")
    assert texts(api) == ["Аня!"]


def test_a_plain_text_is_that_of_the_mailing(api, make_clients, make_mailing):
    make_clients(1)
    make_mailing(text="Добрый день!")
    assert texts(api) == ["Добрый день!"]


def test_what_cannot_be_filled_in_has_no_text(api, make_clients, make_mailing):
    _, second = make_clients(2, attributes={"name": "x" * 1000})
    make_mailing(text="{{ name }}{{ name }}{{ name }}")
    Client.objects.filter(pk=second.pk).delete()
    Attempt.objects.create(message=Message.objects.first(), outcome="invalid", detail="too long")
    assert texts(api) == [None, None]
    attempts = [row["attempts"] for row in api.get("/messages").json()["results"]]
    [attempt] = next(filter(None, attempts))
    assert (attempt["gateway"], attempt["outcome"], attempt["detail"]) == (None, "invalid", "too long")


def test_a_page_of_templates_is_filled_in_with_few_queries(
    api, vip, make_clients, make_mailing, django_assert_num_queries
):
    make_clients(30, tag_ids=[vip.pk], attributes={"name": "Анна"})
    make_mailing(text="{{ name }} {{ tags }}")
    make_mailing(text="{{ name }}!")
    for size in (2, 60):
        with django_assert_num_queries(7):  # role, page, mailings, attempts, texts, clients, tags
            assert len(api.get(f"/messages?page_size={size}").json()["results"]) == size
