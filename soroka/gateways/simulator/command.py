"""``soroka simulate-gateway``: the simulated gateway as a program."""

import asyncio
import os
import signal
from pathlib import Path

import click
import uvloop

from soroka.gateways.simulator.answers import KINDS
from soroka.gateways.simulator.behaviour import Behaviour
from soroka.gateways.simulator.guard import Guard
from soroka.gateways.simulator.record import Count, Record
from soroka.gateways.simulator.server import listen
from soroka.gateways.simulator.service import Service

SECRET = "SOROKA_SIMULATOR_SECRET"  # noqa: S105 - the variable's name
FAULT_HELP = (
    "A kind of trouble and the share of calls that get it, such as 503=0.1; may be repeated. "
    "KIND is an HTTP status from 201 to 599 or one of: code (200 with code 1), html (200 with a web page), "
    "half (accepted, half an answer), lose (accepted, then cut off), drop (cut off, not accepted), hang (no answer)."
)


def _shares(_context: click.Context, _option: click.Parameter, words: tuple[str, ...]) -> dict[str, float]:
    try:
        return {kind: float(share) for kind, share in (word.split("=") for word in words)}
    except ValueError:
        raise click.BadParameter(f"write KIND=SHARE, such as 503=0.1 or {KINDS[0]}=0.01") from None


@click.command("simulate-gateway")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="The port to listen on.  [default: a free one]")
@click.option("--latency", default=0.0, show_default=True, help="Seconds before an answer.")
@click.option("--jitter", default=0.0, show_default=True, help="At most so many seconds more, at random.")
@click.option("--fail", type=float, help="The share of calls refused for good, 0 to 1; short for --fault 400=SHARE.")
@click.option("--fault", multiple=True, metavar="KIND=SHARE", callback=_shares, help=FAULT_HELP)
@click.option("--retry-after", default=1, show_default=True, help="Seconds that 408, 425, 429, 503 ask for; 0: none.")
@click.option("--retry-after-date", is_flag=True, help="Ask by an HTTP date, not by seconds.")
@click.option("--seed", default=0, show_default=True, help="Another seed makes other calls go wrong.")
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), help="Append every call to this file.")
@click.option(
    "--no-record", is_flag=True, help="Only count the calls, for a benchmark; a repeat counts as a first try."
)
def simulate_gateway(host: str, port: int, record: Path | None, no_record: bool, **wish: object) -> None:
    """Imitate the gateway that Soroka calls: POST /v1/send/ID.

    Which calls go wrong depends on the message's id, the number of the try and the seed only, so a message that is
    tried again may pass. Callers need a JWT signed (HS256) with the secret in SOROKA_SIMULATOR_SECRET; without that
    variable any bearer token is taken.

    From the same machine: GET /record sums up what came, GET /record?calls=1 lists it as JSON lines,
    POST /behaviour changes the behaviour ({"latency": 0.05, "fault": {"503": 0.1}}), GET /livez answers.
    """
    if record and no_record:
        raise click.UsageError("--record and --no-record exclude each other")
    try:
        behaviour = Behaviour().changed({name: value for name, value in wish.items() if value is not None})
        service = Service(behaviour, Guard(os.environ.get(SECRET)), Count() if no_record else Record(record))
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error
    uvloop.run(_serve(service, host, port))


async def _serve(service: Service, host: str, port: int) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        server, port = await listen(service, host, port)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port} ({error.strerror}); choose --port") from error
    click.echo(f"simulated gateway ready on http://{host}:{port}")
    await stopped.wait()
    # The record stays open to the end: what still comes on an open connection would else be answered and not noted.
    server.close()
