"""Files of clients are handed in on the desk."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from soroka.imports import upsert
from soroka.models import Client, ClientImport, Tag
from tests.admin.pages import seen

ADD = "/admin/soroka/clientimport/add/"


@pytest.fixture
def desk(enter):
    return enter("operator", "ru")


def file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("clients.csv", text.encode(), "text/csv")


def test_a_file_is_staged_and_its_page_follows_it(desk):
    rows = "phone,tags,name\n+79161234567,vip;new,Анна\n12,,\n"
    answer = desk.post(ADD, {"file": file(rows), "create_missing_tags": "on"})
    done = ClientImport.objects.get()
    assert answer["Location"] == f"/admin/soroka/clientimport/{done.pk}/change/"
    assert "hx-get" in desk.get(answer["Location"]).content.decode()
    upsert.run(done.pk)
    page = desk.get(answer["Location"])
    assert "every 1s" not in page.content.decode()
    assert any(text.startswith("Номер телефона слишком короткий") for text in seen(page))
    assert Client.objects.get().attributes == {"name": "Анна"}
    assert set(Tag.objects.values_list("name", flat=True)) == {"vip", "new"}


def test_unknown_tags_may_be_refused(desk):
    desk.post(ADD, {"file": file("phone,tags\n+79161234567,vip\n")})
    assert ClientImport.objects.get().refused == 1
    assert not Tag.objects.exists()


def test_a_file_of_no_use_is_refused_in_russian(desk):
    answer = desk.post(ADD, {"file": file("a,b\n1,2\n")})
    assert answer.context["form"].errors["file"] == ["Первая строка должна называть столбцы, и один из них: phone."]
    assert not ClientImport.objects.exists()


def test_a_missing_file_is_asked_for(desk):
    assert "file" in desk.post(ADD, {}).context["form"].errors
