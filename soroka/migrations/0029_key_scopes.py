import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("soroka", "0028_doubtful_indexes")]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                models.CharField(max_length=32), blank=True, db_default=[], default=list, verbose_name="scopes"
            ),
        ),
    ]
