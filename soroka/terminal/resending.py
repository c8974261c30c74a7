"""What is in doubt of a mailing, sent once more from the command line, by the code of the API."""

from django.utils import timezone
from django.utils.translation import gettext as _

from soroka.api.mailing_writes import start_resend
from soroka.api.resend_shapes import ResendSerializer
from soroka.planning.resend import require_resendable
from soroka.statistics.tally import in_doubt
from soroka.terminal import asking
from soroka.terminal.mailing_body import moment_of
from soroka.terminal.mailing_views import known, messages, said
from soroka.terminal.options import acting, user_named


def resend(mailing_id: int, *, sure: bool, end: str | None, username: str | None, as_json: bool) -> None:
    """Make the mailing and show it. Raises Abort, AlreadyResent, NotAllowed, NotFound, ValidationError."""
    user = user_named(username)
    first = known(mailing_id)
    require_resendable(first)
    if not sure and asking.has_person():
        doubtful = in_doubt(first)
        asking.confirm(_("Send %(messages)s once more that may have come already?") % {"messages": messages(doubtful)})
        sure = True
    asked = ResendSerializer(data={"may_arrive_twice": sure, "ends_at": moment_of(end, None, timezone.now())})
    asked.is_valid(raise_exception=True)
    with acting(user):
        made = start_resend(mailing_id, **asked.validated_data, user=user)
    said(made.pk, as_json=as_json)
