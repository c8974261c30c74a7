from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SorokaConfig(AppConfig):
    """The one Django app of the service."""

    name = "soroka"
    label = "soroka"
    verbose_name = _("Soroka")
    default_auto_field = "django.db.models.BigAutoField"
