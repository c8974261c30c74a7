"""How many SMS a text costs: GSM 03.38 where every character is in its alphabet, UCS-2 otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, islice

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = "\f^{}\\[~]|€"  # two septets each
#: UTF-16 needs a surrogate pair for what comes after it.
_LAST_OF_ONE_UNIT = "\uffff"
#: A text in another alphabet is of nothing else: all of its letters would tell no more.
MOST_FORCING = 10
#: Units of a segment that is alone, and of each in a series.
_ROOM = {"GSM-7": (160, 153), "UCS-2": (70, 67)}
_SEPTETS = dict(chain(((character, 1) for character in _BASIC), ((character, 2) for character in _ESCAPED)))


@dataclass(frozen=True, slots=True)
class Segments:
    """encoding: ``GSM-7`` or ``UCS-2``.  units: septets or 16-bit units used.  segments: SMS that are paid for.

    forced_by: the first ``MOST_FORCING`` different characters that force UCS-2; none where nothing does.
    """

    encoding: str
    units: int
    segments: int
    forced_by: tuple[str, ...] = ()

    @property
    def room(self) -> int:
        """The units that so many segments have room for."""
        alone, in_series = _ROOM[self.encoding]
        return alone if self.segments == 1 else in_series * self.segments


def segments(text: str) -> Segments:
    """The price of a text in SMS. Where one is not enough, each loses a few units to the header of a series."""
    forced_by = tuple(islice(dict.fromkeys(each for each in text if each not in _SEPTETS), MOST_FORCING))
    if not forced_by:
        return _count("GSM-7", [_SEPTETS[character] for character in text])
    return _count("UCS-2", [2 if character > _LAST_OF_ONE_UNIT else 1 for character in text], forced_by)


def _count(encoding: str, sizes: list[int], forced_by: tuple[str, ...] = ()) -> Segments:
    units = sum(sizes)
    alone, in_series = _ROOM[encoding]
    return Segments(encoding, units, 1 if units <= alone else _series(sizes, in_series), forced_by)


def _series(sizes: Iterable[int], room: int) -> int:
    """Segments of a series; neither an escaped character nor a surrogate pair is cut in two."""
    number, left = 1, room
    for size in sizes:
        if size > left:
            number, left = number + 1, room
        left -= size
    return number
