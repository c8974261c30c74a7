"""The trail of changes: rows are added, and only what they say of a client can be emptied."""

import django.db.models.functions.datetime
from django.db import migrations, models

_KEEP = """
CREATE FUNCTION soroka_keep_trail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.kind = 'client' THEN
        IF NEW.before = '{}' AND NEW.after = '{}'
           AND to_jsonb(NEW) - 'before' - 'after' = to_jsonb(OLD) - 'before' - 'after' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are added and never changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON soroka_change FOR EACH ROW EXECUTE FUNCTION soroka_keep_trail();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON soroka_change EXECUTE FUNCTION soroka_keep_trail();
"""
_LET_GO = """
DROP TRIGGER keep ON soroka_change;
DROP TRIGGER keep_all ON soroka_change;
DROP FUNCTION soroka_keep_trail();
"""


class Migration(migrations.Migration):
    dependencies = [("soroka", "0017_put_off_index")]
    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="moment"),
                ),
                ("actor", models.CharField(blank=True, max_length=150, verbose_name="who")),
                ("actor_kind", models.CharField(max_length=8)),
                ("channel", models.CharField(max_length=8, verbose_name="channel")),
                ("address", models.GenericIPAddressField(null=True, verbose_name="address")),
                ("request_id", models.CharField(blank=True, max_length=64)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("created", "made"),
                            ("changed", "changed"),
                            ("deleted", "deleted"),
                            ("paused", "paused"),
                            ("resumed", "resumed"),
                            ("cancelled", "cancelled"),
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
                ("kind", models.CharField(max_length=16, verbose_name="object")),
                ("object_id", models.BigIntegerField(null=True, verbose_name="number")),
                ("name", models.CharField(blank=True, max_length=200)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "entry of the trail",
                "verbose_name_plural": "changes",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["kind", "object_id", "id"], name="change_object"),
                    models.Index(fields=["actor", "id"], name="change_actor"),
                    models.Index(fields=["action", "id"], name="change_action"),
                ],
            },
        ),
        migrations.RunSQL(_KEEP, _LET_GO),
    ]
