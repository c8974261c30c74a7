"""What a file says of being written to: opt-outs and consents, once however often it is handed in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from soroka.consent.verify import head, verify
from soroka.imports import acts
from soroka.imports.position import Left
from soroka.imports.run import run
from soroka.models import Client, ClientImport, Consent, ConsentSeal, ImportRow, Message, Suppression

ONE, TWO, THREE = 79161234567, 79161234568, 79161234569


@pytest.fixture
def hand_in(api):
    def post(content: str, query: str = "", name: str = "clients.csv", take=run) -> tuple:
        answer = api.post(f"/clients/imports{query}", {"file": SimpleUploadedFile(name, content.encode())})
        assert answer.status_code == 202, answer.content
        take(answer.json()["id"])
        report = api.get(f"/clients/imports/{answer.json()['id']}").json()
        return tuple(report[name] for name in ("state", "added", "changed", "unchanged", "refused"))

    return post


def ledger() -> list[tuple]:
    return list(Consent.objects.order_by("id").values_list("act", "channel", "text__source", "text__wording"))


def opted_out() -> set[int]:
    return set(Client.objects.filter(opted_out=True).values_list("phone", flat=True))


def test_it_opts_out_whom_a_file_says_and_withdraws_what_was_not_offered(api, hand_in, make_mailing):
    hand_in(f"phone\n{ONE}\n{TWO}\n")
    make_mailing()
    content = f"телефон;отказ\n{ONE};Да\n{TWO};\n{THREE};1\n"
    assert hand_in(content) == ("finished", 1, 1, 1, 0)
    assert opted_out() == {ONE, THREE}
    assert Suppression.objects.count() == 2
    assert set(Message.objects.filter(reason=5).values_list("phone", flat=True)) == {ONE}
    assert ledger() == [("opt_out", "import", "clients.csv", "")] * 2
    assert set(Consent.objects.values_list("recorded_by", flat=True)) == {"operator"}
    assert hand_in(content) == ("finished", 0, 0, 3, 0)
    assert Consent.objects.count() == 2
    assert not ImportRow.objects.exists()


def test_who_has_nothing_queued_is_opted_out_with_others_under_one_seal(hand_in, make_mailing):
    hand_in(f"phone\n{ONE}\n")
    make_mailing()
    rows = "".join(f"{phone},yes\n" for phone in range(ONE, ONE + 50))
    assert hand_in(f"phone,opted_out\n{rows}") == ("finished", 49, 1, 0, 0)
    assert (len(opted_out()), Suppression.objects.count(), Consent.objects.count()) == (50, 50, 50)
    assert list(ConsentSeal.objects.values_list("rows", flat=True)) == [49, 1]
    assert Message.objects.get().reason == 5


def test_no_and_an_empty_cell_change_nothing_and_other_words_refuse_the_row(hand_in):
    hand_in(f"phone,opted_out\n{ONE},true\n")
    assert hand_in(f"phone,opted_out\n{ONE},no\n{TWO},maybe\n{THREE},\n") == ("finished", 1, 0, 1, 1)
    assert opted_out() == {ONE}
    assert Consent.objects.count() == 1


def test_consents_are_recorded_once_under_few_seals(hand_in):
    content = f'phone,name,consent\n{ONE},Anna,"I agree\nto all."\n{TWO},,Я согласен\n{THREE},,\n'
    assert hand_in(content) == ("finished", 3, 0, 0, 0)
    assert ledger() == [
        ("opt_in", "import", "clients.csv", "I agree\nto all."),
        ("opt_in", "import", "clients.csv", "Я согласен"),
    ]
    assert ConsentSeal.objects.count() == 1
    assert hand_in(content) == ("finished", 0, 0, 3, 0)
    assert Consent.objects.count() == 2
    assert hand_in(f"phone,consent\n{TWO},Другое\n") == ("finished", 0, 1, 0, 0)
    assert list(verify(head())) == [2]


def test_a_consent_opts_in_only_where_the_row_says_so_and_not_once_more(api, hand_in):
    hand_in(f"phone,opted_out\n{ONE},yes\n")
    assert hand_in(f"phone,consent\n{ONE},Yes\n") == ("finished", 0, 0, 1, 0)
    assert opted_out() == {ONE}
    content = f"phone,consent,opted_out\n{ONE},Yes,no\n"
    assert hand_in(content) == ("finished", 0, 1, 0, 0)
    assert (opted_out(), Suppression.objects.count()) == (set(), 0)
    api.post(f"/clients/{Client.objects.get().pk}/opt-out")
    assert hand_in(content) == ("finished", 0, 0, 1, 0)
    assert opted_out() == {ONE}
    assert [act for act, *_ in ledger()] == ["opt_out", "opt_in", "opt_out"]


def test_a_row_that_says_both_is_refused_and_so_is_what_is_too_long(hand_in):
    content = f"phone,consent,opted_out\n{ONE},Yes,yes\n{TWO},{'x' * 5001},\n{THREE},{'x' * 5000},\n"
    assert hand_in(content) == ("finished", 1, 0, 0, 2)


def test_a_dry_run_foresees_it_and_writes_nothing(hand_in):
    hand_in(f"phone,opted_out\n{ONE},yes\n{TWO},\n")
    content = f"phone,opted_out,consent\n{ONE},yes,\n{TWO},yes,\n{THREE},,Yes\n"
    assert hand_in(content, "?dry_run=true") == ("finished", 1, 1, 1, 0)
    assert (opted_out(), Consent.objects.count(), ImportRow.objects.count()) == ({ONE}, 1, 0)
    assert hand_in(content) == ("finished", 1, 1, 1, 0)


def test_it_goes_on_where_it_was_killed(hand_in, monkeypatch):
    calls = iter(range(3))
    monkeypatch.setattr(acts, "opt_out_idle", lambda phones, origin: set())

    def opt_out_once(*args):
        if next(calls):
            raise Left
        return untouched(*args)

    def killed(import_id):
        with monkeypatch.context() as patch:
            patch.setattr(acts, "opt_out_phone", opt_out_once)
            run(import_id)
        assert len(opted_out()) == 1
        assert ClientImport.objects.get().state == "running"
        run(import_id)

    untouched = acts.opt_out_phone
    assert hand_in(f"phone,opted_out\n{ONE},yes\n{TWO},yes\n{THREE},yes\n", take=killed) == ("finished", 3, 0, 0, 0)
    assert opted_out() == {ONE, TWO, THREE}
    assert Consent.objects.count() == 3
