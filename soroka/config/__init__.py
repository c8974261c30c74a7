"""How this installation is wired. Importing it makes the Celery app known to whoever rings."""

from soroka.config.celery import app as celery_app

__all__ = ["celery_app"]
