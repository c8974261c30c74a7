"""The stub gateway as the benchmark sees it. It must be cheaper than the client, or every figure is the stub's."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import orjson

from soroka.bench.errors import BenchError
from soroka.bench.processes import cpu_of_tree
from soroka.bench.scratch import Scratch

_TIMEOUT = 10
_CONNECTIONS = 64
_SCRIPT = """
wrk.method = "POST"
wrk.body = '{"id": 1, "phone": 79161234567, "text": "x"}'
wrk.headers["Authorization"] = "Bearer scratch"
"""


class Stub:
    """The simulated gateway of the scratch stack."""

    def __init__(self, scratch: Scratch) -> None:
        self._url = scratch.gateway_url
        self._pid = scratch.gateway_pid
        self._home = scratch.home

    def calls(self) -> int:
        """How many calls it has accepted so far."""
        with urlopen(f"{self._url}/record", timeout=_TIMEOUT) as answer:  # noqa: S310 (our own address)
            accepted: int = orjson.loads(answer.read())["accepted"]
        return accepted

    def cpu(self) -> float:
        """CPU seconds that it has used so far."""
        return cpu_of_tree(self._pid)

    @contextmanager
    def latency(self, seconds: float) -> Iterator[None]:
        """Let every answer take so long."""
        self._behave({"latency": seconds})
        try:
            yield
        finally:
            self._behave({"latency": 0})

    def rate_under_wrk(self, seconds: int) -> tuple[float, float] | None:
        """Calls a second that wrk makes of it with one thread, and its CPU seconds a call; None without wrk."""
        if shutil.which("wrk") is None:
            return None
        script = self._home / "wrk.lua"
        script.write_text(_SCRIPT)
        calls, cpu = self.calls(), self.cpu()
        rate = _wrk(self._url + "/v1/send/1", script, seconds)
        return rate, (self.cpu() - cpu) / (self.calls() - calls)

    def _behave(self, behaviour: dict[str, float]) -> None:
        with urlopen(Request(f"{self._url}/behaviour", orjson.dumps(behaviour)), timeout=_TIMEOUT):  # noqa: S310
            pass


def _wrk(url: str, script: Path, seconds: int) -> float:
    command = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "-s", str(script), url]
    output = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 60).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if not found or "Non-2xx" in output:
        raise BenchError(f"wrk could not call the stub gateway:\n{output}")
    return float(found[1])
