from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("soroka", "0014_inbound")]

    operations = [
        migrations.AddField("importrow", "opted_out", models.BooleanField(null=True)),
        migrations.AddField("importrow", "consent", models.TextField(null=True)),
    ]
