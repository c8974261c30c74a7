"""A hostile gateway: ``soroka simulate-gateway`` as a process of its own, steered and read from outside."""

import asyncio
import json
import urllib.request
from pathlib import Path
from typing import Any

from soroka.embedded.child import Child
from soroka.embedded.ports import HOST
from soroka.embedded.readiness import answers
from soroka.prove.record import Call, RecordReader
from soroka.prove.waiting import until

SECRET = "what the tokens of the proof are signed with"  # noqa: S105 (of a throw-away gateway)
WELL: dict[str, Any] = {"latency": 0, "jitter": 0, "fault": {}, "retry_after": 0, "retry_after_date": False}


class Simulator:
    """One simulated gateway. Its record outlives its restarts."""

    def __init__(self, child: Child, port: int, record: Path) -> None:
        self.url = f"http://{HOST}:{port}"
        self.port = port
        self._child = child
        self._record = RecordReader(record)

    async def start(self) -> None:
        """Start it, for the first time or again; it is well then."""
        await self._child.start()
        is_ready = answers(self.port, "/livez")
        await until(lambda: asyncio.to_thread(is_ready), 20, "the simulated gateway answers")

    async def stop(self) -> None:
        """Refuse connections until it is started again."""
        await self._child.stop()

    async def behave(self, **wish: Any) -> None:
        """Be well, but for what is wished: see ``soroka.gateways.simulator.behaviour``."""
        await asyncio.to_thread(self._post, json.dumps(WELL | wish).encode())

    def calls(self) -> list[Call]:
        """Every call until now."""
        return self._record.calls()

    def news(self) -> list[Call]:
        """The calls since the last look, for a record too long to be kept; then ``calls`` does not know them."""
        return self._record.news()

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._child.pid

    def _post(self, body: bytes) -> None:
        with urllib.request.urlopen(self.url + "/behaviour", body, timeout=10) as answer:  # noqa: S310 (our own)
            answer.read()
