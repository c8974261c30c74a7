"""Filters with a name, and the mailings that were made of them."""

import django.db.models.deletion
import django.db.models.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("soroka", "0005_turns")]
    operations = [
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("filter", models.JSONField(verbose_name="filter")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.Now(), editable=False, verbose_name="created"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
            ],
            options={"verbose_name": "segment", "verbose_name_plural": "segments", "ordering": ["name"]},
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"), name="segment_name_unique"
            ),
        ),
        migrations.AddField(
            model_name="mailing",
            name="segment",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="soroka.segment",
                verbose_name="segment",
            ),
        ),
    ]
