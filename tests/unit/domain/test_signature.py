import pytest

from soroka.domain.signature import is_signed, sign

NOW = 1_800_000_000.5
BODY = '{"text": "Стоп!"}'.encode()


def signed(*, timestamp="1800000000", secret="secret", body=BODY, signature=None, key="secret"):
    return is_signed(key, timestamp, signature or sign(secret, timestamp, body), BODY, now=NOW)


def test_it_is_what_openssl_makes():
    # printf '%s.%s' 1 '{}' | openssl dgst -sha256 -hmac secret -r
    assert sign("secret", "1", b"{}") == "1122767b193110cfec322b6f199b599edbf608ed087f2d27afb0b97d99523908"
    assert is_signed("secret", "1", sign("secret", "1", b"{}").upper(), b"{}", now=2)


@pytest.mark.parametrize("timestamp", ["1800000300", "1799999701"])
def test_it_counts_near_its_moment(timestamp):
    assert signed(timestamp=timestamp)


@pytest.mark.parametrize(
    "timestamp", ["1800000301", "1799999700", "", "-1800000000", "1.8e9", "١٨٠٠٠٠٠٠٠٠", "9" * 5000]
)
def test_it_does_not_count_at_another(timestamp):
    assert not signed(timestamp=timestamp)


def test_it_does_not_count_for_another_secret_or_body_and_none_signs_nothing():
    assert not signed(secret="other")
    assert not signed(body=b"{}")
    assert not signed(signature="я" * 64)
    assert not signed(secret="", key="")
