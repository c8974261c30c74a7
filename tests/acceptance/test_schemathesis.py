"""Everything that the schema allows and much that it forbids, sent to a running service by callers of every role."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from soroka.embedded.ports import HOST
from tests.acceptance.conftest import in_seconds
from tests.acceptance.installation import Installation

#: 180 on a quiet machine; on one that was busy 400 were too few.
SECONDS = 900
#: A phone, a zone, a tag or a gateway may look well and yet not exist, and a name may be taken: only the service knows.
UNDECIDABLE = "positive_data_acceptance"


@pytest.fixture(scope="module")
def service():
    """A stack of its own, for thousands of odd mailings are made; there is one of everything in it."""
    installation = Installation()
    try:
        installation.start_ready()
        with installation.api() as api:
            api.post("/tags", {"name": "vip"})
            api.post("/clients", {"phone": "79161234567", "tags": ["vip"]})
            api.post("/mailings", {"text": "…", "filter": {"tags": ["vip"]}, "ends_at": in_seconds(3600)})
        yield installation
    finally:
        installation.remove()


def make_key(service: Installation, role: str) -> str:
    """An API key, made by the command as an operator would call it."""
    environment = Path(f"/proc/{service.pid_of('celery', ' worker')}/environ").read_text()
    return subprocess.run(
        [sys.executable, "-m", "soroka", "manage", "create_api_key", f"{role}'s", f"--role={role}"],
        env=dict(variable.split("=", 1) for variable in environment.split("\0") if variable),
        cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=30, check=True,
    ).stdout.strip()  # fmt: skip


@pytest.mark.parametrize("role", ["nobody", "viewer", "operator", "admin"])
def test_the_service_keeps_to_its_schema_whatever_is_sent(service, tmp_path, role):
    credential = [] if role == "nobody" else ["--header", f"Authorization: Api-Key {make_key(service, role)}"]
    done = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "run", f"http://{HOST}:{service.port}/schema", *credential,
            "--checks=all", f"--exclude-checks={UNDECIDABLE}", "--generation-deterministic", "--max-examples=20",
            "--continue-on-failure", "--max-response-time=20", "--request-timeout=30", "--no-color",
        ],
        cwd=tmp_path, env=os.environ | {"NO_PROXY": "*"}, capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
