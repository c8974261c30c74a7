"""What ``soroka import-clients`` does after it has read its options."""

import pytest
from django.utils import translation

from soroka.imports.terminal import follow, hand_in, report
from soroka.imports.unreadable import UnreadableFile
from soroka.imports.upload import Options
from soroka.imports.wish import read_wish
from soroka.models import Client, ClientImport, ImportState
from soroka.models.locks import IMPORT, only_one
from tests.integration.conftest import other_connection


@pytest.fixture
def file(tmp_path, transactional_db):
    path = tmp_path / "clients.csv"
    path.write_text("Связь;имя\n8 916 123-45-67;Анна\n12;Ян\n", encoding="cp1251")
    return path


def test_it_runs_an_import_and_tells_what_came_of_it(file, tmp_path, capsys):
    done = hand_in(file, Options(read_wish(["Связь = phone", "имя="])))
    follow(done)
    refused = tmp_path / "refused.csv"
    with translation.override("en"):
        assert report(done, refused)
    assert "rows 2, added 1, changed 0, unchanged 0, refused 1" in capsys.readouterr().out
    assert refused.read_text(encoding="utf-8-sig").splitlines()[1].endswith(";12;Ян")
    assert Client.objects.get().attributes == {}


def test_it_waits_while_another_import_runs(file, eventually):
    waiting = hand_in(file, Options(read_wish(["Связь=phone"])))
    with other_connection() as other:
        with only_one(IMPORT) as ours:
            assert ours
            following = other(follow, waiting)
            assert not following.done()
            waiting.refresh_from_db()
            assert waiting.state == "queued"
        following.result(30)
    assert Client.objects.count() == 1


def test_it_says_why_a_file_is_of_no_use(file):
    with pytest.raises(UnreadableFile, match="No column is the phone"):
        hand_in(file, Options())


@pytest.mark.parametrize("line", ["phone", "=phone", f"a={'x' * 65}"])
def test_a_wish_that_is_not_understood_is_refused(line):
    with pytest.raises(ValueError, match="like this"):
        read_wish([line])


def test_it_writes_counts_as_the_desk_does(capsys):
    done = ClientImport(pk=7, state=ImportState.FINISHED, rows=12345, added=12345)
    with translation.override("ru"):
        assert report(done, None)
    assert "строк 12\u202f345, добавлено 12\u202f345" in capsys.readouterr().out
