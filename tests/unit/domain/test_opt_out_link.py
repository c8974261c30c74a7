import pytest

from soroka.domain.opt_out_link import make_token, read_token

KEY, OLDER = b"k" * 32, b"o" * 32


@pytest.mark.parametrize("client_id", [1, 255, 256, 65_535, 65_536, 10_000_000, 2**63 - 1])
def test_a_token_is_read_as_the_client_it_was_made_for(client_id):
    assert read_token(make_token(client_id, KEY), [KEY]) == client_id


def test_it_is_short():
    assert (len(make_token(65_535, KEY)), len(make_token(10_000_000, KEY)), len(make_token(2**63 - 1, KEY))) == (
        16,
        18,
        24,
    )


def test_a_key_that_is_still_known_opens_it_and_a_foreign_one_does_not():
    token = make_token(7, OLDER)
    assert read_token(token, [KEY, OLDER]) == 7
    assert read_token(token, [KEY]) is None


def test_no_part_of_it_can_be_changed():
    token = make_token(65_535, KEY)
    for place in range(len(token)):
        for letter in "Ab-_9":
            if letter != token[place]:
                assert read_token(f"{token[:place]}{letter}{token[place + 1 :]}", [KEY]) is None


@pytest.mark.parametrize(
    "token", ["", "A", "=", "AAAA", "A" * 16, "A" * 24, "A" * 4000, "я" * 16, "\ud800", "a b", "%00"]
)
def test_what_is_no_token_is_nobodys(token):
    assert read_token(token, [KEY]) is None
