"""What is typed into the form of a new mailing is kept as a draft."""

import pytest

from soroka.models import Draft, Mailing
from tests.admin.conftest import start_mailing, tomorrow
from tests.admin.pages import seen

ADD = "/admin/soroka/mailing/add/"
LIST = "/admin/soroka/mailing/"
BLANK = {"match": "any", "local_time": "on", "gateway": "default", "window_days": [str(day) for day in range(1, 8)]}


@pytest.fixture
def desk(enter, gateway):
    return enter("operator", "en")


def save(browser, form, draft=None, **more):
    """What the page does once something has changed."""
    seen_last = {"draft": draft.pk, "draft_version": draft.version} if draft else {}
    return browser.post(f"{ADD}?part=draft", form | seen_last | more)


def latest() -> Draft:
    return Draft.objects.latest("pk")


def test_it_is_saved_as_typed_right_or_wrong_and_gone_on_with(desk, vip):
    form = BLANK | {"text": "Dear {{ name", "tags": [vip.pk], "ends_at": "2001-01-01T10:00", "operator_codes": "91"}
    del form["local_time"]
    answer = save(desk, form)
    draft = latest()
    assert any(text.startswith("Draft saved") for text in seen(answer))
    assert answer["HX-Replace-Url"] == f"{ADD}?draft={draft.pk}"
    page = desk.get(answer["HX-Replace-Url"])
    fields = page.context["form"]
    assert {name: fields[name].value() for name in ("text", "ends_at", "operator_codes")} == {
        "text": "Dear {{ name", "ends_at": "2001-01-01T10:00", "operator_codes": "91",
    }  # fmt: skip
    assert (fields["local_time"].value(), fields["tags"].value()) == (False, [str(vip.pk)])
    assert not fields.errors and "vip" in page.content.decode()


def test_there_is_none_of_a_form_that_nobody_touched(desk):
    assert save(desk, BLANK).status_code == 204
    assert not Draft.objects.exists()


def test_saving_again_changes_the_same_draft(desk):
    save(desk, BLANK | {"text": "One"})
    save(desk, BLANK | {"text": "Two"}, latest())
    draft = Draft.objects.get()
    assert (draft.values["text"], draft.version, draft.name) == (["Two"], 2, "Two")
    save(desk, BLANK | {"text": "Two"}, draft)
    assert latest().version == 2  # nothing has changed


def test_two_windows_do_not_overwrite_each_other_silently(desk):
    save(desk, BLANK | {"text": "One"})
    seen_by_both = latest()
    save(desk, BLANK | {"text": "Mine"}, seen_by_both)
    answer = save(desk, BLANK | {"text": "Yours"}, seen_by_both)
    assert "Not saved: this draft was changed in another window." in seen(answer)
    assert Draft.objects.get().values["text"] == ["Mine"]
    save(desk, BLANK | {"text": "Yours"}, seen_by_both, as_new="1")
    assert {draft.name for draft in Draft.objects.all()} == {"Mine", "Yours"}


def test_a_draft_that_is_gone_does_not_come_back_by_itself(desk):
    save(desk, BLANK | {"text": "One"})
    draft = latest()
    assert desk.post(f"{LIST}drafts/{draft.pk}/delete/").status_code == 302
    assert "Keep this as another draft" in seen(save(desk, BLANK | {"text": "Two"}, draft))
    assert not Draft.objects.exists()
    assert any("no such draft" in text for text in seen(desk.get(f"{ADD}?draft={draft.pk}")))


def test_it_is_its_owners_alone(desk, enter):
    save(desk, BLANK | {"text": "A secret"})
    draft, admin = latest(), enter("admin", "en")
    assert "A secret" in seen(desk.get(LIST)) and "A secret" in seen(desk.get(ADD))
    for address in (LIST, ADD, f"{ADD}?draft={draft.pk}"):
        assert "A secret" not in admin.get(address).content.decode()
    admin.post(f"{LIST}drafts/{draft.pk}/delete/")
    save(admin, BLANK | {"text": "Mine"}, draft)
    assert Draft.objects.get().values["text"] == ["A secret"]
    viewer = enter("viewer", "en")
    assert save(viewer, BLANK | {"text": "x"}).status_code == 403
    assert viewer.post(f"{LIST}drafts/{draft.pk}/delete/").status_code == 403
    assert desk.get(f"{LIST}drafts/{draft.pk}/delete/").status_code == 405


def test_there_is_an_end_to_how_many_and_how_long(desk, monkeypatch):
    monkeypatch.setattr("soroka.admin.new_mailing_drafts.MOST", 2)
    for text in ("One", "Two", "Three"):
        answer = save(desk, BLANK | {"text": text})
    assert any("you have 2 drafts" in text for text in seen(answer))
    assert Draft.objects.count() == 2
    answer = save(desk, BLANK | {"text": "x" * 30_000}, latest())
    assert any("may not be so long" in text for text in seen(answer))
    assert latest().values["text"] == ["Two"]


def test_nonsense_is_no_fault_of_ours(desk):
    save(
        desk,
        BLANK
        | {"text": "a\0b", "tags": ["x", "9" * 40], "window_days": ["later"], "segment": "none", "starts_at": "soon"},
    )
    assert latest().values["text"] == ["ab"]
    assert desk.get(f"{ADD}?draft={latest().pk}").status_code == 200
    for draft in ("x", "-1", "9" * 40):
        answer = desk.post(f"{ADD}?part=draft", BLANK | {"text": "x", "draft": draft, "draft_version": draft})
        assert "Not saved" in " ".join(seen(answer))


def test_the_button_saves_it_without_a_script(desk):
    answer = desk.post(ADD, BLANK | {"text": "{{ broken", "_draft": ""}, follow=True)
    assert "The draft is saved." in seen(answer)
    assert answer.context["draft"].pk == latest().pk
    assert answer.context["form"]["text"].value() == "{{ broken"


def test_starting_the_mailing_removes_it(desk, make_clients):
    make_clients(1)
    form = BLANK | {"text": "Good day!", "everyone": "on", "ends_at": tomorrow(20), "local_time": ""}
    save(desk, form)
    draft = latest()
    save(desk, BLANK | {"text": "Another"})
    start_mailing(desk, form | {"draft": draft.pk, "draft_version": draft.version})
    assert Mailing.objects.count() == 1
    assert [draft.name for draft in Draft.objects.all()] == ["Another"]


def test_what_another_window_made_of_it_meanwhile_stays(desk, make_clients):
    make_clients(1)
    form = BLANK | {"text": "Good day!", "everyone": "on", "ends_at": tomorrow(20), "local_time": ""}
    save(desk, form)
    draft = latest()
    save(desk, form | {"text": "Better"}, draft)
    start_mailing(desk, form | {"draft": draft.pk, "draft_version": draft.version})
    assert Draft.objects.get().name == "Better"


def test_what_was_being_saved_when_the_page_was_left_goes_as_well(desk, make_clients):
    make_clients(1)
    form = BLANK | {"text": "Good day!", "everyone": "on", "ends_at": tomorrow(20), "local_time": ""}
    save(desk, form)  # its answer came to nobody
    start_mailing(desk, form)
    assert not Draft.objects.exists()
