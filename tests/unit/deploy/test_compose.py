"""deploy/compose, as far as it can be judged without an engine; `make compose-proof` starts it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy" / "compose"
TEXT = (FOLDER / "docker-compose.yml").read_text()
FILE = yaml.safe_load(TEXT)
SERVICES = FILE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "soroka"}
SIMPLE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
SECRETS = {"secret_key", "gateway_keys", "metrics_token", "postgres_password", "admin_password", "gateway_token"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_program_is_bounded_and_cannot_write(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"] and service["cpus"] and service["pids_limit"]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"prepare"}))
def test_everything_that_stays_is_checked_and_started_again(name):
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["timeout"]


def test_secrets_are_files_and_stand_in_no_environment():
    assert FILE["secrets"].keys() == SECRETS
    for service in SERVICES.values():
        told = {name: value for name, value in service.get("environment", {}).items() if name.endswith("_FILE")}
        assert {Path(value).name for value in told.values()} == set(service.get("secrets", []))
        others = service.get("environment", {}).keys() - told.keys()
        assert not [name for name in others - {"THROTTLE_KEY"} if re.search(r"PASSWORD|_TOKEN$|_KEYS?$|_SECRET$", name)]


def test_each_program_gets_the_secrets_that_it_needs_and_no_others():
    def told(secret):
        return {name for name, service in SERVICES.items() if secret in service.get("secrets", [])}

    assert told("gateway_token") == {"web", "worker"}
    assert told("admin_password") == {"prepare"}
    assert "gateway" not in told("secret_key") | told("postgres_password")


def test_it_is_safe_where_nothing_is_said_and_as_it_is_told_else():
    """As the Helm chart: web believes the proxy before it, and administrators have a second factor."""
    chart = yaml.safe_load((ROOT / "deploy" / "helm" / "soroka" / "values.yaml").read_text())["settings"]
    for name in ("HTTPS_ONLY", "BEHIND_PROXY", "REQUIRE_TOTP"):
        assert SERVICES["web"]["environment"][name] == f"${{{name}:-{chart[name]}}}"


def test_the_stores_and_beat_reach_nobody_outside():
    assert FILE["networks"]["inside"] == {"internal": True}
    assert {name for name, service in SERVICES.items() if "outside" in service["networks"]} == {"web", "worker"}


def test_a_backup_that_fails_is_tried_again_after_minutes_and_not_after_a_day(programs, tmp_path):
    """Twice it fails, then it is saved; old ones go only then."""
    for day in ("27", "28"):
        (tmp_path / f"soroka-2026-11-{day}.dump").touch()
    path = programs(
        soroka=f'[ "$(wc -l < {tmp_path}/slept)" -ge 2 ] && touch "$2"',
        sleep=f'echo "$1" $(ls {tmp_path}/*.dump | wc -l) >> {tmp_path}/slept; [ "$1" = 86400 ] && kill $PPID',
    )
    (tmp_path / "slept").touch()
    command = [word.replace("$$", "$").replace("/backups", str(tmp_path)) for word in SERVICES["backup"]["command"]]
    env = {"PATH": path, "BACKUP_EVERY": "86400", "BACKUP_KEEP": "1"}
    subprocess.run(command, env=env, timeout=30, check=False)
    assert (tmp_path / "slept").read_text().splitlines() == ["300 2", "300 2", "86400 1"]


def test_the_example_knows_every_option():
    example = (FOLDER / ".env.example").read_text()
    environments = [service.get("environment", {}) for service in SERVICES.values()]
    passed_on = {name for environment in environments for name, value in environment.items() if value is None}
    optional = set(re.findall(r"^#([A-Z_]+)=", example, re.MULTILINE))
    assert optional == passed_on | set(re.findall(r"\$\{([A-Z_]+):-", TEXT)) | {"COMPOSE_PROFILES"}
    assert set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) == set(re.findall(r"\$\{([A-Z_]+):\?", TEXT))


@pytest.mark.parametrize("name", sorted(OURS.keys() & SIMPLE.keys()))
def test_a_program_is_told_the_same_as_in_the_simple_file(name):
    """But for what has a secret in it or needs another image: that is for an override."""
    left_out = {"DATABASE_PREPARE", "DEFAULT_FROM_EMAIL", "EMAIL_URL", "SUPPRESSION_KEY"}
    left_out |= {name for name in SIMPLE["prepare"]["environment"] if re.match("REPORT_|OIDC_|OTEL_|SENTRY_", name)}
    told = {option for option, value in SIMPLE[name].get("environment", {}).items() if value is None}
    here = SERVICES[name].get("environment", {})
    assert {option for option in told - left_out if not here.keys() & {option, f"{option}_FILE"}} == set()


@pytest.mark.parametrize("name", sorted(SERVICES.keys() & SIMPLE.keys()))
def test_a_program_is_the_same_as_in_the_simple_file(name):
    for part in ("image", "command", "healthcheck", "profiles", "stop_grace_period", "init"):
        assert SERVICES[name].get(part) == SIMPLE[name].get(part)


def test_the_secrets_are_made_once_and_only_their_owner_finds_them(tmp_path):
    made = shutil.copy(FOLDER / "secrets.sh", tmp_path)
    subprocess.run([made], check=True, capture_output=True, timeout=30)
    files = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert files.keys() == SECRETS
    assert all(len(text) > 32 for name, text in files.items() if name != "gateway_token")
    assert len(set(files.values())) == len(SECRETS)
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    subprocess.run([made], check=True, capture_output=True, timeout=30)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == files


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not installed")
def test_docker_compose_reads_it(tmp_path):
    shutil.copy(FOLDER / "docker-compose.yml", tmp_path)
    (tmp_path / ".env").write_text("GATEWAY_URL=https://gateway.example.org\n")
    done = subprocess.run(["docker-compose", "config"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
