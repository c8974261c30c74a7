import pytest
from django.contrib.auth.models import User

from soroka.models import Change, Client, ClientImport


@pytest.fixture
def file(tmp_path, transactional_db):  # the import has a thread and a connection of its own
    path = tmp_path / "clients.csv"
    path.write_text("phone;name\n8 916 123-45-67;Anna\n12;Ian\n")
    return path


def test_it_imports_and_says_what_came_of_it(soroka, file):
    done = soroka("import-clients", file)
    assert done.exit_code == 0
    assert "rows 2, added 1, changed 0, unchanged 0, refused 1" in done.stdout
    assert Client.objects.get().attributes == {"name": "Anna"}


def test_a_program_gets_the_import_as_the_api_shows_it(soroka, file):
    import json

    User.objects.create_user("anna")
    done = soroka("import-clients", file, "--json", "--as", "anna")
    shown = json.loads(done.stdout)
    assert (shown["state"], shown["added"], shown["refused"]) == ("finished", 1, 1)
    assert shown["refusals"][0]["line"] == 3
    assert ClientImport.objects.get().created_by.username == "anna"
    assert set(Change.objects.filter(kind="clientimport").values_list("actor", flat=True)) == {"anna"}


def test_a_file_of_no_use_ends_with_1(refused, soroka, file):
    file.write_text("name\nAnna\n")
    assert refused(1, "import-clients", file)["type"] == "urn:soroka:problem:unreadable_file"
    assert "No column is the phone" in soroka("import-clients", file).stderr


def test_a_file_that_is_not_there_ends_with_2(refused):
    assert refused(2, "import-clients", "nowhere.csv")["type"] == "urn:soroka:problem:usage"


def test_it_says_the_same_in_russian(soroka, file):
    assert "строк 2, добавлено 1" in soroka("import-clients", file, LANG="ru_RU.UTF-8").stdout


def test_it_says_in_russian_what_is_wrong_with_a_file_and_its_rows(soroka, file, tmp_path):
    refused = tmp_path / "refused.csv"
    soroka("import-clients", file, "--errors", refused, LANG="ru_RU.UTF-8")
    assert "Номер телефона слишком короткий" in refused.read_text()
    file.write_text("name\nAnna\n")
    assert "Ни один столбец не назван телефоном." in soroka("import-clients", file, LANG="ru_RU.UTF-8").stderr
    assert "столбец = поле" in soroka("import-clients", file, "--map", "phone", LANG="ru_RU.UTF-8").stderr
