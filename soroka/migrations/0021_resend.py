"""Which mailing sends once more what is in doubt of another, and the word of the trail for it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("soroka", "0020_report"),
    ]

    operations = [
        migrations.AddField(
            model_name="mailing",
            name="resend_of",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="soroka.mailing",
                verbose_name="resends what is in doubt of",
            ),
        ),
        migrations.AlterField(
            model_name="change",
            name="action",
            field=models.CharField(
                choices=[
                    ("created", "made"),
                    ("changed", "changed"),
                    ("deleted", "deleted"),
                    ("paused", "paused"),
                    ("resumed", "resumed"),
                    ("cancelled", "cancelled"),
                    ("resent", "what is in doubt was sent once more"),
                    ("opted_out", "opted out"),
                    ("opted_in", "opted in"),
                    ("imported", "imported"),
                    ("exported", "exported"),
                    ("erased", "erased"),
                    ("trial", "trial send"),
                ],
                max_length=10,
                verbose_name="what",
            ),
        ),
    ]
