"""A message may have no phone any more: its client was erased."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("soroka", "0008_cap")]
    operations = [migrations.AlterField("message", "phone", models.BigIntegerField(null=True))]
