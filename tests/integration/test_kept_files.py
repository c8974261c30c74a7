"""Files that wait for a person do not wait for ever, and name nobody who was erased."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from soroka.api.erasure import erase
from soroka.dispatch.chores import tick
from soroka.imports.columns import NotWaiting, begin, once_more
from soroka.imports.erase import ImportUnderWay
from soroka.imports.run import run
from soroka.imports.upload import Options, keep
from soroka.models import Client, ClientImport, ImportChunk, ImportState

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ["phone", "name"]
OLD = datetime.now(UTC) - timedelta(days=2)


def waiting(phone: int = 79161234567) -> ClientImport:
    return keep([f"phone,name\n{phone},Anna\n".encode()], "clients.csv", Options(), ask=True)


def dry_run(phone: int = 79161234567) -> ClientImport:
    client_import = waiting(phone)
    begin(client_import, NAMES, Options(dry_run=True))
    run(client_import.pk)
    client_import.refresh_from_db()
    assert (client_import.state, client_import.added) == (ImportState.FINISHED, 1)
    return client_import


def state_of(client_import: ClientImport) -> str:
    client_import.refresh_from_db()
    return client_import.state


def test_no_worker_takes_a_file_whose_columns_are_not_said() -> None:
    client_import = waiting()
    assert tick().imports == []
    run(client_import.pk)
    assert state_of(client_import) == ImportState.WAITING


def test_files_that_nobody_came_back_for_go_after_a_day() -> None:
    forgotten, fresh, done, again = waiting(), waiting(), dry_run(), dry_run(79161234568)
    ClientImport.objects.filter(pk=forgotten.pk).update(created_at=OLD)
    ClientImport.objects.filter(pk=done.pk).update(finished_at=OLD)
    tick()
    assert (state_of(forgotten), state_of(fresh), state_of(done)) == ("failed", "waiting", "finished")
    assert set(ImportChunk.objects.values_list("client_import", flat=True)) == {fresh.pk, again.pk}
    with pytest.raises(NotWaiting):
        once_more(done, None, ask=False)
    with pytest.raises(NotWaiting):
        begin(forgotten, NAMES, Options())


def test_only_one_of_two_begins_it() -> None:
    client_import = waiting()
    begin(client_import, NAMES, Options())
    with pytest.raises(NotWaiting):
        begin(client_import, NAMES, Options(dry_run=True))
    assert tick().imports == [client_import.pk]


def test_nobody_comes_back_by_a_file_that_waited_while_he_was_erased(
    make_clients: Callable[..., list[Client]],
) -> None:
    [anna] = make_clients(1)
    asked, tried = waiting(anna.phone), dry_run(79161234568)
    assert erase(anna.pk)
    assert not ImportChunk.objects.exists()
    assert (state_of(asked), state_of(tried)) == ("failed", "finished")
    assert "erased" in asked.detail
    with pytest.raises(NotWaiting):
        once_more(tried, None, ask=True)


def test_he_is_not_erased_once_such_a_file_was_begun(make_clients: Callable[..., list[Client]]) -> None:
    [anna] = make_clients(1)
    client_import = waiting(anna.phone)
    begin(client_import, NAMES, Options())
    with pytest.raises(ImportUnderWay):
        erase(anna.pk)
    assert Client.objects.filter(pk=anna.pk).exists()
