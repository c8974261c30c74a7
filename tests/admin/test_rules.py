"""Rows and JSON of a filter are two writings of the same: nothing is lost between them."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.http import QueryDict
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from soroka.admin.rules.shown import shown
from soroka.admin.rules.tree import COMPARISONS, DEEPEST, Group, Rule, numbered
from soroka.admin.rules.widget import Draft, RulesField
from soroka.api.segments import AudienceSerializer
from tests.admin.pages import sent

quickly = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
lines = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=12)
scalars = st.one_of(
    lines, st.integers(-(2**53), 2**53), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)
)
codes = st.from_regex(r"[0-9]{3}", fullmatch=True)
moments = st.datetimes(datetime(2000, 1, 2), datetime(2099, 1, 1), timezones=st.just(UTC)).map(datetime.isoformat)  # noqa: DTZ001


def several(things):
    return st.lists(things, max_size=3, unique_by=json.dumps)


rules = st.one_of(
    st.builds(Rule, st.sampled_from(["any_tag", "all_tags", "no_tag", "timezones"]), several(lines)),
    st.builds(Rule, st.just("operator_codes"), several(codes)),
    st.builds(Rule, st.just("attribute"), several(scalars | st.none()), lines, st.just("in")),
    st.builds(Rule, st.just("attribute"), name=lines, by=st.sampled_from(COMPARISONS[:4]), value=scalars),
    st.builds(Rule, st.just("attribute"), name=lines, by=st.sampled_from(COMPARISONS[5:])),
    st.builds(Rule, st.just("created_since"), value=moments),
    st.builds(Rule, st.sampled_from(["delivered", "not_delivered"]), value=st.integers(1, 2**40)),
    st.builds(Rule, st.just("everyone")),
)


def groups(depth):
    below = rules if depth == DEEPEST else st.one_of(rules, rules, groups(depth + 1))
    return st.builds(Group, st.sampled_from(["all", "any", "none"]), st.lists(below, max_size=4))


whole = groups(1).map(numbered)


def same(first, second):
    """1 and true are equal to Python, and not to a filter."""
    return json.dumps(first.written()) == json.dumps(second.written())


@quickly
@given(whole)
def test_what_is_opened_is_sent_back_as_it_was(group):
    widget = RulesField().widget
    page = widget.render("filter", Draft(group))
    back = widget.value_from_datadict(QueryDict(urlencode(sent(page)), mutable=True), {}, "filter")
    assert same(back.rules, group)
    text = widget.render("filter", Draft(group).acted("json"))
    back = widget.value_from_datadict(QueryDict(urlencode(sent(text)), mutable=True), {}, "filter")
    assert json.dumps(back.written()) == json.dumps(group.written())


@quickly
@given(whole)
def test_json_of_rows_is_shown_as_these_rows(group):
    found = shown(group.written())
    assert found is None or json.dumps(found.written()) == json.dumps(group.written())
    flat = all(isinstance(item, Rule) for item in group.items)
    assert found is not None or not flat


def simple(depth):
    """Groups of conditions that are right whatever there is in the database, and some that are wrong."""
    kinds = [("everyone", []), ("operator_codes", ["916"]), ("operator_codes", ["91"])]
    leaf = st.builds(lambda kind: Rule(*kind), st.sampled_from(kinds))
    below = leaf if depth == DEEPEST else st.one_of(leaf, simple(depth + 1))
    return st.builds(Group, st.sampled_from(["all", "any", "none"]), st.lists(below, min_size=1, max_size=4))


@quickly
@given(simple(1).map(numbered))
def test_what_the_api_finds_wrong_is_said_at_the_row_that_is_wrong(group):
    asked = AudienceSerializer(data={"filter": group.written()})
    wrong = {row.key for row in group.walk() if isinstance(row, Rule) and row.values == ["91"]}
    assert asked.is_valid() == (not wrong)
    if wrong:
        field = RulesField()
        field.tell(Draft(group), asked.errors["filter"])
        assert field.widget.faults.keys() == wrong


leaves = rules.map(Rule.written) | st.fixed_dictionaries(
    {"tags": st.dictionaries(st.sampled_from(["any", "all", "none"]), several(lines), min_size=1)}
)
trees = st.recursive(
    leaves,
    lambda below: st.one_of(
        st.builds(lambda joint, parts: {joint: parts}, st.sampled_from(["and", "or"]), st.lists(below, max_size=3)),
        below.map(lambda part: {"not": part}),
    ),
    max_leaves=8,
)


def meets(tree, true):
    """Whether a client for whom these leaves are true meets the filter."""
    match tree:
        case {"and": parts}:
            return all(meets(part, true) for part in parts)
        case {"or": parts}:
            return any(meets(part, true) for part in parts)
        case {"not": part}:
            return not meets(part, true)
        case {"tags": choices}:
            return all(json.dumps([how, names]) in true for how, names in choices.items())
        case _:
            return json.dumps(tree) in true


def named(tree):
    """The leaves of a filter, each choice of tags by itself."""
    match tree:
        case {"and": parts} | {"or": parts}:
            return [leaf for part in parts for leaf in named(part)]
        case {"not": part}:
            return named(part)
        case {"tags": choices}:
            return [json.dumps([how, names]) for how, names in choices.items()]
        case _:
            return [json.dumps(tree)]


@quickly
@given(trees, st.data())
def test_rows_mean_what_the_json_means(tree, data):
    assume(tree != {"operator_codes": []})  # of the short form, which the API refuses where it restricts nothing
    found = shown(tree)
    if found is None:
        assert json.loads(Draft.of(tree).text) == tree
        return
    true = data.draw(st.sets(st.sampled_from(named(tree)))) if named(tree) else set()
    assert meets(found.written(), true) == meets(tree, true)


@quickly
@given(
    st.recursive(
        scalars | st.none(),
        lambda below: st.lists(below) | st.dictionaries(lines | leaves.map(lambda leaf: next(iter(leaf))), below),
    )
)
def test_whatever_json_there_is_it_is_shown_or_kept(anything):
    draft = Draft.of(anything)
    assert draft.rules or json.loads(draft.text) == anything


def test_a_deep_filter_stays_json():
    deep = {"everyone": True}
    for _ in range(DEEPEST + 1):
        deep = {"or": [deep]}
    assert shown(deep["or"][0]) is not None
    assert shown(deep) is None
    assert Draft.of(deep).too_deep
