"""What the selects of the rows say."""

from django.utils.translation import gettext_lazy as _

JOINT_WORDS = [
    ("all", _("All of these are true")),
    ("any", _("At least one of these is true")),
    ("none", _("None of these is true")),
]
KIND_WORDS = [
    ("any_tag", _("has any of the tags")),
    ("all_tags", _("has all of the tags")),
    ("no_tag", _("has none of the tags")),
    ("operator_codes", _("operator code")),
    ("timezones", _("time zone")),
    ("attribute", _("attribute")),
    ("created_since", _("was made since")),
    ("delivered", _("was delivered the mailing")),
    ("not_delivered", _("was not sent the mailing")),
    ("everyone", _("every client")),
]
COMPARISON_WORDS = [
    ("eq", _("is")),
    ("ne", _("is there and is not")),
    ("lt", _("is less than")),
    ("gt", _("is more than")),
    ("in", _("is one of")),
    ("there", _("is there")),
    ("missing", _("is missing")),
]
