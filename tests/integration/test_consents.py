"""The ledger of consents: what is in it stays, and whoever changes it all the same is found out."""

from contextlib import suppress
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from soroka.consent.ledger import Origin, forget_texts
from soroka.consent.opting import opt_in, opt_out
from soroka.models import Consent, ConsentSeal, ConsentText
from soroka.models.consent import Channel
from tests.integration.conftest import other_connection

PAPER = Origin(Channel.API, "anna", "A form of paper", "I agree to be written to.")


def verified(*arguments: str) -> str:
    told = StringIO()
    call_command("verify_consents", *arguments, stdout=told)
    return told.getvalue()


@pytest.fixture
def acts(make_clients):
    """Four acts of two clients, each with a seal."""
    clients = make_clients(2)
    for client in clients:
        opt_in(client.pk, PAPER)
        opt_out(client.pk, Origin(Channel.LINK))
    return clients


@pytest.fixture
def tamper():
    """Run a statement as somebody would who owns the database and switches its triggers off."""

    def run(statement):
        with connection.cursor() as cursor:
            for table in ("soroka_consent", "soroka_consentseal"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER keep")
            cursor.execute(statement)
            for table in ("soroka_consent", "soroka_consentseal"):
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER keep")

    return run


@pytest.mark.parametrize("table", ["soroka_consent", "soroka_consentseal"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses_to_change_or_remove_what_is_in_it(acts, table, statement):
    rows = {model: list(model.objects.values()) for model in (Consent, ConsentSeal)}
    with connection.cursor() as cursor, suppress(ZeroDivisionError), transaction.atomic():
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER keep_all")
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            cursor.execute(statement.format(table))
        raise ZeroDivisionError  # the trigger was switched on for this test alone
    assert {model: list(model.objects.values()) for model in (Consent, ConsentSeal)} == rows


def test_an_untouched_ledger_is_whole_and_its_head_still_there_later(acts, make_clients):
    told = verified()
    assert "4 seals" in told
    [head] = [line.split()[-1] for line in told.splitlines() if "--head" in line]
    opt_out(make_clients(1)[0].pk, PAPER)
    assert "5 seals" in verified(f"--head={head}")


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE soroka_consent SET act = 'opt_in' WHERE seal_id = 2", "Seal 2 does not fit"),
        ("UPDATE soroka_consent SET recorded_by = 'eve' WHERE seal_id = 1", "Seal 1 does not fit"),
        ("UPDATE soroka_consent SET at = at - interval '1 day' WHERE seal_id = 3", "Seal 3 does not fit"),
        ("UPDATE soroka_consent SET client_id = NULL WHERE seal_id = 3", "Seal 3 does not fit"),
        ("UPDATE soroka_consent SET text_digest = NULL WHERE seal_id = 1", "Seal 1 does not fit"),
        ("DELETE FROM soroka_consent WHERE seal_id = 3", "Seal 3 binds 1 rows, and there are 0"),
        ("DELETE FROM soroka_consent WHERE seal_id = 3; DELETE FROM soroka_consentseal WHERE id = 3", "Seal 3 is miss"),
        ("UPDATE soroka_consentseal SET hash = sha256('') WHERE id = 2", "Seal 2 does not fit"),
        ("UPDATE soroka_consent SET seal_id = 99 WHERE seal_id = 4", "Seal 4 binds 1 rows, and there are 0"),
        ("INSERT INTO soroka_consent (seal_id, at, phone_digest, act, channel, recorded_by)"
         " VALUES (7, now(), '', 'opt_in', 'api', '')", "is bound by no seal"),
        ("INSERT INTO soroka_consent (seal_id, at, phone_digest, act, channel, recorded_by)"
         " VALUES (2, now(), '', 'opt_in', 'api', '')", "Seal 2 binds 1 rows, and there are 2"),
        ("UPDATE soroka_consenttext SET wording = 'I agree to everything.'", "The text"),
    ],
)  # fmt: skip
def test_tampering_shows_and_where(acts, tamper, statement, where):
    tamper(statement)
    with pytest.raises(CommandError, match=where):
        verified()


def test_a_chain_that_is_made_anew_without_the_key_does_not_fit(acts, settings):
    settings.SUPPRESSION_KEYS = ["another"]
    with pytest.raises(CommandError, match="a key that is not in SUPPRESSION_KEY"):
        verified()
    settings.SUPPRESSION_KEYS = ["another", settings.SECRET_KEY]
    opt_in(acts[0].pk, PAPER)
    assert "5 seals" in verified()


def test_an_end_that_is_cut_off_shows_to_who_kept_the_head(acts, tamper):
    head = verified().split()[-1]
    tamper("DELETE FROM soroka_consent WHERE seal_id = 4; DELETE FROM soroka_consentseal WHERE id = 4")
    assert "3 seals" in verified()
    with pytest.raises(CommandError, match="was cut off"):
        verified(f"--head={head}")


def test_it_holds_no_phone_and_a_forgotten_text_leaves_the_chain_whole(make_clients):
    [client, other] = make_clients(2)
    opt_in(client.pk, Origin(Channel.API, "anna", "A call", "Ivan Petrov says yes."))
    opt_in(client.pk, PAPER)
    opt_in(other.pk, PAPER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(c::text, '') || (SELECT string_agg(s::text, '') FROM soroka_suppression s)"
                       " FROM soroka_consent c")  # fmt: skip
        assert str(client.phone) not in str(cursor.fetchone()[0])
    forget_texts(client.pk, [client.phone])
    assert [text.wording for text in ConsentText.objects.all()] == [PAPER.wording]
    assert "the texts of 1 rows were forgotten" in verified()


def test_acts_at_the_same_moment_make_one_chain(make_clients):
    clients = make_clients(12)
    with other_connection() as second, other_connection() as third:
        done = [
            (second, third)[client.pk % 2](act, client.pk, PAPER) for client in clients for act in (opt_in, opt_out)
        ]
        assert all(each.result(30) for each in done)
    assert "24 seals" in verified()
