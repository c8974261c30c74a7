from django.apps import AppConfig


class SorokaConfig(AppConfig):
    """The one Django app of the service."""

    name = "soroka"
    label = "soroka"
    verbose_name = "Сорока"
    default_auto_field = "django.db.models.BigAutoField"
