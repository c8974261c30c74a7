"""The commands beside a running installation, called in an empty folder with nothing but its data folder named."""

import json
import os
import signal
import subprocess

import pytest

from tests.acceptance.installation import ROOT

SOROKA = ROOT / "bin" / "soroka"


class Terminal:
    """Somebody at a prompt in an empty folder."""

    def __init__(self, stack, folder):
        self._options = {
            "cwd": folder,
            "env": {"PATH": os.environ["PATH"], "SOROKA_HOME": str(stack.home)},
            "stdin": subprocess.DEVNULL,
            "text": True,
        }

    def run(self, *words):
        return subprocess.run([SOROKA, *words], **self._options, capture_output=True, timeout=60, check=False)

    def told(self, *words):
        """The document of a command that ends well."""
        done = self.run(*words, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    def status(self):
        """The document of ``status``: what other tests have left in the stack may ask for a person."""
        done = self.run("status", "--hours", "1", "--json")
        document = json.loads(done.stdout)
        assert (done.returncode, done.stderr) == (0 if document["well"] else 1, "")
        assert document["well"] == (not document["needs"])
        return document

    def watch(self, mailing):
        return subprocess.Popen(
            [SOROKA, "mailing", "watch", str(mailing), "--json", "--every", "0.2"],
            **self._options,
            stdout=subprocess.PIPE,
        )


@pytest.fixture
def terminal(stack, tmp_path):
    return Terminal(stack, tmp_path)


def until(watching, condition):
    """The first line of a watch of which it is true."""
    return next(seen for seen in map(json.loads, watching.stdout) if condition(seen))


def send(terminal):
    made = terminal.told("mailing", "create", "--text", "Good day!", "--tag", "active", "--end", "+1h", "--yes")
    return str(made["id"])


def test_a_mailing_is_made_watched_paused_and_resumed(terminal, gateway, api):
    gateway.behave(latency=3)  # it must not end before a command that a busy machine starts late
    mailing = send(terminal)
    watching = terminal.watch(mailing)
    assert until(watching, lambda seen: seen["delivered"] > 0)["in_process"] > 0
    assert terminal.told("mailing", "pause", mailing)["status"] == "paused"
    until(watching, lambda seen: seen["status"] == "paused")
    assert mailing in {str(row["id"]) for row in terminal.status()["mailings"]}
    gateway.behave()
    assert terminal.told("mailing", "resume", mailing)["status"] == "running"
    ended = until(watching, lambda seen: seen["status"] == "finished")
    assert watching.wait(30) == 0
    counts = {name: ended[name] for name in ("total", "in_process", "delivered", "not_sent")}
    assert counts == api.get(f"/mailings/{mailing}")["statistics"]
    assert (ended["in_process"], ended["not_sent"]) == (0, 0)


def test_ctrl_c_ends_the_watching_and_cancelling_ends_the_mailing(terminal, gateway):
    gateway.behave(latency=5)
    mailing = send(terminal)
    watching = terminal.watch(mailing)
    until(watching, lambda seen: seen["status"] == "running")
    watching.send_signal(signal.SIGINT)
    assert watching.wait(10) == 130
    assert terminal.told("mailing", "show", mailing)["status"] == "running"
    assert terminal.told("mailing", "cancel", mailing, "--yes")["status"] == "cancelled"
    gateway.behave()
    assert terminal.watch(mailing).wait(30) == 1
    assert terminal.run("mailing", "pause", mailing).returncode == 4


def test_they_work_while_the_web_server_is_frozen(terminal, stack, api, gateway):
    web = stack.pid_of("granian")
    os.kill(web, signal.SIGSTOP)
    try:
        assert "default" in {row["name"] for row in terminal.told("gateways", "list")["results"]}
        assert terminal.run("manage", "check").returncode == 0
    finally:
        os.kill(web, signal.SIGCONT)
