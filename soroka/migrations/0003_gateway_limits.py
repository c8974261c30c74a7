"""What a gateway may be asked to bear, and how its failures are tried again."""

import django.core.validators
from django.db import migrations, models

# Requests under way were said of one pump, and two pumps are the default: together they had twice as many.
FORWARD = "UPDATE soroka_gateway SET connections = least(connections * 2, 32767)"
BACKWARD = "UPDATE soroka_gateway SET connections = greatest(connections / 2, 1)"


class Migration(migrations.Migration):
    dependencies = [
        ("soroka", "0002_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="gateway",
            name="backoff_base",
            field=models.FloatField(
                default=0.5,
                help_text="It doubles with every failed try of a message.",
                validators=[django.core.validators.MinValueValidator(0.01)],
                verbose_name="first backoff, seconds",
            ),
        ),
        migrations.AddField(
            model_name="gateway",
            name="backoff_cap",
            field=models.FloatField(
                default=300.0,
                validators=[django.core.validators.MaxValueValidator(86400)],
                verbose_name="longest backoff, seconds",
            ),
        ),
        migrations.AddField(
            model_name="gateway",
            name="burst",
            field=models.PositiveIntegerField(
                default=10,
                help_text="So many messages more than that may come within one second; a tenth of it or more is well.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(1000000),
                ],
                verbose_name="burst",
            ),
        ),
        migrations.AddField(
            model_name="gateway",
            name="jitter",
            field=models.FloatField(
                default=1.0,
                help_text="The share of a backoff that is drawn at random: 0 for none of it, 1 for all.",
                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)],
                verbose_name="jitter",
            ),
        ),
        migrations.AddField(
            model_name="gateway",
            name="rate",
            field=models.FloatField(
                blank=True,
                help_text="Over all pumps and hosts. Left empty: no limit.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(0.001),
                    django.core.validators.MaxValueValidator(1000000),
                ],
                verbose_name="messages a second",
            ),
        ),
        migrations.AlterField(
            model_name="gateway",
            name="connections",
            field=models.PositiveSmallIntegerField(
                default=200,
                help_text="Over all pumps and hosts.",
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="requests under way at once",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.AlterField(
            model_name="gateway",
            name="max_tries",
            field=models.PositiveSmallIntegerField(
                default=5, validators=[django.core.validators.MinValueValidator(1)], verbose_name="tries of a message"
            ),
        ),
    ]
