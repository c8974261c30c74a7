import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("soroka", "0004_fallbacks"),
    ]

    operations = [
        migrations.CreateModel(
            name="Turn",
            fields=[
                (
                    "mailing",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="turn",
                        serialize=False,
                        to="soroka.mailing",
                    ),
                ),
                ("claimed_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "turn",
                "verbose_name_plural": "turns",
            },
        ),
        # Room for a new version of a row beside the old one: it changes with every claim, and no index with it.
        migrations.RunSQL("ALTER TABLE soroka_turn SET (fillfactor = 50)", migrations.RunSQL.noop),
    ]
