"""The gateway that takes one message a POST, known by its id, behind a bearer token.

``POST {url}/v1/send/{id}`` with ``{"id", "phone", "text"}``; success is 200 with ``{"code": 0}``.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http.client import responses as phrases

import orjson
from pyreqwest.bytes import Bytes
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.http import Url
from pyreqwest.response import Response

from soroka.domain.outcome import Accepted, Deferred, Envelope, Outcome, Rejected, Unknown
from soroka.gateways.contract import GatewayConfig, GatewayConfigError
from soroka.gateways.retry_after import seconds_to_wait
from soroka.gateways.transport import failure, open_client

OK = 200
MAX_BODY = 64 * 1024
ACCEPTED = Accepted()
#: Seconds from the first byte of a request to the server's having it.
_ON_THE_WIRE = 0.5

Clock = Callable[[], datetime]
Judge = Callable[[Response, Clock], Outcome]


def _rejected(response: Response, _clock: Clock) -> Outcome:
    return Rejected(_words(response.status))


def _deferred(response: Response, clock: Clock) -> Outcome:
    return Deferred(_words(response.status), seconds_to_wait(response.get_header("retry-after"), clock()))


def _stopped(response: Response, _clock: Clock) -> Outcome:
    return Deferred(_words(response.status), stop=True)


def _unknown(response: Response, _clock: Clock) -> Outcome:
    return Unknown(_words(response.status))


#: The table of the protocol; 200 is decided by its body. A status named here comes before its class.
BY_STATUS: Mapping[int, Judge] = {
    401: _stopped,
    403: _stopped,
    407: _stopped,  # a proxy wants a password: ADR-0007
    408: _deferred,
    425: _deferred,
    429: _deferred,
    503: _deferred,
}
BY_CLASS: Mapping[int, Judge] = {
    3: _stopped,
    4: _rejected,
}


class HttpJwt:
    """One pool of connections to one gateway."""

    def __init__(self, config: GatewayConfig, clock: Clock = lambda: datetime.now(UTC)) -> None:
        """clock: the present, aware; it is asked when a gateway names a date to come back.

        Raises GatewayConfigError where the address or the token cannot work.
        """
        self.idempotent = config.idempotent
        self.transit = config.connect_timeout + _ON_THE_WIRE
        self._clock = clock
        self._send_url = _base(config) + "/v1/send/"
        self._client = open_client(config, _headers(config))

    async def send(self, envelope: Envelope) -> Outcome:
        """See ``Gateway``."""
        body = orjson.dumps({"id": envelope.id, "phone": envelope.phone, "text": envelope.text})
        request = self._client.post(f"{self._send_url}{envelope.id}").body_bytes(body).build_streamed()
        try:
            async with request as response:
                if response.status == OK:
                    return _judge_body(await response.body_reader.read(MAX_BODY + 1))
                return _judge_status(response, self._clock)
        except PyreqwestError as error:
            return failure(error)

    async def close(self) -> None:
        """See ``Gateway``."""
        await self._client.close()


def _judge_status(response: Response, clock: Clock) -> Outcome:
    status = response.status
    judge = BY_STATUS.get(status) or BY_CLASS.get(status // 100, _unknown)
    return judge(response, clock)


def _judge_body(body: Bytes | None) -> Outcome:
    """What a 200 means. The gateway's own words are left out: they may repeat the phone or the text."""
    if body is None or len(body) > MAX_BODY:
        return Unknown("HTTP 200, no body" if body is None else "HTTP 200, more than 64 KiB")
    try:
        answer = orjson.loads(body.to_bytes())
    except orjson.JSONDecodeError:
        return Unknown("HTTP 200, not JSON")
    code = answer.get("code") if isinstance(answer, dict) else None
    if type(code) is not int:
        return Unknown("HTTP 200, JSON without a code")
    return Rejected(f"HTTP 200, code {code}") if code else ACCEPTED


def _words(status: int) -> str:
    return f"HTTP {status} {phrases.get(status, '')}".rstrip()


def _base(config: GatewayConfig) -> str:
    try:
        url = Url.parse(config.url)
    except ValueError as error:
        raise GatewayConfigError(f"gateway {config.name}: the address is no URL ({error})") from None
    if url.scheme not in ("http", "https"):
        raise GatewayConfigError(f"gateway {config.name}: the address must begin with http:// or https://")
    if url.username or url.password or url.query_string is not None or url.fragment is not None:
        raise GatewayConfigError(
            f"gateway {config.name}: the address takes no user, password, query or fragment; the token is set apart"
        )
    return str(url).rstrip("/")


def _headers(config: GatewayConfig) -> Mapping[str, str]:
    token = config.token
    if not token:
        raise GatewayConfigError(f"gateway {config.name}: there is no token; set GATEWAY_TOKEN or GATEWAY_TOKEN_FILE")
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise GatewayConfigError(
            f"gateway {config.name}: the token holds a space, a line break or another character that no HTTP header "
            "carries; copy it anew"
        )
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "application/json"}
