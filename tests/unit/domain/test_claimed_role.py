import pytest

from soroka.domain.claimed_role import parse_roles, role_of
from soroka.domain.role import Role

ROLES = parse_roles("staff:viewer, urn:x:senders:operator ,/soroka/keepers:admin,")


def test_it_is_written_as_pairs_and_a_value_may_have_colons():
    assert ROLES == {"staff": Role.VIEWER, "urn:x:senders": Role.OPERATOR, "/soroka/keepers": Role.ADMIN}
    assert parse_roles("") == {}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("staff", "'staff' is not written like soroka-admins:admin"),
        ("staff:", "'staff:' is not written like"),
        (":admin", "':admin' is not written like"),
        ("staff:root", "'staff:root' is not written like"),
        ("staff:viewer,staff:admin", "'staff' is named twice"),
    ],
)
def test_what_cannot_be_meant_is_named(written, said):
    with pytest.raises(ValueError, match=said):
        parse_roles(written)


@pytest.mark.parametrize(
    ("claim", "role"),
    [
        ("staff", Role.VIEWER),
        (["others", "staff"], Role.VIEWER),
        (["/soroka/keepers", "staff", "urn:x:senders"], Role.ADMIN),
        (["staff", "urn:x:senders"], Role.OPERATOR),
        ("staff,/soroka/keepers", None),
        ("Staff", None),
        ([], None),
        (None, None),
        (True, None),
        ([["staff"], {"staff": 1}, 7, None], None),
        ({"staff": True}, None),
    ],
)
def test_the_greatest_role_counts_and_whatever_else_it_is_gives_none(claim, role):
    assert role_of(claim, ROLES) == role
