"""The output of each program, in a file of its own."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

TAIL_BYTES = 8_000
#: A log is at most this long, and so is what is kept of it.
LONGEST = 20_000_000


def open_log(folder: Path, name: str) -> Path:
    """The path of the program's log; what an earlier start left there is kept as ``<name>.log.1``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.log"
    with suppress(FileNotFoundError):
        path.rename(_kept(path))
    return path


def shorten(path: Path) -> None:
    """Begin a log anew where it has become too long; its program goes on appending. A few lines may be lost."""
    with suppress(FileNotFoundError):
        if path.stat().st_size > LONGEST:
            shutil.copyfile(path, _kept(path))
            os.truncate(path, 0)


def _kept(path: Path) -> Path:
    return path.with_suffix(".log.1")


def tail(path: Path, lines: int = 25) -> str:
    """The last lines of a log, indented, for a message to a person."""
    with suppress(OSError), path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        text = file.read().decode(errors="replace")
        return "\n".join("    " + line for line in text.splitlines()[-lines:])
    return ""
