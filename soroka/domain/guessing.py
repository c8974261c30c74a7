"""After how many wrong passwords nobody is let in any more for a while, with any password."""

from datetime import timedelta

#: Wrong passwords for one user from one address, within ``COOL_OFF``.
LIMIT = 5
COOL_OFF = timedelta(minutes=15)
#: What is counted together, and the limit of each. An office shares an address, and a user of a known name must not be
#: locked out by strangers with a handful of tries; so these are higher.
LIMITS: dict[str | tuple[str, ...], int] = {("username", "ip_address"): LIMIT, "ip_address": 30, "username": 60}
