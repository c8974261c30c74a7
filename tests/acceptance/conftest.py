from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from soroka.demo.api import Api
from tests.acceptance.gateway import simulated_gateways
from tests.acceptance.installation import ROOT, Installation

#: Where texts say that the service is.
PUBLIC_URL = "https://soroka.example.org"
SAMPLE = ROOT / "samples" / "clients.csv"


@pytest.fixture
def installation():
    """An installation that was never started."""
    installation = Installation()
    yield installation
    installation.remove()


@pytest.fixture(scope="session")
def gateway(eventually):
    """The simulated gateway of ``stack``."""
    with simulated_gateways(1, eventually) as [gateway]:
        yield gateway


@pytest.fixture
def limited(eventually):
    """A simulated gateway of one test alone."""
    with simulated_gateways(1, eventually) as [gateway]:
        yield gateway


@pytest.fixture(scope="session")
def stack(gateway):
    """A stack that is ready, with the sample clients in it, for tests that leave it running."""
    installation = Installation(**gateway.env, SOROKA_LEASE_SECONDS="6", PUBLIC_URL=PUBLIC_URL)
    try:
        installation.start_ready()
        with installation.api() as api:
            import_clients(api)
        yield installation
    finally:
        installation.remove()


@pytest.fixture
def api(stack, gateway):
    """A caller of ``stack``; the gateway is well when the test begins."""
    gateway.behave()
    with stack.api() as api:
        yield api


def import_clients(api: Api, file: Path = SAMPLE) -> None:
    """Import the clients of ``file``."""
    started = api.upload("/clients/imports", file)
    api.wait_for(f"/clients/imports/{started['id']}", lambda answer: answer["state"] == "finished", 60)


def in_seconds(seconds: float) -> str:
    """A moment from now, as the API takes it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def ids_of(api: Api, mailing: int) -> set[int]:
    """The ids of all messages of a mailing."""
    ids: set[int] = set()
    path = f"/mailings/{mailing}/messages?page_size=1000"
    while path:
        page = api.get(path)
        ids |= {message["id"] for message in page["results"]}
        path = page["next"] and "/" + page["next"].split("/", 3)[3]
    return ids
