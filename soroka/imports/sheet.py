"""A workbook as CSV: read by a process of its own, for whom memory and time are limited."""

import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NoReturn, TextIO, cast

from soroka.imports.unreadable import UnreadableFile
from soroka.imports.workbook import MOST_SECONDS

#: Seconds for a process that has written everything to end.
_ENDS_WITHIN = 10
_LONGEST_SENTENCE = 300


@contextmanager
def opened_sheet(file: io.RawIOBase, seconds: int = MOST_SECONDS) -> Iterator[tuple[TextIO, int]]:
    """The text of a workbook's first sheet, CSV with commas, and how many rows it has.

    seconds: of CPU time that it may take.  Raises UnreadableFile where it is none, or larger than
    ``soroka.imports.workbook`` allows.
    """
    with tempfile.TemporaryFile() as copy, tempfile.TemporaryFile() as said:
        shutil.copyfileobj(file, copy)
        copy.seek(0)
        argv = [sys.executable, "-m", "soroka.imports.workbook", str(seconds)]
        with subprocess.Popen(argv, stdin=copy, stdout=subprocess.PIPE, stderr=said) as child:
            try:
                text = io.TextIOWrapper(cast(IO[bytes], child.stdout), encoding="utf-8", newline="")
                height = text.readline()
                yield text, int(height) if height else _refuse(child, said)
                if child.wait(_ENDS_WITHIN):
                    _refuse(child, said)
            finally:
                child.kill()


def _refuse(child: "subprocess.Popen[bytes]", said: IO[bytes]) -> NoReturn:
    """Say why the process has ended early: what it said itself, or, where it could not, what must have been."""
    sentence = ""
    if child.wait(_ENDS_WITHIN) == 1:
        said.seek(0)
        sentence = said.read(_LONGEST_SENTENCE).decode(errors="replace").strip()
    if not sentence or sentence.startswith("Traceback"):
        sentence = "The workbook needs more memory or time than there is for one. Save it as CSV."
    raise UnreadableFile(sentence)
