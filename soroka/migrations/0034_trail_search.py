"""The indexes by which the trail is searched, made while the service works."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_INDEXES = [
    models.Index(fields=["name", "id"], name="change_name"),
    models.Index(fields=["address", "id"], name="change_address"),
    models.Index(fields=["request_id", "id"], name="change_request"),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("soroka", "0033_locked_out_in_the_trail")]
    operations = [
        # One that was interrupted halfway is there and invalid.
        *(
            migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {index.name}", migrations.RunSQL.noop)
            for index in _INDEXES
        ),
        *(AddIndexConcurrently("change", index) for index in _INDEXES),
    ]
