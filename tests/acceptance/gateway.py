"""A simulated gateway that outlives the stack that calls it, and its record."""

import json
import os
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jwt

from soroka.embedded.ports import HOST, free_port

SECRET = "what the tokens of the acceptance tests are signed with"


class SimulatedGateway:
    """A running ``soroka simulate-gateway``. options: more of its command line."""

    def __init__(self, *options: str) -> None:
        self.url = f"http://{HOST}:{free_port()}"
        self.token = jwt.encode({"sub": "soroka"}, SECRET, "HS256")
        self.env = {"GATEWAY_URL": self.url, "GATEWAY_TOKEN": self.token}
        self._options = options
        self.start()

    def start(self) -> None:
        """Start it; again, if it was killed."""
        port = self.url.rpartition(":")[2]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "soroka", "simulate-gateway", f"--port={port}", *self._options],
            env={**os.environ, "SOROKA_SIMULATOR_SECRET": SECRET},
            stdout=subprocess.DEVNULL,
        )

    def answers(self) -> bool:
        """Whether it takes calls."""
        try:
            self._read("/livez")
        except OSError:
            return False
        return True

    def behave(self, **wish: Any) -> None:
        """Be well and quick, but for what is wished."""
        well = {"latency": 0, "jitter": 0, "fault": {}}
        self._read("/behaviour", json.dumps(well | wish).encode())

    def calls(self, ids: set[int]) -> list[dict[str, Any]]:
        """``{"at", "id", "answer", "accepted"}`` of every call for one of these messages, in order of arrival."""
        lines = self._read("/record?calls=1").splitlines()
        return [call for line in lines if (call := json.loads(line))["id"] in ids]

    def accepted(self, ids: set[int]) -> Counter[int]:
        """How often each of these messages was accepted."""
        return Counter(call["id"] for call in self.calls(ids) if call["accepted"])

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._process.kill()
        self._process.wait(5)

    def end(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(5)

    def _read(self, path: str, body: bytes | None = None) -> bytes:
        with urllib.request.urlopen(self.url + path, body, timeout=10) as answer:
            return answer.read()


@contextmanager
def simulated_gateways(number: int, eventually: Callable[..., Any]) -> Iterator[list[SimulatedGateway]]:
    """So many that take calls, each with a record of its own. eventually: the fixture."""
    gateways = [SimulatedGateway() for _ in range(number)]
    try:
        for gateway in gateways:
            eventually(gateway.answers, within=60)
        yield gateways
    finally:
        for gateway in gateways:
            gateway.end()
