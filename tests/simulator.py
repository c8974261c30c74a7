"""The simulated gateway in a process of its own."""

import json
import signal
import subprocess
import sys
import urllib.request
from typing import Any


class Simulator:
    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "soroka.gateways.simulator", "--port", "0", *options],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.url = next(word for word in line.split() if word.startswith("http")).rstrip(".,")

    def record(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/record", timeout=10) as answer:
            summary: dict[str, Any] = json.load(answer)
        return summary

    def times(self) -> list[float]:
        """When each call came, by the gateway's clock."""
        with urllib.request.urlopen(f"{self.url}/record?calls=1", timeout=10) as answer:
            return [json.loads(line)["at"] for line in answer]

    def behave(self, **behaviour: Any) -> None:
        body = json.dumps(behaviour).encode()
        request = urllib.request.Request(f"{self.url}/behaviour", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
