import pytest

from soroka.domain.opt_out_words import ALWAYS, opt_out_word

WORDS = [*ALWAYS, "ещё чего", "Unsubscribe", "", "!"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("СТОП", "СТОП"), ("стоп", "СТОП"), (" «Стоп!!!» ", "СТОП"), ("С Т О П", "СТОП"), ("с.т.о.п.", "СТОП"),
        ("CTOП", "СТОП"), ("СТОП больше не пишите", "СТОП"), ("СТ\u200bОП", "СТОП"), ("ＳＴＯＰ", "STOP"),
        ("stop", "STOP"), ("Stop.", "STOP"), ("STOP\n", "STOP"), ("SТОР", "STOP"), ("🛑stop🛑", "STOP"),
        ("Еще чего", "ещё чего"), ("еще-чего!", "ещё чего"), ("Еще\u0308 чего?", "ещё чего"),
        ("unsubscribe me", "Unsubscribe"),
    ],
)  # fmt: skip
def test_it_knows_the_words_however_they_are_typed(text, word):
    assert opt_out_word(text, WORDS) == word


@pytest.mark.parametrize(
    "text",
    ["", " ", "!", "Спасибо", "не стоп", "СТОПка", "stopped", "стопстоп", "ещё", "чего ещё", "💥", "\x00", "STО"],
)
def test_other_words_are_none_of_them(text):
    assert opt_out_word(text, WORDS) is None
