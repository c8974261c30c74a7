"""What a mailing keeps of messages that were removed by age, and the index by which the tick finds whose turn it is."""

from django.db import migrations, models

# Those that are over already: since the last of their messages was settled.
_OVER = """
UPDATE soroka_mailing SET over_at = coalesce((breakdown ->> 'last_settled_at')::timestamptz, clock_timestamp())
 WHERE breakdown IS NOT NULL
"""


def _count(name: str) -> migrations.AddField:
    return migrations.AddField("mailing", name, models.BigIntegerField(db_default=0, default=0, editable=False))


class Migration(migrations.Migration):
    dependencies = [("soroka", "0009_erasure")]
    operations = [
        migrations.AddField("mailing", "over_at", models.DateTimeField(editable=False, null=True)),
        migrations.AddField("mailing", "gone_at", models.DateTimeField(editable=False, null=True)),
        _count("gone_total"),
        _count("gone_delivered"),
        _count("gone_not_sent"),
        migrations.AddIndex(
            "mailing",
            models.Index(fields=["over_at"], name="mailing_over", condition=models.Q(over_at__isnull=False)),
        ),
        migrations.RunSQL(_OVER, migrations.RunSQL.noop),
    ]
