"""What Django's models cannot say: how the ledger and the queue lie on the disk, and where message ids come from."""

from django.db import migrations

FORWARD = """
-- Room for the one update of a message on its own page: no column that changes is indexed, so that it is HOT. Of a
-- batch's many updates offering and settling are; claiming and renewing move it in the indexes of the queue.
ALTER TABLE soroka_message SET (fillfactor = 45);
ALTER TABLE soroka_batch SET (fillfactor = 50);
-- Settling updates as many rows as it inserts; the default of a fifth of the table is too late for tens of millions.
ALTER TABLE soroka_message SET (autovacuum_vacuum_scale_factor = 0.05);
-- A thousand ids at once: a batch owns a contiguous range, and mailings planned side by side do not interleave.
CREATE SEQUENCE soroka_message_ids AS bigint START 1 INCREMENT 1000;
"""

BACKWARD = """
DROP SEQUENCE soroka_message_ids;
"""


class Migration(migrations.Migration):
    dependencies = [("soroka", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
