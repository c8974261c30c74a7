"""How many SMS a text costs: GSM 03.38 where every character is in its alphabet, UCS-2 otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = "\f^{}\\[~]|€"  # two septets each
#: UTF-16 needs a surrogate pair for what comes after it.
_LAST_OF_ONE_UNIT = "\uffff"
_SEPTETS = dict(chain(((character, 1) for character in _BASIC), ((character, 2) for character in _ESCAPED)))


@dataclass(frozen=True, slots=True)
class Segments:
    """encoding: ``GSM-7`` or ``UCS-2``.  units: septets or 16-bit units used.  segments: SMS that are paid for."""

    encoding: str
    units: int
    segments: int


def segments(text: str) -> Segments:
    """The price of a text in SMS. Where one is not enough, each loses a few units to the header of a series."""
    if all(character in _SEPTETS for character in text):
        return _count("GSM-7", [_SEPTETS[character] for character in text], alone=160, in_series=153)
    return _count("UCS-2", [2 if character > _LAST_OF_ONE_UNIT else 1 for character in text], alone=70, in_series=67)


def _count(encoding: str, sizes: list[int], *, alone: int, in_series: int) -> Segments:
    units = sum(sizes)
    return Segments(encoding, units, 1 if units <= alone else _series(sizes, in_series))


def _series(sizes: Iterable[int], room: int) -> int:
    """Segments of a series; neither an escaped character nor a surrogate pair is cut in two."""
    number, left = 1, room
    for size in sizes:
        if size > left:
            number, left = number + 1, room
        left -= size
    return number
