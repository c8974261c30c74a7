import pytest

from soroka.config.env import env
from soroka.dispatch.gateways import DEFAULT, opened, share
from soroka.gateways.contract import GatewayConfigError
from soroka.models import Gateway


@pytest.mark.parametrize(
    ("connections", "pumps", "shares"),
    [(200, 2, [100, 100]), (7, 3, [3, 2, 2]), (1, 2, [1, 0]), (3, 8, [1, 1, 1, 0, 0, 0, 0, 0]), (5, 1, [5])],
)
def test_the_pumps_share_the_requests_of_a_gateway(settings, connections, pumps, shares):
    settings.PUMPS = pumps
    assert [share(Gateway(connections=connections), slot) for slot in range(pumps)] == shares


async def test_a_token_file_that_is_gone_stops_its_gateway_and_no_other(settings, monkeypatch, tmp_path):
    monkeypatch.setenv("GATEWAY_TOKEN_FILE", str(tmp_path / "gone"))
    settings.READ_GATEWAY_TOKEN = lambda: env.str("GATEWAY_TOKEN", default="")
    with pytest.raises(GatewayConfigError, match="GATEWAY_TOKEN_FILE"):
        await opened(Gateway(pk=1, name=DEFAULT))
