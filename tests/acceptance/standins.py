"""What stands for the programs that no test can run: `python standins.py PROGRAM WORDS` is called in their place.

What they would run inside a container is run. Of the rest it is checked that what is named is there. What is not run at
all has to be in ``NOT_RUN``.
"""

import os
import subprocess
import sys
from pathlib import Path

import yaml

#: A program and its verb: why it is not run, and what is done in its place.
NOT_RUN = {
    "docker build": "Docker: deploy/compose/proof.py builds the image",
    "docker push": "there is no registry to push to",
    "docker-compose up": "Docker: deploy/compose/proof.py starts it; here its services are looked up",
    "docker-compose stop": "as up",
    "docker-compose rm": "as up",
    "docker-compose run": "as up; test_backup.py restores",
    "docker-compose exec sh": "a file in a volume: deploy/compose/proof.py brings it back",
    "docker-compose exec soroka release": "nothing was brought back there; docs/how-to/backup.md releases",
    "docker-compose logs": "what the programs of the stack have written is shown",
    "helm install": "there is no cluster: tests/unit/deploy renders and judges the chart",
    "kubectl apply": "there is no cluster: tests/unit/deploy judges the manifest",
    "kubectl create": "there is no cluster",
    "kubectl delete": "there is no cluster: tests/unit/deploy looks for what it names",
    "make bench": "20 minutes: test_bench.py runs it small",
    "make check": "it runs the tests",
    "make demo": "it stays: test_demo.py runs it to its end",
    "make prove": "20 minutes: test_prove.py runs it small",
    "make run": "it stays: the stack of these tests is started by it",
    "make soak": "an hour",
    "make venv": "the tests run in it",
    "vi": "a person writes",
}
#: How a block begins that is not run, and which test runs it.
ELSEWHERE = {
    "python3.11 -m venv soroka\n": "test_wheel.py",
    "python -m celery --app=soroka.config.celery worker": "test_two_workers.py",
    "soroka restore soroka-2026-11-29.dump\ncp": "docs/how-to/backup.md, into an empty folder",
}
#: Options of docker-compose and kubectl that have a value.
VALUED = {"-v", "--user", "-n", "-e", "--tail", "--scale"}


def main(program: str, words: list[str]) -> int:
    """Returns the exit code."""
    return _PROGRAMS[program](words)


def docker_compose(words: list[str]) -> int:
    """docker-compose, for the file in the present folder."""
    verb, *named = _bare(words)
    services, inside = (named[:1], named[1:]) if verb in {"exec", "run"} else (named, [])
    if unknown := set(services) - set(yaml.safe_load(Path("docker-compose.yml").read_text())["services"]):
        return _complain(f"there is no service {unknown}")
    if verb == "logs":
        print(*(path.read_text() for path in _logs(services) if path.exists()), sep="\n")
    if verb == "exec":
        what = inside[:2] if inside[0] == "soroka" else inside[:1]
        listed = " ".join(["docker-compose exec", *what]) in NOT_RUN
        return 0 if listed else _run(inside)
    return _not_run("docker-compose", verb)


def kubectl(words: list[str]) -> int:
    """kubectl: what is behind `--` of `exec` is run; a Secret has what the chart mounts."""
    verb, *named = _bare(words)
    if verb == "exec" and "--" in words:
        return _run(words[words.index("--") + 1 :])
    if verb == "create" and named[0] == "secret":
        secret = yaml.safe_load(Path("deploy/helm/soroka/values.yaml").read_text())["secret"]
        mounted = {secret["name"], *secret["keys"], secret["adminPasswordKey"]}
        if differing := mounted ^ {*named[2:], *_literals(words)}:
            return _complain(f"the Secret and `secret` in the values of the chart differ by {sorted(differing)}")
    return _not_run("kubectl", verb)


def helm(words: list[str]) -> int:
    """helm: the chart has to be there."""
    verb, _name, chart, *_ = _bare(words)
    return _not_run("helm", verb) if Path(chart, "Chart.yaml").exists() else _complain(f"there is no chart {chart}")


def docker(words: list[str]) -> int:
    """docker."""
    return _not_run("docker", words[0])


def make(words: list[str]) -> int:
    """make: the target has to be there."""
    dry = subprocess.run(["/usr/bin/make", "--dry-run", *words], stdout=subprocess.DEVNULL, check=False)
    return dry.returncode or _not_run("make", next(word for word in words if "=" not in word))


def vi(words: list[str]) -> int:
    """vi: the file has to be there."""
    return _not_run("vi") if Path(words[0]).exists() else _complain(f"there is no file {words[0]}")


def _bare(words: list[str]) -> list[str]:
    """Without options, up to the command that is run inside."""
    bare: list[str] = []
    left = iter(words)
    for word in left:
        if word in VALUED:
            next(left)
        elif len(bare) > 1 and bare[0] in {"exec", "run"}:
            return [*bare, word, *left]
        elif not word.startswith("-"):
            bare.append(word)
    return bare


def _literals(words: list[str]) -> list[str]:
    """The keys of a Secret."""
    option = "--from-literal="
    return [word.removeprefix(option).partition("=")[0] for word in words if word.startswith(option)]


def _run(inside: list[str]) -> int:
    return subprocess.run(inside, check=False).returncode


def _logs(services: list[str]) -> list[Path]:
    return [Path(os.environ["SOROKA_HOME"], "log", f"{service}.log") for service in services]


def _not_run(*words: str) -> int:
    return 0 if " ".join(words) in NOT_RUN else _complain(f"{' '.join(words)}: neither run nor listed in NOT_RUN")


def _complain(words: str) -> int:
    print(words, file=sys.stderr)
    return 1


_PROGRAMS = {
    "docker": docker,
    "docker-compose": docker_compose,
    "helm": helm,
    "kubectl": kubectl,
    "make": make,
    "vi": vi,
}
PROGRAMS = frozenset(_PROGRAMS)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
