"""What a worker asks of its broker before it takes itself for deaf; test_deaf_worker.py makes one deaf."""

from types import SimpleNamespace

import pytest

from soroka.config.celery import app
from soroka.config.hearing import _waiting
from tests.valkey import OwnValkey


@pytest.fixture
def consumer():
    """Of all queues of the service, none of which has a signal yet."""
    own = OwnValkey()
    with app.connection_for_read(own.url.replace("unix://", "redis+socket://")) as connection:
        yield SimpleNamespace(task_consumer=app.amqp.TaskConsumer(connection.channel()))
    own.remove()


@pytest.mark.parametrize("queue", ["clock", "delivery", "planning"])
def test_a_signal_waits_in_whichever_queue_it_is(consumer, queue):
    assert not _waiting(consumer)
    with app.amqp.Producer(consumer.task_consumer.channel) as producer:
        producer.publish({}, routing_key=queue, exchange="")
    assert _waiting(consumer)
