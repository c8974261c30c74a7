"""The indexes by which the home page finds what is in doubt without reading breakdowns, made while the service works."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_INDEXES = {
    "batch": models.Index(
        fields=["mailing"],
        name="batch_doubtful",
        condition=models.Q(breakdown__reasons__has_key="unknown"),
    ),
    "mailing": models.Index(
        fields=["over_at"],
        name="mailing_doubtful",
        condition=models.Q(over_at__isnull=False, breakdown__not_sent_by_reason__has_key="unknown"),
    ),
}


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("soroka", "0027_own_numbers")]
    operations = [
        # One that was interrupted halfway is there and invalid.
        *(
            migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {index.name}", migrations.RunSQL.noop)
            for index in _INDEXES.values()
        ),
        *(AddIndexConcurrently(model, index) for model, index in _INDEXES.items()),
    ]
