import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_shutting_down
from django.core.exceptions import ImproperlyConfigured

from soroka.config.env import env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soroka.config.settings")

app = Celery("soroka")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["soroka"])


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


@worker_shutting_down.connect
def tell_the_pumps(**_: Any) -> None:
    """A warm shutdown waits for running tasks, but tells only the parent process: the pumps learn it from here."""
    from soroka.tasks import STOPPING  # needs the apps, which are set up by now

    STOPPING[0] = 1
