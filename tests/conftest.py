"""What every suite may use."""

import time

import pytest


@pytest.fixture(scope="session")
def eventually():
    """``eventually(condition, within=5)``: wait until it is true, and return what it returned. Fails when it is not."""

    def wait(condition, within=5.0, every=0.02):
        deadline = time.monotonic() + within
        while not (seen := condition()):
            if time.monotonic() > deadline:
                pytest.fail(
                    f"still not so after {within} s: {getattr(condition, '__name__', condition)}, last {seen!r}"
                )
            time.sleep(every)
        return seen

    return wait
