"""Nothing is left of who is erased in the imports, and no file brings him back meanwhile."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from soroka.api.erasure import erase
from soroka.imports.erase import ImportUnderWay
from soroka.imports.run import run
from soroka.imports.upload import Options, keep
from soroka.models import Client, ClientImport, ImportRow
from soroka.models.locks import AUDIENCE
from tests.integration.conftest import other_connection, wait_until_blocked
from tests.leaks import leaks

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "Пётр-Непохожий"


@pytest.fixture
def anna(make_clients: Callable[..., list[Client]]) -> Client:
    """Who will be erased; another one stays."""
    anna, _ = make_clients(2)
    return anna


def left_of(client: Client) -> list[tuple[str, str]]:
    return leaks(client.phone, [SECRET])


def test_lines_of_imports_say_nothing_of_him_any_more(anna: Client) -> None:
    digits = str(anna.phone)
    written = f"8 ({digits[1:4]}) {digits[4:7]}-{digits[7:9]}-{digits[9:]}"
    done = ClientImport.objects.create(state="finished", filename=f"{written}.csv", columns=["phone", written])
    duplicate = {"phone": anna.phone, "attributes": {"name": SECRET}, "error": "The same phone comes again."}
    ImportRow.objects.create(client_import=done, line=2, original=f"{digits},{SECRET}".encode(), **duplicate)
    ImportRow.objects.create(client_import=done, line=3, original=f"{written};{SECRET}".encode(), error="No such zone.")
    ImportRow.objects.create(client_import=done, line=4, original=b"+7 916 765-43-21", error="No such zone.")
    assert erase(anna.pk)
    assert left_of(anna) == []
    assert [bool(row.original) for row in ImportRow.objects.exclude(error="")] == [False, False, True]


def test_he_is_not_erased_while_a_file_may_bring_him_back(anna: Client) -> None:
    ClientImport.objects.create(state="queued")
    with pytest.raises(ImportUnderWay):
        erase(anna.pk)
    assert Client.objects.filter(pk=anna.pk).exists()


@pytest.fixture
def refused(anna: Client) -> ImportRow:
    """A line of his that was refused."""
    done = ClientImport.objects.create(state="finished")
    return ImportRow.objects.create(client_import=done, line=2, original=written(anna.phone), error="No such zone.")


def written(phone: int) -> bytes:
    return f"+{phone},Nowhere/Land,{SECRET}".encode()


def hand_in(phone: int) -> ClientImport:
    return keep([b"phone,timezone,name\n", written(phone)], "a.csv", Options())


@contextmanager
def erasing(anna: Client, refused: ImportRow) -> Iterator["Future[bool]"]:
    """He is being erased meanwhile, and it waits for a line of his in the imports."""
    with other_connection() as elsewhere, transaction.atomic():
        ImportRow.objects.select_for_update().get(pk=refused.pk)
        erased = elsewhere(erase, anna.pk)
        wait_until_blocked()
        yield erased


def is_free(lock: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
        return bool(cursor.fetchone()[0])


def test_while_it_looks_through_imports_it_keeps_nobody_waiting(anna: Client, refused: ImportRow) -> None:
    with erasing(anna, refused) as erased:
        assert Client.objects.select_for_update(nowait=True).get(pk=anna.pk)
        assert is_free(AUDIENCE)
    assert erased.result(0)
    assert left_of(anna) == []


def test_a_file_that_comes_while_it_looks_through_others_makes_it_begin_anew(anna: Client, refused: ImportRow) -> None:
    with erasing(anna, refused) as erased, other_connection() as elsewhere:
        late = elsewhere(hand_in, anna.phone).result(10)
        elsewhere(run, late.pk).result(10)
    with pytest.raises(ImportUnderWay):
        erased.result(0)
    assert Client.objects.filter(pk=anna.pk).exists()
    assert erase(anna.pk)
    assert left_of(anna) == []


def test_a_number_that_he_gets_while_it_looks_through_imports_is_erased_too(anna: Client, refused: ImportRow) -> None:
    new = 79990001122
    ImportRow.objects.create(client_import=refused.client_import, line=3, original=written(new), error="No such zone.")
    with erasing(anna, refused) as erased, other_connection() as elsewhere:
        elsewhere(Client.objects.filter(pk=anna.pk).update, phone=new).result(10)
    assert erased.result(0)
    assert leaks(new, [SECRET]) == []


def test_he_is_not_erased_while_a_file_is_being_kept(anna: Client) -> None:
    with other_connection() as elsewhere, transaction.atomic():
        hand_in(anna.phone)
        with pytest.raises(ImportUnderWay):
            elsewhere(erase, anna.pk).result(10)
    assert Client.objects.filter(pk=anna.pk).exists()
