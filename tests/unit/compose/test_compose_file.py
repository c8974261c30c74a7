"""docker-compose.yml and its companions, as far as they can be judged without an engine."""

import os
import re
import shutil
import subprocess

import pytest
import yaml

from soroka.statistics import health
from tests.unit.compose.conftest import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(TEXT)["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "soroka"}
EXAMPLE = (ROOT / ".env.example").read_text()
SECRETS = {"SECRET_KEY", "GATEWAY_KEYS", "POSTGRES_PASSWORD", "SOROKA_ADMIN_PASSWORD", "FLOWER_BASIC_AUTH"}
MANDATORY = SECRETS | {"GATEWAY_URL", "GATEWAY_TOKEN"}


def given(pattern: str) -> dict[str, str]:
    """Names and values of the lines of .env.example that begin with ``pattern``."""
    return dict(re.findall(rf"^{pattern}([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))


def passed_on() -> set[str]:
    """Variables that reach a service only where .env has them."""
    environments = [service.get("environment", {}) for service in SERVICES.values()]
    return {name for environment in environments for name, value in environment.items() if value is None}


def test_it_demands_every_secret_and_the_gateway():
    assert set(re.findall(r"\$\{([A-Z_]+):\?\1 is not set", TEXT)) == MANDATORY
    assert set(re.findall(r"\$\{([A-Z_]+):\?", TEXT)) == MANDATORY


def test_the_example_holds_no_secret_and_everything_that_is_demanded():
    example = given("")
    assert {name for name, value in example.items() if not value} == SECRETS
    assert set(example) == MANDATORY | {"COMPOSE_PROFILES"}


def test_the_example_knows_every_option():
    assert set(given("#")) == passed_on() | set(re.findall(r"\$\{([A-Z_]+):-", TEXT))


def test_it_publishes_web_and_flower_alone_and_to_this_host():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {
        "web": ["${BIND_ADDRESS:-127.0.0.1}:${PORT:-8000}:8000"],
        "flower": ["${BIND_ADDRESS:-127.0.0.1}:${FLOWER_PORT:-5555}:5555"],
    }


def test_it_builds_one_image_once():
    assert [name for name, service in SERVICES.items() if "build" in service] == ["prepare"]
    assert set(SERVICES) - set(OURS) == {"db", "redis"}


def test_it_runs_the_image_as_a_numbered_user_without_privileges():
    user = re.search(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert user
    assert "0" not in user.groups()
    for service in OURS.values():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "user" not in service


def test_one_service_migrates_and_the_others_wait_for_it():
    assert [name for name, service in OURS.items() if service["command"] == ["prepare"]] == ["prepare"]
    for name in set(OURS) - {"prepare"}:
        assert OURS[name]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"prepare"}))
def test_everything_that_stays_is_checked_and_started_again(name):
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert SERVICES[name]["healthcheck"]["timeout"]


def test_what_is_only_told_to_some_is_kept_from_the_others():
    def told(variable):
        return {name for name, service in SERVICES.items() if variable in str(service.get("environment", {}))}

    assert told("GATEWAY_TOKEN") == {"web", "worker"}
    assert told("SOROKA_ADMIN_PASSWORD") == {"prepare"}
    assert told("FLOWER_BASIC_AUTH") == {"flower"}
    assert "flower" not in told("POSTGRES_PASSWORD") | told("${SECRET_KEY") | told("GATEWAY_KEYS")


def test_beat_is_checked_by_the_pulse_that_the_tick_leaves():
    assert f'exists("{health._PULSE}")' in SERVICES["beat"]["healthcheck"]["test"][-1]


def test_the_simulated_gateway_is_there_only_where_it_is_asked_for():
    assert {name for name, service in SERVICES.items() if "profiles" in service} == {"gateway"}
    assert OURS["gateway"]["profiles"] == [given("")["COMPOSE_PROFILES"]]


def test_the_entrypoint_knows_every_command():
    known = re.findall(r"^    ([a-z-]+)\)$", (ROOT / "entrypoint.sh").read_text(), re.MULTILINE)
    assert {service["command"][0] for service in OURS.values()} <= set(known)


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not installed")
class TestDockerCompose:
    def config(self, tmp_path, **env: str) -> subprocess.CompletedProcess[str]:
        shutil.copy(ROOT / "docker-compose.yml", tmp_path)
        return subprocess.run(
            ["docker-compose", "config"], cwd=tmp_path, env={"PATH": os.environ["PATH"]} | env,
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    def test_it_reads_the_file(self, tmp_path):
        assert self.config(tmp_path, **dict.fromkeys(MANDATORY, "any")).returncode == 0

    @pytest.mark.parametrize("absent", sorted(MANDATORY))
    def test_it_names_what_is_absent_or_empty(self, tmp_path, absent):
        done = self.config(tmp_path, **dict.fromkeys(MANDATORY, "any") | {absent: ""})
        assert done.returncode != 0
        assert f"{absent} is not set, see .env.example" in done.stderr
