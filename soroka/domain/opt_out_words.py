"""Whether a reply asks to be left alone."""

import re
import unicodedata
from collections.abc import Iterable

#: They count whatever an installation adds to them.
ALWAYS = ("СТОП", "STOP")
_NOT_A_LETTER = re.compile(r"[\W_]+")
#: Latin letters that look like Cyrillic ones, which who types on a phone mixes; and ё, which is written as е as well.
_ALIKE = str.maketrans("abcehkmoptxyё", "авсенкмортхуе")


def opt_out_word(text: str, words: Iterable[str]) -> str | None:
    """The word that a reply is, or begins with, as ``words`` writes it; None where it is none of them.

    Case, punctuation, spaces and what looks alike do not count.
    """
    said = _plain(text)
    return next((word for word in words if _says(said, _plain(word))), None)


def _says(said: str, word: str) -> bool:
    if not word:
        return False
    return f"{said} ".startswith(f"{word} ") or said.replace(" ", "") == word.replace(" ", "")


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_ALIKE)
    return _NOT_A_LETTER.sub(" ", folded).strip()
