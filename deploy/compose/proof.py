"""``make compose-proof``: start the containers for real, send a mailing, and lose a worker in the middle.

Needs a Docker engine and docker-compose. What it starts has a project name, secrets and ports of its own, and is
removed at its end. It ends with 1, and the logs of all containers, where anything is not as it should be.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from soroka.demo.api import Api, ApiError
from soroka.embedded.ports import HOST, free_port

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PROJECT = "soroka-proof"
STAYS = {"db", "redis", "web", "worker", "beat", "backup", "gateway"}
#: So slow, and so few at once, that the mailing outlasts the loss of a worker.
LATENCY, CONNECTIONS = 0.5, 40
#: No proxy is before it here, and nobody has an app for codes.
BARE = "BEHIND_PROXY=false\nHTTPS_ONLY=false\nREQUIRE_TOTP=none\n"
ASK = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], sys.argv[2].encode() or None).read().decode())"
#: Messages that are delivered before the worker is killed, and the workers that there are afterwards.
BEGUN, WORKERS = 300, 3
READY_WITHIN, DONE_WITHIN = 240.0, 300.0


class Containers:
    """The project, in a folder of its own. override: a further compose file, or None."""

    def __init__(self, folder: Path, override: Path | None) -> None:
        self.port = free_port()
        self._folder = folder
        files = [HERE / "docker-compose.yml", *([override.resolve()] if override else [])]
        self._compose = ["docker-compose", "--project-name", PROJECT, "--project-directory", str(folder)]
        self._compose += [word for file in files for word in ("--file", str(file))]
        (folder / ".env").write_text(
            f"COMPOSE_PROFILES=demo\nGATEWAY_URL=http://gateway:8080\nPORT={self.port}\nTIME_ZONE=Europe/Moscow\n{BARE}"
        )
        shutil.copy(HERE / "secrets.sh", folder)
        subprocess.run([str(folder / "secrets.sh")], check=True, stdout=subprocess.DEVNULL)

    def __call__(self, *words: str, check: bool = True, stdin: str | None = None) -> str:
        """Run docker-compose; returns what it printed."""
        done = subprocess.run(
            [*self._compose, *words], cwd=self._folder, input=stdin, capture_output=True, text=True, check=False,
            timeout=600, env={**os.environ, "COMPOSE_PROFILES": "demo"},
        )  # fmt: skip
        if check and done.returncode != 0:
            raise Broken(f"docker-compose {' '.join(words)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def ids(self, service: str) -> list[str]:
        """The containers of a service."""
        return self("ps", "--quiet", service).split()

    def gateway(self, path: str, body: str = "") -> str:
        """Ask the simulated gateway, which only the others can reach."""
        return self("exec", "-T", "gateway", "python", "-c", ASK, f"http://127.0.0.1:8080{path}", body)

    @property
    def password(self) -> str:
        """That of admin."""
        return (self._folder / "secrets" / "admin_password").read_text().strip()


class Broken(Exception):
    """Something is not as it should be."""


def say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {words}", flush=True)


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True, timeout=60).stdout


def wait(what: str, condition: Callable[[], object], within: float) -> None:
    """Until it is true. Raises Broken."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise Broken(f"{what}: not so within {within:g} s")
        time.sleep(1)


def require(what: str, holds: object) -> None:
    if not holds:
        raise Broken(what)
    say(f"holds: {what}")


def health(container: str) -> str:
    state = json.loads(docker("inspect", "--format", "{{json .State}}", container))
    return str(state.get("Health", {}).get("Status") or state["Status"])


@contextmanager
def started(override: Path | None) -> Iterator[Containers]:
    """All of it, healthy; removed at the end with its data."""
    with tempfile.TemporaryDirectory(prefix=f"{PROJECT}-") as folder:
        containers = Containers(Path(folder), override)
        try:
            containers("up", "--detach", "--no-build", "--scale", "worker=2")
            for service in sorted(STAYS):
                wait(f"{service} is healthy", lambda name=service: _all_healthy(containers, name), READY_WITHIN)
            say("everything is healthy")
            yield containers
        except (Broken, ApiError):
            print(containers("logs", "--no-color", "--tail=200", check=False))
            raise
        finally:
            containers("down", "--volumes", "--remove-orphans", check=False)


def _all_healthy(containers: Containers, service: str) -> bool:
    found = containers.ids(service)
    return bool(found) and all(health(one) == "healthy" for one in found)


def judge_shells(containers: Containers) -> None:
    """Nobody may write, be root, or see a secret among the variables."""
    secret = containers.password
    for service in sorted(STAYS):
        for one in containers.ids(service):
            seen = json.loads(docker("inspect", one))[0]
            require(f"{service}: read-only, bounded", _bounded(seen["HostConfig"]))
            require(f"{service}: no secret among its variables", secret not in json.dumps(seen["Config"]["Env"]))
    require("web runs as user 10001", containers("exec", "-T", "web", "id", "-u").strip() == "10001")


def _bounded(host: dict[str, Any]) -> bool:
    return bool(host["ReadonlyRootfs"] and host["Memory"] and host["PidsLimit"] and host["NanoCpus"])


def send(api: Api) -> int:
    """Import the sample clients, and begin a mailing."""
    file = ROOT / "samples" / "clients.csv"
    started = api.upload("/clients/imports", file)
    api.wait_for(f"/clients/imports/{started['id']}", lambda answer: answer["state"] == "finished", DONE_WITHIN)
    ends_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    mailing = api.post("/mailings", {"text": "Сорока", "filter": {"tags": ["active"]}, "ends_at": ends_at})
    return int(mailing["id"])


def lose_a_worker(containers: Containers, api: Api, path: str) -> None:
    """Kill one of two in the middle, then have three."""
    api.wait_for(path, lambda answer: answer["statistics"]["delivered"] >= BEGUN, DONE_WITHIN)
    killed = containers.ids("worker")[0]
    docker("kill", killed)
    counts = api.get(path)["statistics"]
    require(f"killed in the middle of it: {counts}", counts["in_process"] > 0)
    containers("up", "--detach", "--no-build", "--scale", f"worker={WORKERS}")
    wait("more workers", lambda: len(containers.ids("worker")) == WORKERS, 60)
    say(f"scaled to {WORKERS} workers")


def judge(containers: Containers, api: Api, mailing: int) -> None:
    """Lay the gateway's record beside the ledger."""
    path = f"/mailings/{mailing}"
    done = api.wait_for(path, lambda answer: answer["status"] == "finished", DONE_WITHIN)["statistics"]
    calls = [json.loads(line) for line in containers.gateway("/record?calls=1").splitlines() if line.strip()]
    accepted = Counter(call["id"] for call in calls if call["accepted"])
    require(f"everything is delivered: {done}", done["delivered"] == done["total"] == len(accepted))
    again = sum(times > 1 for times in accepted.values())
    say(f"offered again under the same id after the kill: {again} of {len(accepted)}")


def try_gateway(api: Api) -> None:
    """A test message, which web sends itself. After the record was read: the ledger does not know it."""
    said = api.post("/gateways/default/trial", {"phone": "79990000000", "text": "Сорока"})
    require(f"the gateway takes a test message: {said}", said["outcome"] == "accepted")


def judge_commands(containers: Containers) -> None:
    """The command line in a container, and the backup that was made by itself."""
    told = json.loads(containers("exec", "-T", "web", "soroka", "status", "--json", check=False))
    require(f"soroka status: {told['services']}", set(told["services"].values()) == {"ok"})
    wait("a backup", lambda: containers("exec", "-T", "backup", "ls", "/backups").strip(), 60)
    name = containers("exec", "-T", "backup", "ls", "/backups").split()[0]
    containers("stop", "web", "worker", "beat", "backup")
    said = containers("run", "--rm", "backup", "soroka", "restore", f"/backups/{name}", "--replace")
    require(f"the backup {name} is brought back", "soroka release" in said)


def prove(override: Path | None) -> None:
    """All of it. Raises Broken."""
    with started(override) as containers, Api(f"http://{HOST}:{containers.port}") as api:
        judge_shells(containers)
        containers.gateway("/behaviour", json.dumps({"latency": LATENCY}))
        few = f"from soroka.models import Gateway; Gateway.objects.update(connections={CONNECTIONS})"
        containers("exec", "-T", "web", "soroka", "manage", "shell", "-c", few)
        api.log_in("admin", containers.password)
        mailing = send(api)
        lose_a_worker(containers, api, f"/mailings/{mailing}")
        containers.gateway("/behaviour", json.dumps({"latency": 0}))
        judge(containers, api, mailing)
        try_gateway(api)
        judge_commands(containers)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--override", type=Path, help="a further compose file, for an engine that needs one")
    asked.add_argument("--network", default="default", help="the network of the build")
    wishes = asked.parse_args()
    say("building the image")
    subprocess.run(["docker", "build", "--quiet", f"--network={wishes.network}", "-t", "soroka", str(ROOT)], check=True)
    try:
        prove(wishes.override)
    except (Broken, ApiError) as error:
        raise SystemExit(f"BROKEN: {error}") from error
    say("all of it holds")


if __name__ == "__main__":
    main()
