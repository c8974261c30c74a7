import os
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from celery.signals import beat_init, task_postrun, task_prerun, worker_init, worker_process_init, worker_shutting_down
from celery.states import FAILURE
from django.core.exceptions import ImproperlyConfigured
from kombu import Connection
from structlog.contextvars import bind_contextvars, clear_contextvars

from soroka.access.own_key import require_own_key
from soroka.config import tracing
from soroka.config.env import env
from soroka.config.hearing import Hearing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soroka.config.settings")

#: Seconds between two tries to reach a broker that is away. Kombu's own grow to 30, for which nothing would be sent.
_TRY_AGAIN = 1.0


class BrokerConnection(Connection):
    """A connection that comes back within about a second of its broker, however long that was away."""

    def collect(self, *args: Any, **kwargs: Any) -> Any:
        """As ``kombu.Connection``, which is lost, and without giving back what was taken and not acknowledged.

        That needs the broker: Celery 5.7 closes what it has collected, and the whole worker ends with an error if a
        message is to be given back then. The next tick rings anyway.
        """
        if (channel := getattr(self, "_default_channel", None)) is not None:
            channel.do_restore = False
        return super().collect(*args, **kwargs)

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        """As ``kombu.Connection``, with short and even pauses."""
        return super().ensure_connection(*args, **{**kwargs, "interval_start": _TRY_AGAIN, "interval_max": _TRY_AGAIN})


class _Amqp(AMQP):
    Connection = BrokerConnection


app = Celery("soroka", amqp=_Amqp)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["soroka"])
app.steps["consumer"].add(Hearing)


@task_prerun.connect
def act_as_the_service(task: Any, **_: Any) -> None:
    """What a task enters into the trail was done by the service; its lines of the log name the request it is for."""
    from soroka.models.trail import serve
    from soroka.tasks import REQUEST_ID

    serve()
    clear_contextvars()
    if request_id := (task.request.headers or {}).get(REQUEST_ID):
        bind_contextvars(request_id=request_id)


@task_postrun.connect
def count_failures(task: Any, state: str, **_: Any) -> None:
    """For /metrics. ``task_failure`` would come to the parent, too, and its children must inherit no connection."""
    from soroka.models.meter import Count, Counted, count

    if state == FAILURE:
        count({Count(Counted.TASK_FAILURES, task.name.rpartition(".")[2]): 1})


@worker_process_init.connect
def trace(**_: Any) -> None:
    """Each child sends its own traces."""
    tracing.start()


@worker_init.connect
def require_the_gateway(**_: Any) -> None:
    """A worker that does not know the gateway ``default`` would stop it for all the others."""
    for name in ("GATEWAY_URL", "GATEWAY_TOKEN"):
        try:
            env.str(name)
        except (ImproperlyConfigured, OSError) as error:
            # Celery logs what else a handler raises, and starts all the same.
            raise SystemExit(
                f"{name} is not set or cannot be read ({error}). Every worker needs the same one; "
                "leave it empty where no mailing uses the gateway `default`."
            ) from None


@beat_init.connect
@worker_init.connect
def require_the_key(**_: Any) -> None:
    """Nobody works with a key that anybody could guess."""
    from django.conf import settings

    require_own_key(settings.SECRET_KEY, debug=settings.DEBUG)


@worker_shutting_down.connect
def tell_the_pumps(**_: Any) -> None:
    """A warm shutdown waits for running tasks, but tells only the parent process: the pumps learn it from here."""
    from soroka.tasks import STOPPING  # needs the apps, which are set up by now

    STOPPING[0] = 1
