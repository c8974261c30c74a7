"""The simulator as a program of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import jwt
import orjson
import pytest
from click.testing import CliRunner

from soroka.gateways.simulator.command import simulate_gateway
from tests.unit.gateways.simulator.conftest import request

SECRET = "a secret of the tests, long enough for HS256"


@pytest.fixture
def start():
    """Start the program with these options; returns (process, address) once it says that it is ready."""
    programs = []

    def run(*options, **env):
        command = [sys.executable, "-m", "soroka.gateways.simulator", *options]
        program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | env)
        programs.append(program)
        ready = re.fullmatch(r"simulated gateway ready on (http://127\.0\.0\.1:\d+)\n", program.stdout.readline())
        return program, ready[1]

    yield run
    for program in programs:
        program.kill()
        program.wait()
        program.stdout.close()


def post(url, message, token="token"):
    body = orjson.dumps({"id": message, "phone": 79161234567, "text": "x"})
    call = urllib.request.Request(f"{url}/v1/send/{message}", body, {"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(call, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def summary(url):
    with urllib.request.urlopen(url + "/record", timeout=5) as answer:
        return orjson.loads(answer.read())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_on_a_signal_without_waiting_for_what_hangs(start, eventually, number):
    program, url = start("--fault", "hang=1")
    with socket.create_connection(url.removeprefix("http://").split(":"), timeout=5) as hanging:
        hanging.sendall(request(1))
        eventually(lambda: summary(url)["calls"] == 1)
        program.send_signal(number)
        assert program.wait(5) == 0


def test_it_does_what_the_options_say(start):
    _, url = start("--latency", "0.05", "--fail", "0.5", "--fault", "503=0.5", "--retry-after", "9", "--seed", "4")
    begun = time.monotonic()
    assert {post(url, message) for message in range(1, 5)} == {400, 503}
    assert time.monotonic() - begun >= 0.2


def test_it_asks_for_tokens_of_its_secret(start):
    _, url = start(SOROKA_SIMULATOR_SECRET=SECRET)
    assert post(url, 1) == 401
    assert post(url, 1, jwt.encode({"sub": "soroka"}, SECRET, algorithm="HS256")) == 200


def test_it_keeps_its_record_over_a_kill(start, tmp_path):
    program, url = start("--record", str(tmp_path / "calls.jsonl"))
    assert [post(url, message) for message in (1, 2, 2)] == [200, 200, 200]
    program.kill()
    program.wait()
    _, url = start("--record", str(tmp_path / "calls.jsonl"))
    assert post(url, 1) == 200
    assert (summary(url)["calls"], summary(url)["ids_accepted_twice"]) == (4, 2)


def test_it_keeps_no_record_for_a_benchmark(start):
    _, url = start("--no-record", "--fault", "400=0.5")
    statuses = [post(url, message) for message in (*range(1, 21), *range(1, 21))]
    assert statuses[:20] == statuses[20:]  # a repeat is a first try
    assert summary(url) == {"calls": 40, "accepted": statuses.count(200)}
    with urllib.request.urlopen(url + "/record?calls=1", timeout=5) as answer:
        assert answer.read() == b""


def test_it_says_that_a_port_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(simulate_gateway, ["--port", str(port)])
    assert result.exit_code == 1
    assert re.match(rf"Error: cannot listen on 127.0.0.1:{port} \(.*in use.*\); choose --port", result.output)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--fault", "503"], "write KIND=SHARE, such as 503=0.1"),
        (["--fault", "503=often"], "write KIND=SHARE"),
        (["--fault", "explode=0.1"], "fault explode is unknown"),
        (["--fault", "503=0.7", "--fault", "500=0.7"], "add up to more than 1"),
        (["--fail", "2"], "fail must be a share"),
        (["--latency", "-1"], "latency must be a number of at least 0"),
        (["--record", "calls", "--no-record"], "exclude each other"),
        (["--record", "nowhere/at/all"], "nowhere/at/all"),
    ],
)
def test_it_says_what_is_wrong_with_an_option(options, words):
    result = CliRunner().invoke(simulate_gateway, options)
    assert result.exit_code in (1, 2)
    assert words in result.output.replace("\n", " ")


def test_it_explains_its_options():
    text = CliRunner().invoke(simulate_gateway, ["--help"]).output
    for option in ("--port", "--latency", "--jitter", "--fail", "--fault", "--retry-after", "--seed", "--record"):
        assert option in text
