"""Somebody who follows a page at a prompt in the checkout, with a stack that runs there."""

import doctest
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from soroka.embedded.binaries import client_folders
from soroka.embedded.ports import free_port
from tests.acceptance import standins
from tests.acceptance.installation import ROOT, Installation
from tests.acceptance.processes import descendants, left
from tests.documentation import SHELL, Block

#: What a checkout has, for those who only use it; it is copied, for pages write into it.
COPIED = (
    "bin",
    "deploy",
    "samples",
    "Makefile",
    "docker-compose.yml",
    ".env.example",
    "requirements.txt",
    "requirements-dev.txt",
)
#: Commands that stay until they are ended: the reader has another terminal for them.
STAYS = {"soroka up"}
#: Seconds that a page may take, and the end of what was started in other terminals.
LONGEST, LEFT_WITHIN = 300, 30
OUTPUT_OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
#: Every block prints into a file of its own. `stay` returns when the program is ready; another data folder has other
#: ports.
PROLOGUE = """
set -euo pipefail
begin() {{ exec > "{notes}/$1"; echo "$1" > "{notes}/at"; }}
stay() {{
    if [ "$SOROKA_HOME" != "{home}" ]; then export PORT={port} FLOWER_PORT={flower_port}; fi
    setsid "$@" > "{notes}/stays" 2>&1 & echo $! >> "{notes}/pids"
    for _ in $(seq 1800); do ! grep -q 'ready in' "{notes}/stays" || return 0; sleep 0.1; done
    cat "{notes}/stays" >&2; return 1
}}
"""


class Reader:
    """stack: to be started in the checkout.  folder: an empty one.  stands_for: what is written -> what it means."""

    def __init__(self, stack: Installation, folder: Path, stands_for: dict[str, str]) -> None:
        self.stack, self.checkout, self._notes = stack, folder / "checkout", folder / "notes"
        self.stands_for = stands_for
        home, programs = folder / "home", folder / "programs"
        for made in (self.checkout, self._notes, home, programs):
            made.mkdir()
        self._check_out()
        # What the service refuses is a failure of the page.
        (home / ".curlrc").write_text("fail-with-body\nmax-time = 60\n")
        for name in standins.PROGRAMS:
            (programs / name).write_text(f'#!/bin/sh\nexec {sys.executable} {standins.__file__} {name} "$@"\n')
            (programs / name).chmod(0o755)
        postgres = ":".join(map(str, client_folders()))
        self.env = stack.env | {
            "HOME": str(home),
            "PATH": f"{programs}:{self.checkout}/bin:{postgres}:{os.defpath}",
            "LC_ALL": "C.UTF-8",
        }

    def follow(self, blocks: Iterable[Block]) -> None:
        """Run all of them in one shell, in order; each section begins in the checkout. Fails where one of them does."""
        shown = [block for block in blocks if block.language == SHELL or block.is_output]
        bash = subprocess.Popen(
            ["bash", "-c", self._script(shown)], cwd=self.checkout, env=self.env, start_new_session=True,
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            _, complaints = bash.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            os.killpg(bash.pid, signal.SIGKILL)
            _, complaints = bash.communicate()
        if bash.returncode:
            at = int((self._notes / "at").read_text())
            pytest.fail(f"{shown[at].place}: exit code {bash.returncode}\n{shown[at].text}{self._said(at)}{complaints}")
        for number, block in enumerate(shown):
            if block.is_output:
                said = self._said(number - 1)
                as_shown = doctest.OutputChecker().check_output(block.text, said, OUTPUT_OPTIONS)
                assert as_shown, f"{block.place}: it printed\n{said}"

    def leave(self) -> None:
        """End what was started in other terminals."""
        pids = self._notes / "pids"
        for pid in map(int, pids.read_text().split() if pids.exists() else ()):
            before = descendants(pid)
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + LEFT_WITHIN
            while remains := left(before):
                assert time.monotonic() < deadline, remains
                time.sleep(0.05)

    def _check_out(self) -> None:
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, self.checkout / name, ignore=shutil.ignore_patterns("secrets", ".env"))
            else:
                shutil.copy(ROOT / name, self.checkout)
                os.utime(self.checkout / name, (0, 0))  # what is installed is not installed again
        (self.checkout / "soroka").symlink_to(ROOT / "soroka")
        (self.checkout / ".venv").symlink_to(sys.prefix)
        (self.checkout / "var").symlink_to(self.stack.home)

    def _script(self, shown: list[Block]) -> str:
        script = PROLOGUE.format(notes=self._notes, home=self.stack.home, port=free_port(), flower_port=free_port())
        section = None
        for number, block in enumerate(shown):
            if not block.is_output:
                enter = f"cd '{self.checkout}'\n" if (block.page, block.section) != section else ""
                script += f"begin {number}\n{enter}{self._meant(block.text)}"
                section = block.page, block.section
        return script

    def _meant(self, text: str) -> str:
        for written, meant in self.stands_for.items():
            text = text.replace(written, meant)
        if any(text.startswith(beginning) for beginning in standins.ELSEWHERE):
            return ""
        return f"stay {text}" if text.strip() in STAYS else text

    def _said(self, number: int) -> str:
        return (self._notes / str(number)).read_text()
