"""The app on a user's phone."""

from django.contrib.auth.models import User
from django_otp.oath import TOTP

from soroka.access.second_factor import begin, confirm
from soroka.models import Totp


def set_up(user: User) -> tuple[Totp, list[str]]:
    """The app of a user who has set up a second factor, and his recovery codes."""
    app = begin(user)
    codes = confirm(user, shown_by(app))
    assert codes
    later()
    return app, codes


def shown_by(app: Totp, ahead: int = 0) -> str:
    """What the app shows, or will show after so many times thirty seconds."""
    codes = TOTP(app.bin_key, drift=ahead)
    return f"{codes.token():06}"


def later() -> None:
    """Let what was used be of long ago: codes that were not used may be looked at again."""
    Totp.objects.update(last_t=-1)


def wrong(app: Totp) -> str:
    """No code that is accepted now."""
    accepted = {shown_by(app, ahead) for ahead in range(-3, 4)}
    return next(code for code in map("{:06}".format, range(10)) if code not in accepted)
