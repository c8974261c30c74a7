"""The ledger of consents, which the database lets nobody change, and the suppression list.

Whoever opted out before has his phone put on that list.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from soroka.models.derived_keys import digests, phone_key_name

_CHUNK = 5_000

_KEEP = """
CREATE FUNCTION soroka_keep_consents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are added and never changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON soroka_consent EXECUTE FUNCTION soroka_keep_consents();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON soroka_consentseal EXECUTE FUNCTION soroka_keep_consents();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON soroka_consent EXECUTE FUNCTION soroka_keep_consents();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON soroka_consentseal EXECUTE FUNCTION soroka_keep_consents();
"""
_LET_GO = """
DROP TRIGGER keep ON soroka_consent;
DROP TRIGGER keep_all ON soroka_consent;
DROP TRIGGER keep ON soroka_consentseal;
DROP TRIGGER keep_all ON soroka_consentseal;
DROP FUNCTION soroka_keep_consents();
"""


def suppress_who_opted_out(apps, schema_editor):
    clients = apps.get_model("soroka", "Client").objects.filter(opted_out=True).order_by("id")
    suppression = apps.get_model("soroka", "Suppression").objects
    last = 0
    while rows := list(clients.filter(id__gt=last).values_list("id", "phone")[:_CHUNK]):
        suppression.bulk_create(
            suppression.model(phone_digest=digests(phone)[0], key=phone_key_name()) for _, phone in rows
        )
        last = rows[-1][0]


class Migration(migrations.Migration):
    dependencies = [("soroka", "0012_send_windows")]
    operations = [
        migrations.CreateModel(
            name="ConsentSeal",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("rows", models.IntegerField()),
                ("key", models.IntegerField()),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "verbose_name": "seal",
                "verbose_name_plural": "seals",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ConsentText",
            fields=[
                ("digest", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("source", models.TextField(verbose_name="source")),
                ("wording", models.TextField(verbose_name="wording")),
            ],
            options={
                "verbose_name": "text of a consent",
                "verbose_name_plural": "texts of consents",
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("phone_digest", models.BinaryField(max_length=32, unique=True)),
                ("key", models.IntegerField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "verbose_name": "suppressed phone",
                "verbose_name_plural": "suppressed phones",
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("seal_id", models.BigIntegerField()),
                ("at", models.DateTimeField(verbose_name="recorded")),
                ("phone_digest", models.BinaryField(max_length=32)),
                ("client_id", models.BigIntegerField(null=True)),
                (
                    "act",
                    models.CharField(
                        choices=[("opt_in", "opt-in"), ("opt_out", "opt-out")], max_length=7, verbose_name="act"
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("api", "API"),
                            ("admin", "admin"),
                            ("import", "import"),
                            ("link", "link in a text"),
                            ("inbound", "reply to a text"),
                        ],
                        max_length=7,
                        verbose_name="channel",
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        db_column="text_digest",
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="soroka.consenttext",
                    ),
                ),
                ("recorded_by", models.CharField(blank=True, max_length=150, verbose_name="recorded by")),
            ],
            options={
                "verbose_name": "consent",
                "verbose_name_plural": "consents",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["phone_digest", "id"], name="consent_phone"),
                    models.Index(fields=["client_id", "id"], name="consent_client"),
                    models.Index(fields=["seal_id", "id"], name="consent_seal"),
                    models.Index(condition=models.Q(("text__isnull", False)), fields=["text"], name="consent_text"),
                ],
            },
        ),
        migrations.RunSQL(_KEEP, _LET_GO),
        migrations.RunPython(suppress_who_opted_out, migrations.RunPython.noop),
    ]
