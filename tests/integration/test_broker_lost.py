"""What the worker does with a connection whose broker is gone."""

import pytest
from celery.worker.consumer.consumer import COLLECT_SOCKET_TIMEOUT
from kombu.common import ignore_errors
from kombu.simple import SimpleQueue

from soroka.config.celery import app
from tests.valkey import OwnValkey


@pytest.fixture
def valkey():
    """One that may be killed."""
    own = OwnValkey()
    yield own
    own.remove()


def test_a_broker_that_goes_with_a_doorbell_not_acknowledged_does_not_end_the_worker(valkey):
    connection = app.connection_for_read(valkey.url.replace("unix://", "redis+socket://"))
    for channel in (connection.default_channel, connection.channel()):
        queue = SimpleQueue(channel, "doorbells")
        queue.put("ring")
        queue.get(timeout=10)  # and not acknowledged
        with pytest.raises(queue.Empty):
            queue.get(timeout=0.1)  # the next one is being waited for
    valkey.kill()
    # As Celery's consumer does once it has lost its broker; what escapes here ends the worker.
    connection.collect(socket_timeout=COLLECT_SOCKET_TIMEOUT)
    ignore_errors(connection, connection.close)
    channel.do_restore = False  # the end of the process would try it once more
