import cProfile

import pytest

from soroka.bench.profile import top


def busy():
    return sum(range(300_000))


def quick():
    return None


def test_the_costliest_function_comes_first(tmp_path):
    profile = cProfile.Profile()
    profile.runcall(lambda: (busy(), quick()))
    profile.dump_stats(tmp_path / "it.prof")
    shares = top(tmp_path / "it.prof")
    assert "sum" in shares[0].function
    assert sum(share.percent for share in shares) == pytest.approx(100)
    assert len(top(tmp_path / "it.prof", 2)) == 2
    assert any(share.function.startswith("bench/test_profile.py:") for share in shares)
