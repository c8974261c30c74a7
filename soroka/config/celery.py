import os
from typing import Any

from celery import Celery
from celery.signals import worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soroka.config.settings")

app = Celery("soroka")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["soroka"])


@worker_shutting_down.connect
def tell_the_pumps(**_: Any) -> None:
    """A warm shutdown waits for running tasks, but tells only the parent process: the pumps learn it from here."""
    from soroka.tasks import STOPPING  # needs the apps, which are set up by now

    STOPPING[0] = 1
