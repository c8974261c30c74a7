"""The HTTP client that gateways share, and what its failures mean for a message.

Certificates are always verified, against what the system trusts. An operator with an authority of his own names its
PEM file in the environment variable ``SSL_CERT_FILE``: it is read in place of the system's bundle, beside the system's
folder of certificates (``SSL_CERT_DIR`` names another folder). Where the system has a bundle only, put both into one
file: ``cat system-bundle.crt own-ca.pem > both.pem``. The server's own certificate must be issued by that authority:
one that is its own authority is refused.
Proxies are those of ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``, in either case.
All of these are read when a client is built.
"""

from collections.abc import Mapping
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError, DetailedPyreqwestError, PoolTimeoutError, PyreqwestError
from pyreqwest.http import Url

from soroka.domain.outcome import Deferred, Outcome, Unknown
from soroka.gateways.contract import GatewayConfig, GatewayConfigError

IDLE_SECONDS = 4  # less than servers keep an idle connection for, lest one closes it just as a request leaves
WORDS = 120  # characters of a failure that are worth keeping

#: The link in the chain of causes by which the client says that it never got as far as sending. Its exception classes
#: do not tell: a connection that breaks after the request left is a ConnectError as well.
NOT_CONNECTED = "client error (Connect)"


def open_client(config: GatewayConfig, headers: Mapping[str, str]) -> Client:
    """An HTTP/1.1 client with a keep-alive pool. It follows no redirect, keeps no cookie and unpacks no body.

    headers: sent with every request.  Raises GatewayConfigError where the system trusts no certificate at all.
    """
    builder = (
        ClientBuilder()
        .user_agent("soroka")
        .default_headers(headers)
        .follow_redirects(False)
        .gzip(False)
        .brotli(False)
        .zstd(False)
        .deflate(False)
        .max_connections(config.connections)
        .pool_timeout(timedelta(seconds=config.connect_timeout))
        .pool_idle_timeout(timedelta(seconds=IDLE_SECONDS))
        .connect_timeout(timedelta(seconds=config.connect_timeout))
        .read_timeout(timedelta(seconds=config.read_timeout))
        .timeout(timedelta(seconds=config.total_timeout))
    )
    if config.address:
        builder = builder.resolve(str(Url.parse(config.url).host_str), config.address, 0)
    try:
        return builder.build()
    except BuilderError as error:
        raise GatewayConfigError(
            f"gateway {config.name}: no HTTP client to be had ({_causes(error)[-1]}); "
            "install ca-certificates or name a PEM file in SSL_CERT_FILE"
        ) from None


def failure(error: PyreqwestError) -> Outcome:
    """What a request that brought no response means for its message: in doubt, unless it certainly never left."""
    if isinstance(error, PoolTimeoutError):
        return Deferred("no free connection")
    causes = _causes(error)
    words = causes[-1][:WORDS]
    return Deferred(f"cannot connect: {words}") if NOT_CONNECTED in causes else Unknown(f"no answer: {words}")


def _causes(error: PyreqwestError) -> list[str]:
    """The chain of causes, outermost first. The last one names neither address nor content."""
    causes = (error.details["causes"] or []) if isinstance(error, DetailedPyreqwestError) else []
    return [cause["message"] for cause in causes] or [error.message]
