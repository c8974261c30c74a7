"""A mailing names further gateways, and a message says which one has it. Both are added without rewriting a row."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("soroka", "0003_gateway_limits")]
    operations = [
        migrations.AddField(
            model_name="mailing",
            name="fallbacks",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(),
                blank=True,
                db_default=[],
                default=list,
                size=None,
                verbose_name="fallbacks",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="gateway",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="soroka.gateway",
            ),
        ),
    ]
