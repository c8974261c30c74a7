"""When what breaks."""

import random

from soroka.prove.soak.faults import KILLS, OTHERS, counted, schedule

HOUR = 3600.0


def test_in_an_hour_everything_breaks_and_programs_are_killed_in_the_first_third():
    faults = schedule(random.Random(1), HOUR)
    assert counted(faults).keys() == {*KILLS, *OTHERS}
    assert all((fault.name in KILLS) == (fault.at < HOUR / 3) for fault in faults)
    assert faults[0].at > 0 and faults[-1].at < HOUR


def test_a_seed_repeats_the_faults():
    assert schedule(random.Random(7), HOUR) == schedule(random.Random(7), HOUR) != schedule(random.Random(8), HOUR)
