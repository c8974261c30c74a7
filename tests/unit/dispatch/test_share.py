import pytest

from soroka.dispatch.gateways import share
from soroka.models import Gateway


@pytest.mark.parametrize(
    ("connections", "pumps", "shares"),
    [(200, 2, [100, 100]), (7, 3, [3, 2, 2]), (1, 2, [1, 0]), (3, 8, [1, 1, 1, 0, 0, 0, 0, 0]), (5, 1, [5])],
)
def test_the_pumps_share_the_requests_of_a_gateway(settings, connections, pumps, shares):
    settings.PUMPS = pumps
    assert [share(Gateway(connections=connections), slot) for slot in range(pumps)] == shares
