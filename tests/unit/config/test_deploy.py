"""What Django's own list for the internet finds wrong, and what a browser is told."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
BEHIND_A_PROXY = {
    "SECRET_KEY": "a-key-of-the-tests-that-is-long-enough-for-the-list-of-django",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "HTTPS_ONLY": "true",
    "BEHIND_PROXY": "true",
}


def test_nothing_is_wrong_with_it_behind_a_proxy_with_https():
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level=WARNING"], cwd=ROOT, timeout=120,
        env={"PATH": os.environ["PATH"], **BEHIND_A_PROXY}, capture_output=True, text=True,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr
