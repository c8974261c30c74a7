"""The same files as Prometheus's own tool judges them, where it is installed: `.ci/run` gets it."""

import shutil
import subprocess

import pytest

from tests.unit.metrics.test_monitoring import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")


def promtool(*words):
    done = subprocess.run(
        ["promtool", *words], cwd=ROOT / "deploy/monitoring", capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_takes_the_rules():
    promtool("check", "rules", "soroka.rules.yml")


def test_rules_fire_when_they_should_and_not_when_they_should_not():
    promtool("test", "rules", "soroka.rules.test.yml")
