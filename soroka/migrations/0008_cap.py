"""The cap of a mailing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("soroka", "0007_filter_indexes")]
    operations = [
        migrations.AddField("mailing", "cap", models.JSONField(null=True, verbose_name="cap")),
        migrations.AddField(
            "mailing",
            "lift_cap",
            models.BooleanField(db_default=False, default=False, verbose_name="may exceed the service's cap"),
        ),
    ]
