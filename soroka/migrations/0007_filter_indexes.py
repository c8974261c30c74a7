"""Indexes of clients for filters and counts, made while the service works.

Each waits for every transaction that is open, as long as the role's lock_timeout allows. An index that was interrupted
halfway is there and invalid: each is dropped first, so that the next run makes it anew. The limit is not lifted by a
SET: PgBouncer would hand that session to others.
"""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.lookups import GreaterThan, LessThanOrEqual

_TAGS = models.Func(models.F("tag_ids"), function="cardinality", output_field=models.IntegerField())
_INDEXES = [
    models.Index(
        fields=["operator_code"],
        include=["tag_ids", "opted_out", "zone"],
        name="client_count",
        condition=models.Q(LessThanOrEqual(_TAGS, 100)),
    ),
    models.Index(fields=["id"], name="client_many_tags", condition=models.Q(GreaterThan(_TAGS, 100))),
    django.contrib.postgres.indexes.GinIndex(fields=["attributes"], name="client_attributes"),
    django.contrib.postgres.indexes.BrinIndex(fields=["created_at"], name="client_created"),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("soroka", "0006_segments")]
    operations = [
        operation
        for index in _INDEXES
        for operation in (
            migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {index.name}", migrations.RunSQL.noop),
            AddIndexConcurrently("client", index),
        )
    ]
