"""``soroka import-clients``: an import as a command."""

from pathlib import Path

import click

from soroka.terminal.entrance import on_installation
from soroka.terminal.failure import Exit, Failure
from soroka.terminal.options import acting, as_json, as_user, user_named

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_WRITTEN = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command("import-clients")
@click.argument("file", type=_FILE)
@click.option("--map", "wishes", multiple=True, metavar="COLUMN=FIELD", help="What a column is; may be repeated.")
@click.option("--replace-tags", is_flag=True, help="Clients have the tags of the file afterwards, and no others.")
@click.option("--known-tags", is_flag=True, help="Refuse the rows that name a tag nobody knows.")
@click.option("--dry-run", is_flag=True, help="Write nothing, and report what would come of it.")
@click.option("--errors", type=_WRITTEN, help="Write the refused rows into this file.")
@as_user
@as_json
@on_installation
def import_clients(
    *, file: Path, wishes: tuple[str, ...], replace_tags: bool, known_tags: bool, dry_run: bool, errors: Path | None,
    username: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Import clients from FILE, CSV or XLSX.

    The first line names the columns: phone, operator_code, tags, timezone, or the same in Russian; others become
    attributes. A known phone is updated. Rows that cannot be taken are refused and stop nothing. After Ctrl-C or a kill
    the workers go on with it. The exit code is 1 where the file is of no use. With --json: the import as the HTTP API
    shows it.
    """
    from django.utils.translation import gettext as _

    from soroka.api.imports import ImportReportSerializer
    from soroka.imports.terminal import follow, hand_in, report
    from soroka.imports.unreadable import UnreadableFile
    from soroka.imports.upload import Options
    from soroka.imports.wish import read_wish
    from soroka.models.rule_words import translated
    from soroka.terminal.screen import print_json

    user = user_named(username)
    with acting(user):
        try:
            options = Options(
                read_wish(wishes), create_missing_tags=not known_tags, replace_tags=replace_tags, dry_run=dry_run
            )
            client_import = hand_in(file, options, user)
        except (UnreadableFile, ValueError) as error:
            raise Failure(translated(str(error)), Exit.FAILED, "unreadable_file") from error
        follow(client_import, quiet=as_json)
    if not report(client_import, errors, quiet=as_json):
        said = {"number": client_import.pk, "why": translated(client_import.detail)}
        raise Failure(_("The import %(number)s failed. %(why)s") % said, Exit.FAILED, "import_failed")
    if as_json:
        print_json(ImportReportSerializer(client_import).data)
