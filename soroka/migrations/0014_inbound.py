from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("soroka", "0013_consents")]

    operations = [
        migrations.AddField(
            model_name="gateway",
            name="inbound_secret",
            field=models.TextField(blank=True, db_default="", default="", editable=False),
        ),
    ]
