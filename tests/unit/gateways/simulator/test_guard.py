import time

import jwt
import pytest

from soroka.gateways.simulator.guard import CACHE, Guard

SECRET = "a secret of the tests, long enough for all of HS256, HS384 and HS512"


def bearer(secret=SECRET, algorithm="HS256", **claims):
    return b"Bearer " + jwt.encode(claims, secret, algorithm=algorithm).encode()


def test_it_admits_whoever_knows_the_secret():
    guard = Guard(SECRET)
    token = bearer(sub="soroka", aud="gateway", exp=time.time() + 60)
    assert guard.admits(token)
    assert guard.admits(token.replace(b"Bearer", b"bearer"))
    assert guard.admits(bearer(sub="without an end"))


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"Bearer",
        b"Bearer ",
        b"Bearer token",
        b"Bearer \xff.\xff.\xff",
        b"Basic dTpw",
        bearer(secret="another secret of the tests, as long as that"),
        bearer(exp=1),
        bearer(secret="", algorithm="none"),
        bearer(algorithm="HS512"),
    ],
)
def test_it_admits_nobody_else(header):
    guard = Guard(SECRET)
    assert not guard.admits(header)
    assert not guard.admits(header)


@pytest.mark.parametrize(("header", "admitted"), [(b"Bearer anything", True), (b"Bearer ", False), (b"", False)])
def test_it_admits_any_bearer_token_without_a_secret(header, admitted):
    assert Guard(None).admits(header) is admitted
    assert Guard("").admits(header) is admitted


def test_it_keeps_to_the_expiry_of_a_token_that_it_remembers():
    now = time.time()
    guard = Guard(SECRET, clock=lambda: now)
    token = bearer(exp=now + 60)
    assert guard.admits(token)
    now += 61
    assert not guard.admits(token)


def test_it_remembers_a_bounded_number_of_tokens():
    guard = Guard()
    for number in range(3 * CACHE):
        assert guard.admits(b"Bearer %d" % number)
    assert len(guard._valid_until) <= CACHE
