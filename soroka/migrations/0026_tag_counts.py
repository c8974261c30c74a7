"""How many clients carry each tag, counted as they change (ADR 33); and the trail between two moments."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models

# Once a statement, not once a row: an import writes thousands of clients at a time. The lock that making a trigger
# takes is held until what is there has been counted, so that nothing comes in between.
_COUNT = """
CREATE FUNCTION soroka_count_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO soroka_tagcount (tag_id, clients)
        SELECT tag, count(*) FROM after, unnest(after.tag_ids) AS tag GROUP BY tag;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO soroka_tagcount (tag_id, clients)
        SELECT tag, -count(*) FROM before, unnest(before.tag_ids) AS tag GROUP BY tag;
    ELSE
        INSERT INTO soroka_tagcount (tag_id, clients)
        SELECT tag, sum(one)
          FROM (SELECT unnest(tag_ids) AS tag, 1 AS one FROM after
                UNION ALL SELECT unnest(tag_ids), -1 FROM before) moved
         GROUP BY tag HAVING sum(one) <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_tags_of_new AFTER INSERT ON soroka_client
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION soroka_count_tags();
CREATE TRIGGER count_tags_of_changed AFTER UPDATE ON soroka_client
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION soroka_count_tags();
CREATE TRIGGER count_tags_of_gone AFTER DELETE ON soroka_client
    REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION soroka_count_tags();
INSERT INTO soroka_tagcount (tag_id, clients)
SELECT tag, count(*) FROM soroka_client, unnest(tag_ids) AS tag GROUP BY tag;
"""
_LEAVE = """
DROP TRIGGER count_tags_of_new ON soroka_client;
DROP TRIGGER count_tags_of_changed ON soroka_client;
DROP TRIGGER count_tags_of_gone ON soroka_client;
DROP FUNCTION soroka_count_tags();
"""


class Migration(migrations.Migration):
    dependencies = [("soroka", "0025_restoration")]
    operations = [
        migrations.CreateModel(
            name="TagCount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tag_id", models.IntegerField()),
                ("clients", models.BigIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["tag_id"], name="tag_count")]},
        ),
        migrations.RunSQL(_COUNT, _LEAVE),
        migrations.AddIndex(model_name="change", index=BrinIndex(fields=["at"], name="change_at")),
    ]
