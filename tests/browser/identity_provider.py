"""A real OpenID provider, of npm, before which people log in by clicks."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from soroka.embedded.ports import HOST, free_port

FOLDER = Path(__file__).with_name("openid")
_INSTALL = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]


def install() -> None:
    """Fetch what package-lock.json names, once. Skips where there is no npm, and fails in CI."""
    if not (shutil.which("node") and shutil.which("npm")):
        report = pytest.fail if os.environ.get("CI") else pytest.skip
        report("there is no node or no npm; on Debian: apt-get install nodejs npm")
    done, lock = FOLDER / "node_modules" / ".package-lock.json", FOLDER / "package-lock.json"
    if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(_INSTALL, cwd=FOLDER, check=True, timeout=600, stdin=subprocess.DEVNULL)


class IdentityProvider:
    """Begins where it is started; knows nobody until ``people`` is called. callback: where it sends people back to."""

    def __init__(self, callback: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="soroka-openid-"))
        self._people, self._callback, self._port = self._folder / "people.json", callback, free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.issuer = f"http://{HOST}:{self._port}"
        self.people()

    @property
    def env(self) -> dict[str, str]:
        """What the service has to be told."""
        return {
            "OIDC_ISSUER": self.issuer, "OIDC_CLIENT_ID": "soroka", "OIDC_CLIENT_SECRET": "a secret of the tests",
            "OIDC_NAME": "Rookery", "OIDC_ROLES": "staff:viewer,senders:operator,keepers:admin",
            "REQUIRE_TOTP": "all",  # of whoever comes by a password
        }  # fmt: skip

    def people(self, **claims: dict[str, Any]) -> None:
        """Know these from now on, by their logins."""
        self._people.write_text(json.dumps(claims))

    def start(self) -> None:
        """Run."""
        argv = ["node", "provider.mjs", str(self._port), self._callback, str(self._people)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(argv, cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def answers(self) -> bool:
        """Whether it can be asked."""
        assert self._process and self._process.poll() is None, (self._folder / "log").read_text()
        try:
            return httpx.get(f"{self.issuer}/.well-known/openid-configuration", timeout=5).is_success
        except httpx.TransportError:
            return False

    def freeze(self) -> None:
        """Take connections, and say nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Be gone."""
        self._process.kill()
        self._process.wait(10)

    def remove(self) -> None:
        """Be gone for good."""
        if self._process and self._process.poll() is None:
            self.stop()
        shutil.rmtree(self._folder)
