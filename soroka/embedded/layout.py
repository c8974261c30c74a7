"""Where an installation keeps its data and which ports it takes, read from the environment."""

import os
from dataclasses import dataclass
from pathlib import Path

from soroka.embedded.errors import StackError


@dataclass(frozen=True, slots=True)
class Layout:
    """home: data folder, absolute.  pumps: how many may send at once."""

    home: Path
    port: int
    flower_port: int
    pumps: int

    @property
    def logs(self) -> Path:
        """The folder of the programs' output."""
        return self.home / "log"


def read_layout() -> Layout:
    """SOROKA_HOME, PORT, FLOWER_PORT and SOROKA_PUMPS, or their defaults. Raises StackError for a bad number."""
    return Layout(
        home=data_folder(),
        port=_number("PORT", 8000, 65535),
        flower_port=_number("FLOWER_PORT", 5555, 65535),
        pumps=_number("SOROKA_PUMPS", 2, 64),
    )


def data_folder() -> Path:
    """The folder that SOROKA_HOME names, absolute; ``var`` where it names none."""
    return Path(os.environ.get("SOROKA_HOME") or "var").resolve()


def is_given(variable: str) -> bool:
    """Whether the environment names ``variable``, itself or as a file that holds it."""
    return bool(os.environ.get(variable) or os.environ.get(f"{variable}_FILE"))


def _number(variable: str, default: int, highest: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or not 0 < int(text) <= highest:
        raise StackError(f"{variable} must be a whole number from 1 to {highest}, not {text!r}")
    return int(text)
