"""Who dies at a named point, and when."""

import os
import random
import signal
import subprocess
import sys

import pytest

from soroka.prove.points import Point, Points
from soroka.prove.rows.workers import kills

PUMP = """
import sys
from pathlib import Path
from soroka.prove.points import Point, Points
points = Points(Path(sys.argv[1]))
points.enter()
for number in range(5):
    points.passed(Point.AFTER_CLAIM)
    points.passed(Point.AFTER_OFFER)
    print(number, flush=True)
"""


@pytest.fixture
def points(tmp_path):
    return Points(tmp_path / "points", make=True)


def run(tmp_path):
    pump = [sys.executable, "-c", PUMP, str(tmp_path / "points")]
    return subprocess.run(pump, capture_output=True, text=True, timeout=20, check=False, start_new_session=True)


def test_nobody_dies_unless_a_point_is_armed(points, tmp_path):
    done = run(tmp_path)
    assert (done.returncode, done.stdout.split()) == (0, list("01234"))


@pytest.mark.parametrize("whole", [False, True])
def test_the_pass_that_was_named_kills_and_only_once(points, tmp_path, whole):
    points.arm(Point.AFTER_OFFER, 3, whole=whole)
    assert not points.fallen
    done = run(tmp_path)
    assert (done.returncode, done.stdout.split()) == (-signal.SIGKILL, ["0", "1"])
    assert not points.armed
    assert points.fallen
    assert run(tmp_path).returncode == 0


def test_a_pump_is_listed_while_it_is_at_work_and_not_when_it_is_dead(points, tmp_path):
    seat = points.enter()
    assert points.pumps() == [os.getpid()]
    points.leave(seat)
    points.arm(Point.AFTER_CLAIM, 1, whole=False)
    run(tmp_path)
    assert points.pumps() == []


def test_the_same_seed_gives_the_same_kills_and_every_place_has_its_turn():
    first, again = (kills(random.Random("1 workers"), 12) for _ in range(2))
    assert first == again
    assert first != kills(random.Random("2 workers"), 12)
    assert {kill.point for kill in first} == {None, *Point}
    assert sum(kill.whole for kill in first) == 4
