"""A user who came by the provider can be removed when the login by it is off again, and Django knows no allauth."""

from django.db import migrations

_CASCADE = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT conrelid::regclass AS name, conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
        WHERE contype = 'f' AND confdeltype = 'a' AND confrelid = 'auth_user'::regclass
          AND conrelid IN ('account_emailaddress'::regclass, 'socialaccount_socialaccount'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.name, found.conname);
        EXECUTE format(
            'ALTER TABLE %s ADD CONSTRAINT %I %s', found.name, found.conname,
            replace(found.definition, ' DEFERRABLE', ' ON DELETE CASCADE DEFERRABLE')
        );
    END LOOP;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [migrations.RunSQL(_CASCADE, migrations.RunSQL.noop)]
