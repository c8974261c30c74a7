"""Files of the log, read to their end and on."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from soroka.terminal.failure import Exit, Failure

STDIN = "-"
#: Programs of the embedded stack whose logs tell of mailings.
_PROGRAMS = ("web", "worker", "beat")
#: Seconds between two looks for more.
_LOOK = 0.3


def of_installation(folder: Path) -> list[str]:
    """The logs in the data folder of an installation, older ones first. Raises Failure."""
    names = [f"{program}.log{kept}" for kept in (".1", "") for program in _PROGRAMS]
    found = [str(folder / "log" / name) for name in names if (folder / "log" / name).exists()]
    if not found:
        raise Failure(f"there is no log in {folder / 'log'}: name one by --file.", Exit.NOT_FOUND, "not_found")
    return found


class File:
    """One file, which may be begun anew while it is read. Raises Failure where it cannot be opened."""

    def __init__(self, name: str) -> None:
        self._path = Path(name)
        try:
            self._file: IO[str] = sys.stdin if name == STDIN else self._path.open(errors="replace")
        except OSError as error:
            raise Failure(f"{name}: {error.strerror}", Exit.NOT_FOUND, "not_found") from error
        self._rest = ""

    def lines(self) -> Iterator[str]:
        """The whole lines that are there now and were not read yet."""
        if self._file is not sys.stdin and self._shortened():
            self._file.seek(0)
            self._rest = ""
        for text in self._file:
            if text.endswith("\n"):
                yield self._rest + text
                self._rest = ""
            else:
                self._rest += text

    def _shortened(self) -> bool:
        with suppress(OSError):
            return self._path.stat().st_size < self._file.tell()
        return False

    def last(self) -> str:
        """A last line that has no end."""
        return self._rest


def lines(names: Sequence[str]) -> Iterator[str]:
    """Everything that is in the files, one after another."""
    for file in map(File, names):
        yield from file.lines()
        yield file.last()


def more(names: Sequence[str]) -> Iterator[str]:
    """What is in the files and what comes, until Ctrl-C."""
    files = [File(name) for name in names]
    while True:
        for file in files:
            yield from file.lines()
        time.sleep(_LOOK)
