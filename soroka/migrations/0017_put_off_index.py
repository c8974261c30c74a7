"""The index by which planning finds what was put off into the days of a cap, made while the service works."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_OPENS = models.Index(
    fields=["opens_at"], include=["mailing"], name="batch_opens", condition=models.Q(opens_at__isnull=False)
)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("soroka", "0016_cap_index")]
    operations = [
        # One that was interrupted halfway is there and invalid.
        migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {_OPENS.name}", migrations.RunSQL.noop),
        AddIndexConcurrently("batch", _OPENS),
    ]
