"""A Valkey of a test's own, which may be killed, stopped and emptied."""

import subprocess
import tempfile
import time
from pathlib import Path

from soroka.embedded.valkey import embedded_valkey


class OwnValkey:
    """It keeps its data over ``kill`` and ``start``."""

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="soroka-valkey-")
        self._store = embedded_valkey(Path(self._home.name))
        self.url = self._store.url
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        program = self._store.program
        self.process = subprocess.Popen(program.argv, stdout=subprocess.DEVNULL, **program.options())
        deadline = time.monotonic() + 20
        while not self._store.is_ready():
            assert self.process.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(10)

    def remove(self) -> None:
        """End it for good."""
        self.kill()
        self._home.cleanup()
