"""Imports that are kept in the database and taken over by slices."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


# What was handed in and not taken over lies there without its file and in another form. The rest has been read.
END = """
DELETE FROM soroka_importrow WHERE error = '';
UPDATE soroka_clientimport SET state = 'failed', detail = 'It was interrupted by an update. Hand the file in again.',
       finished_at = now() WHERE state IN ('queued', 'running');
UPDATE soroka_clientimport SET progress = 1 WHERE state = 'finished';
-- Pieces of files that are packed, or soon gone: packing them costs more than it saves.
ALTER TABLE soroka_importchunk ALTER COLUMN content SET STORAGE EXTERNAL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("soroka", "0010_retention"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportChunk",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.IntegerField()),
                ("content", models.BinaryField()),
            ],
            options={
                "verbose_name": "piece of a file",
                "verbose_name_plural": "pieces of files",
            },
        ),
        migrations.AddField(
            model_name="clientimport",
            name="columns",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), db_default=[], editable=False, size=None
            ),
        ),
        migrations.AddField(
            model_name="clientimport",
            name="create_missing_tags",
            field=models.BooleanField(db_default=True, editable=False),
        ),
        migrations.AddField(
            model_name="clientimport",
            name="delimiter",
            field=models.CharField(db_default=",", editable=False, max_length=1),
        ),
        migrations.AddField(
            model_name="clientimport",
            name="dry_run",
            field=models.BooleanField(db_default=False, editable=False, verbose_name="dry run"),
        ),
        migrations.AddField(
            model_name="clientimport",
            name="encoding",
            field=models.CharField(db_default="utf-8", editable=False, max_length=16),
        ),
        migrations.AddField(
            model_name="clientimport",
            name="is_workbook",
            field=models.BooleanField(db_default=False, editable=False),
        ),
        migrations.AddField(
            model_name="clientimport",
            name="mapping",
            field=models.JSONField(db_default={}, editable=False),
        ),
        migrations.AddField(
            model_name="clientimport",
            name="progress",
            field=models.FloatField(db_default=0.0, editable=False, verbose_name="progress"),
        ),
        migrations.AddField(
            model_name="clientimport",
            name="read_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="clientimport",
            name="replace_tags",
            field=models.BooleanField(db_default=False, editable=False),
        ),
        migrations.AddField(
            model_name="clientimport",
            name="size",
            field=models.BigIntegerField(db_default=0, editable=False, verbose_name="size"),
        ),
        migrations.AddField(
            model_name="clientimport",
            name="taken_to",
            field=models.IntegerField(db_default=0, editable=False),
        ),
        migrations.AddField(
            model_name="clientimport",
            name="tries",
            field=models.SmallIntegerField(db_default=0, editable=False),
        ),
        migrations.AddField(
            model_name="importrow",
            name="derived_code",
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="importrow",
            name="original",
            field=models.BinaryField(null=True),
        ),
        migrations.AlterField(
            model_name="importrow",
            name="client_import",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="staged",
                to="soroka.clientimport",
            ),
        ),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(fields=["client_import", "line"], name="import_row_line"),
        ),
        migrations.AddField(
            model_name="importchunk",
            name="client_import",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="chunks",
                to="soroka.clientimport",
            ),
        ),
        migrations.AddConstraint(
            model_name="importchunk",
            constraint=models.UniqueConstraint(fields=("client_import", "number"), name="import_chunk_unique"),
        ),
        migrations.RunSQL(END, migrations.RunSQL.noop),
    ]
