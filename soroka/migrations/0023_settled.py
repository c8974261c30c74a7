"""What is settled, by quarters of an hour: kept by a trigger, whoever closes a batch and however (ADR 31)."""

import django.db.models.deletion
from django.db import migrations, models

# What a batch said before is taken off, and what it says now is added: a batch that is opened again, or taken from its
# mailing because its plan was given up, is not counted any more. One that is removed by age still is.
_TRIGGERS = """
CREATE FUNCTION soroka_count_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO soroka_settled AS kept (at, mailing_id, gateway_id, delivered, not_sent)
    SELECT date_bin('15 minutes', minute.key::timestamptz, 'epoch'), said.mailing_id, said.gateway_id,
           sum(said.sign * (minute.value ->> 0)::bigint), sum(said.sign * (minute.value ->> 1)::bigint)
      FROM (VALUES (OLD.mailing_id, OLD.gateway_id, OLD.breakdown, -1),
                   (NEW.mailing_id, NEW.gateway_id, NEW.breakdown, 1)) AS said(mailing_id, gateway_id, breakdown, sign),
           jsonb_each(said.breakdown -> 'minutes') AS minute
     WHERE said.mailing_id <> 0
     GROUP BY 1, 2, 3
     ORDER BY 1, 2, 3  -- two who close at once lock the rows in the same order
        ON CONFLICT (at, mailing_id, gateway_id) DO UPDATE
       SET delivered = kept.delivered + excluded.delivered, not_sent = kept.not_sent + excluded.not_sent;
    RETURN NULL;
END $$;
CREATE TRIGGER settled_new AFTER INSERT ON soroka_batch FOR EACH ROW
    WHEN (NEW.breakdown IS NOT NULL) EXECUTE FUNCTION soroka_count_settled();
CREATE TRIGGER settled AFTER UPDATE OF breakdown, mailing_id ON soroka_batch FOR EACH ROW
    WHEN ((OLD.breakdown, OLD.mailing_id) IS DISTINCT FROM (NEW.breakdown, NEW.mailing_id))
    EXECUTE FUNCTION soroka_count_settled();
-- A row changes with every batch that closes, and no index with it.
ALTER TABLE soroka_settled SET (fillfactor = 50);
"""
_NO_TRIGGERS = """
DROP TRIGGER settled ON soroka_batch;
DROP TRIGGER settled_new ON soroka_batch;
DROP FUNCTION soroka_count_settled();
"""

# A mailing that is over says it in its own row, also of what was removed by age; any other one in its closed batches.
# Nothing closes meanwhile: the triggers were made in this transaction, and they lock the table against writes.
COUNT = """
INSERT INTO soroka_settled (at, mailing_id, gateway_id, delivered, not_sent)
SELECT date_bin('15 minutes', said.minute, 'epoch'), said.mailing_id, said.gateway_id,
       sum(said.delivered), sum(said.not_sent)
  FROM (
    SELECT m.id AS mailing_id, m.gateway_id, (minute ->> 'minute')::timestamptz AS minute,
           (minute ->> 'delivered')::bigint AS delivered, (minute ->> 'not_sent')::bigint AS not_sent
      FROM soroka_mailing m, jsonb_array_elements(m.breakdown -> 'per_minute') AS minute
    UNION ALL
    SELECT b.mailing_id, b.gateway_id, minute.key::timestamptz,
           (minute.value ->> 0)::bigint, (minute.value ->> 1)::bigint
      FROM soroka_mailing m JOIN soroka_batch b ON b.mailing_id = m.id,
           jsonb_each(b.breakdown -> 'minutes') AS minute
     WHERE m.breakdown IS NULL
  ) said
 GROUP BY 1, 2, 3
"""


class Migration(migrations.Migration):
    dependencies = [("soroka", "0022_meter")]
    operations = [
        migrations.CreateModel(
            name="Settled",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "at", "mailing", "gateway", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("delivered", models.BigIntegerField(db_default=0)),
                ("not_sent", models.BigIntegerField(db_default=0)),
                (
                    "gateway",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="soroka.gateway",
                    ),
                ),
                (
                    "mailing",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="soroka.mailing",
                    ),
                ),
            ],
            options={"verbose_name": "quarter of an hour", "verbose_name_plural": "quarters of an hour"},
        ),
        migrations.RunSQL(_TRIGGERS, _NO_TRIGGERS),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
