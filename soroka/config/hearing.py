"""Whether a worker still takes signals, for it can be alive, connected and deaf (celery#10302).

Kombu lets a worker have so many signals that it has not acknowledged. One whose acknowledgement got lost on its way
counts for ever, as long as the connection on which signals come is well; when all of them do, none is asked for again.
"""

from typing import Any

from celery import bootsteps
from celery.worker import state

#: Seconds between two looks, and how many in a row have to find the worker deaf: one with a free process, and one whose
#: processes all seem to be at work. A result that got lost in a reconnection leaves a process busy that is not.
_EVERY, _LOOKS, _BUSY_LOOKS = 5.0, 2, 6


class Hearing(bootsteps.StartStopStep):
    """Connects a worker anew that takes nothing of what waits. Its tasks go on meanwhile."""

    requires = ("celery.worker.consumer:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._look_again: Any = None
        self._taken = self._deaf = 0

    def start(self, consumer: Any) -> None:
        """With every connection."""
        self._deaf = 0
        self._look_again = consumer.timer.call_repeatedly(_EVERY, self._look, (consumer,))

    def stop(self, consumer: Any) -> None:
        """Before the next connection."""
        if self._look_again:
            self._look_again.cancel()

    def _look(self, consumer: Any) -> None:
        """Raises ConnectionError, upon which the consumer connects anew; also what the broker's client raises."""
        before, self._taken = self._taken, state.all_total_count[0]
        heard = self._taken != before
        busy = len(state.active_requests) >= consumer.pool.num_processes
        self._deaf = 0 if heard or not _waiting(consumer) else self._deaf + 1
        if self._deaf >= (_BUSY_LOOKS if busy else _LOOKS):
            raise ConnectionError("signals wait, and none was taken")


def _waiting(consumer: Any) -> bool:
    """Whether there are signals in any of its queues."""
    tasks = consumer.task_consumer
    return any(tasks.channel.queue_declare(queue.name).message_count for queue in tasks.queues)
