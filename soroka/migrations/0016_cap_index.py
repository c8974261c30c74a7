"""The index by which planning finds whom a cap concerns, made while the service works."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_DUE = models.Index(fields=["due_at"], include=["mailing"], name="batch_due")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("soroka", "0015_import_acts")]
    operations = [
        # One that was interrupted halfway is there and invalid.
        migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {_DUE.name}", migrations.RunSQL.noop),
        AddIndexConcurrently("batch", _DUE),
    ]
