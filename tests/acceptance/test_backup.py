"""A backup of a service that runs, brought back into an empty place."""

import json
import subprocess
import sys

import pytest

from tests.acceptance.conftest import ids_of, in_seconds
from tests.acceptance.installation import ROOT, Installation
from tests.acceptance.test_faults import counts, finished, send

TOMORROW = {"starts_at": in_seconds(86_400), "ends_at": in_seconds(90_000), "local_time": False}


@pytest.fixture
def elsewhere(limited):
    """An empty data folder, with the same gateway."""
    installation = Installation(**limited.env)
    yield installation
    installation.remove()


def soroka(installation, *words):
    """``soroka words``, to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "soroka", *map(str, words)], cwd=ROOT, env=installation.env,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def overdue(installation):
    """For how many seconds the oldest message waits."""
    _code, said = soroka(installation, "status", "--json")
    return json.loads(said)["queue"]["overdue_seconds"]


def test_a_backup_is_brought_back_whole_and_sends_nothing_until_it_is_released(
    stack, limited, elsewhere, eventually, tmp_path
):
    file = tmp_path / "soroka.dump"
    with stack.api() as api:
        done, later = send(api, ["vip"]), send(api, ["loyal"], **TOMORROW)
        was = finished(api, done)
        given = max(ids_of(api, done) | ids_of(api, later))
        told = {one: api.get(f"/mailings/{one}/statistics") for one in (done, later)}
    code, said = soroka(stack, "backup", file)
    assert (code, file.stat().st_mode & 0o777) == (0, 0o600), said
    code, said = soroka(stack, "backup", file)
    assert (code, "--replace" in said) == (4, True)
    code, said = soroka(stack, "restore", file, "--replace")
    assert (code, "Stop web, workers and beat first" in said) == (1, True), said

    code, said = soroka(elsewhere, "restore", file)
    assert (code, "soroka release" in said) == (0, True), said
    (elsewhere.home / "secrets.json").write_text((stack.home / "secrets.json").read_text())
    elsewhere.start_ready()
    with elsewhere.api() as api:
        assert {one: api.get(f"/mailings/{one}/statistics") for one in (done, later)} == told
        assert counts(was) == counts(told[done])
        new = send(api, ["vip"])
        api.wait_for(f"/mailings/{new}", lambda answer: answer["statistics"]["total"] == was["total"], 30)
        ids = ids_of(api, new)
        assert min(ids) > given
        code, said = soroka(elsewhere, "status")
        assert (code, "sends nothing until `soroka release`" in " ".join(said.split())) == (1, True), said
        # Due for longer than a tick and the way of its signal: it would have been sent by now.
        eventually(lambda: overdue(elsewhere) > 5, within=60)
        assert not limited.calls(ids)
        code, said = soroka(elsewhere, "release", "--yes")
        assert (code, "is not known here" in said) == (0, True), said
        assert counts(finished(api, new))["delivered"] == len(ids)
    assert limited.accepted(ids) == dict.fromkeys(ids, 1)
    assert soroka(elsewhere, "release", "--yes")[0] == 4
