"""Files of clients are handed in on the desk: the file, its columns, a dry run, for real."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from soroka.imports.run import run
from soroka.models import Client, ClientImport, ImportChunk, ImportRow, ImportState, Tag
from tests.admin.pages import seen
from tests.workbooks import workbook

ADD = "/admin/soroka/clientimport/add/"
ROWS = "Моб. тел.,метки,Имя,Заметка\n+79161234567,vip;new,Анна,x\n12,,,\n"
COLUMNS = {
    "means_0": "phone", "means_1": "tags", "means_2": "=", "attribute_2": "name", "means_3": "",
    "create_missing_tags": "on",
}  # fmt: skip


@pytest.fixture
def desk(enter):
    return enter("operator", "ru")


@pytest.fixture
def hand_in(desk):
    """Hand in a file; returns its import and the address of its page."""

    def add(content: str | bytes = ROWS, name: str = "clients.csv"):
        content = content.encode() if isinstance(content, str) else content
        answer = desk.post(ADD, {"file": SimpleUploadedFile(name, content)})
        assert answer.status_code == 302, answer.context["form"].errors
        return ClientImport.objects.latest("pk"), answer["Location"]

    return add


def test_its_columns_are_asked_for_with_the_first_rows_and_the_known_ones_chosen(desk, hand_in):
    done, page = hand_in("телефон;метки;Город\n+79161234567;vip;Омск\n")
    assert done.state == ImportState.WAITING
    answer = desk.get(page)
    assert {"телефон", "+79161234567", "Омск"} <= set(seen(answer))
    form = answer.context["form"]
    assert [form[f"means_{place}"].value() for place in range(3)] == ["phone", "tags", "="]
    assert form["attribute_2"].value() == "Город"


def test_a_dry_run_writes_nothing_and_is_then_done_for_real_with_the_same_file(desk, hand_in):
    done, page = hand_in()
    assert desk.post(page, COLUMNS | {"dry_run": "1"})["Location"] == page
    run(done.pk)
    texts = seen(desk.get(page))
    assert "Теперь по-настоящему" in texts and any(text.startswith("Ничего не записано") for text in texts)
    assert not Client.objects.exists() and not Tag.objects.exists()
    again = desk.post(page.replace("change", "repeat"))["Location"]
    real = ClientImport.objects.latest("pk")
    assert again == page.replace(str(done.pk), str(real.pk)) and real.filename == "clients.csv" and not real.dry_run
    run(real.pk)
    client = Client.objects.get()
    assert client.attributes == {"name": "Анна"} and len(client.tag_ids) == 2
    assert not ImportChunk.objects.exists()
    assert "Теперь по-настоящему" not in seen(desk.get(page))
    assert desk.post(page.replace("change", "repeat"))["Location"] == page  # the file is gone
    assert ClientImport.objects.count() == 2


def test_the_columns_of_a_dry_run_can_be_changed(desk, hand_in):
    done, page = hand_in()
    desk.post(page, COLUMNS | {"dry_run": "1"})
    run(done.pk)
    again = desk.post(page.replace("change", "repeat"), {"ask": "1"})["Location"]
    form = desk.get(again).context["form"]
    assert (form["means_2"].value(), form["attribute_2"].value(), form["means_3"].value()) == ("=", "name", "")
    desk.post(again, COLUMNS | {"attribute_2": "имя", "for_real": "1"})
    run(ClientImport.objects.latest("pk").pk)
    assert Client.objects.get().attributes == {"имя": "Анна"}


def test_its_page_follows_it_and_shows_the_refused_rows(desk, hand_in):
    done, page = hand_in()
    desk.post(page, COLUMNS | {"for_real": "1"})
    assert "hx-get" in desk.get(page).content.decode()
    run(done.pk)
    with CaptureQueriesContext(connection) as queries:
        answer = desk.get(f"{page}?part=progress")
    assert not [query["sql"] for query in queries if "original" in query["sql"]]
    assert "every 1s" not in answer.content.decode()
    texts = seen(answer)
    assert any(text.startswith("Номер телефона слишком короткий") for text in texts)
    assert "Отклонённые строки в CSV" in texts
    assert set(Tag.objects.values_list("name", flat=True)) == {"vip", "new"}


def test_it_says_how_fast_it_is_and_what_is_left(enter):
    half = ClientImport.objects.create(
        filename="a.csv", state="running", rows=60_000, progress=0.7, read_at=timezone.now(), taken_to=30_000
    )
    page = f"/admin/soroka/clientimport/{half.pk}/change/?part=progress"
    desk = enter("viewer", "en")
    assert not [text for text in seen(desk.get(page)) if "a second" in text]
    since = f"&at={(timezone.now() - timedelta(seconds=100)).timestamp()}&phase=take&done=10000&share=0.4"
    texts = seen(desk.get(page + since))
    [speed] = [text for text in texts if text.endswith(" rows a second")]
    assert 180 < int(speed.removesuffix(" rows a second")) <= 200  # less by what the page took
    assert "about 2 minutes are left" in texts
    assert not [text for text in seen(desk.get(page + since.replace("take", "read"))) if "a second" in text]
    assert desk.get(f"{page}&at=x&done=&share=1").status_code == 200


def test_one_that_failed_says_why_and_what_to_do(enter):
    values = {"filename": "a.csv", "state": "failed", "detail": "The workbook has no sheet."}
    untouched = ClientImport.objects.create(**values)
    touched = ClientImport.objects.create(**values, added=3)
    desk = enter("operator", "en")
    texts = seen(desk.get(f"/admin/soroka/clientimport/{untouched.pk}/change/"))
    assert {"The workbook has no sheet.", "No client was touched. Mend the file and hand it in anew."} <= set(texts)
    texts = seen(desk.get(f"/admin/soroka/clientimport/{touched.pk}/change/"))
    assert any(text.startswith("What was taken over before stays.") for text in texts)


def test_unknown_tags_may_be_refused(desk, hand_in):
    done, page = hand_in()
    desk.post(page, COLUMNS | {"create_missing_tags": "", "for_real": "1"})
    run(done.pk)
    done.refresh_from_db()
    assert done.refused == 2 and not Tag.objects.exists()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"means_0": ""}, "Ни один столбец не назван телефоном"),
        ({"means_1": "phone"}, "'phone'"),
        ({"attribute_2": "phone"}, "Свойство так назвать нельзя."),
        ({"attribute_2": "a\x07b"}, ""),
    ],
)
def test_columns_that_cannot_be_so_are_refused(desk, hand_in, changed, says):
    done, page = hand_in()
    answer = desk.post(page, COLUMNS | changed)
    assert any(says in text for text in seen(answer)) and answer.context["form"].errors
    done.refresh_from_db()
    assert done.state == ImportState.WAITING


def test_a_workbook_shows_its_columns_too_unless_it_is_large(desk, hand_in, monkeypatch):
    book = workbook([["телефон", "Город"], *([79161234000 + number, "Омск"] for number in range(2000))])
    done, page = hand_in(book, "clients.xlsx")
    answer = desk.get(page)
    assert answer.context["form"]["means_0"].value() == "phone" and "79161234000" in seen(answer)
    monkeypatch.setattr("soroka.imports.columns.MOST_OF_WORKBOOK", 10)
    form = desk.get(page).context["form"]
    assert "mapping" in form.fields and "means_0" not in form.fields
    desk.post(page, {"mapping": "Город = city", "create_missing_tags": "on", "for_real": "1"})
    run(done.pk)
    assert Client.objects.filter(attributes={"city": "Омск"}).count() == 2000


def test_a_file_of_no_use_is_refused_in_russian(desk):
    answer = desk.post(ADD, {"file": SimpleUploadedFile("a.csv", b"phone\n")})
    assert answer.context["form"].errors["file"] == ["В файле есть заголовок и нет строк."]
    assert "file" in desk.post(ADD, {}).context["form"].errors
    assert not ClientImport.objects.exists()


def test_a_viewer_hands_nothing_in(enter, hand_in):
    done, page = hand_in()
    viewer = enter("viewer", "en")
    assert viewer.get(ADD).status_code == 403
    assert viewer.post(page, COLUMNS)["Location"] == page
    assert viewer.post(page.replace("change", "repeat")).status_code == 403
    done.refresh_from_db()
    assert done.state == ImportState.WAITING and not ImportRow.objects.exists()
