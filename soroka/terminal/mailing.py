"""``soroka mailing``: mailings made, watched, paused, resumed, cancelled and resent from the command line."""

from collections.abc import Callable

import click

from soroka.terminal import suggestions
from soroka.terminal.entrance import on_installation
from soroka.terminal.mailing_create import create
from soroka.terminal.mailing_watch import watch
from soroka.terminal.options import acting, as_json, as_user, mailing_id, user_named

_MOST_LISTED = 1000


@click.group()
def mailing() -> None:
    """Make, watch, pause, resume, cancel and resend mailings.

    It works on the database itself, by the code of the web server, which need not run. Without a worker and beat
    nothing is sent: `soroka status` says whether they run.
    """


mailing.add_command(create)
mailing.add_command(watch)


@mailing.command("list")
@click.option("--open", "only_open", is_flag=True, help="Only those that are not over.")
@click.option("--search", metavar="WORDS", default="", help="Only those with these words in the name or the text.")
@click.option("--limit", type=click.IntRange(1, _MOST_LISTED), default=20, show_default=True, help="How many at most.")
@as_json
@on_installation
def list_mailings(*, only_open: bool, search: str, limit: int, as_json: bool) -> None:
    """The newest mailings, and how far they are.

    With --json: {"results": [...]}, each as the HTTP API shows it.
    """
    from soroka.terminal.mailing_views import found, shown_list

    shown_list(found(only_open=only_open, search=search, limit=limit), as_json=as_json)


@mailing.command()
@mailing_id(suggestions.mailings)
@as_json
@on_installation
def show(*, mailing_id: int, as_json: bool) -> None:
    """All that is known of a mailing: its counts, why messages were not sent, its zones.

    With --json: the mailing as the HTTP API shows it, with its full statistics.
    """
    from soroka.terminal.mailing_views import shown

    shown(mailing_id, as_json=as_json)


@mailing.command()
@mailing_id(suggestions.mailings_under_way)
@as_user
@as_json
@on_installation
def pause(*, mailing_id: int, username: str | None, as_json: bool) -> None:
    """Offer nothing more of a mailing until it is resumed.

    Its deadlines go on: what they pass is not sent. Exit code 4 where the mailing is over.
    """
    from soroka.queue.withdraw import pause as verb

    _do(verb, mailing_id, username, as_json=as_json)


@mailing.command()
@mailing_id(suggestions.paused_mailings)
@as_user
@as_json
@on_installation
def resume(*, mailing_id: int, username: str | None, as_json: bool) -> None:
    """Go on with a paused mailing. Exit code 4 where it is over."""
    from soroka.queue.withdraw import resume as verb

    _do(verb, mailing_id, username, as_json=as_json)


@mailing.command()
@mailing_id(suggestions.mailings_under_way)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@as_user
@as_json
@on_installation
def cancel(*, mailing_id: int, yes: bool, username: str | None, as_json: bool) -> None:
    """Offer nothing more of a mailing, for good.

    What is queued is withdrawn; what is on its way may still arrive, and is counted. A person is asked first; where
    nobody can be asked it takes --yes. Exit code 4 where the mailing is over.
    """
    from soroka.queue.withdraw import cancel as verb
    from soroka.terminal.mailing_views import ask_to_cancel

    if not yes:
        ask_to_cancel(mailing_id)
    _do(verb, mailing_id, username, as_json=as_json)


@mailing.command()
@mailing_id(suggestions.mailings)
@click.option("--may-arrive-twice", is_flag=True, help="It is meant: what is in doubt may have come.")
@click.option(
    "--end", metavar="WHEN", default=None, help="2026-11-27T20:00 or +2h; else as long from now as the first went."
)
@as_user
@as_json
@on_installation
def resend(*, mailing_id: int, may_arrive_twice: bool, end: str | None, username: str | None, as_json: bool) -> None:
    """Send once more what of a mailing is in doubt, as another mailing.

    It may have come already, and then it comes twice: a person is asked; where nobody can be asked it takes
    --may-arrive-twice. Exit code 4 where the mailing is not over, nothing of it is in doubt, or it was resent already.
    """
    from soroka.terminal.resending import resend as again

    again(mailing_id, sure=may_arrive_twice, end=end, username=username, as_json=as_json)


def _do(verb: Callable[[int], None], mailing_id: int, username: str | None, *, as_json: bool) -> None:
    """Do it, ring the doorbell, and show the mailing as it is then."""
    from soroka.tasks import ring
    from soroka.terminal.mailing_views import known, said

    user = user_named(username)
    known(mailing_id)
    with acting(user):
        verb(mailing_id)
    ring()
    said(mailing_id, as_json=as_json)
