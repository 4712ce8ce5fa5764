"""How figures are counted, as a file: written, read again, compared; errors have a place."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.errors import WrongUsage
from crm_loop.kpi.rules import rules_of
from crm_loop.loop_records.counting import CountingRules
from crm_loop.setup.house_file import Around, House, changes, parse, render
from crm_loop.store import State
from crm_loop.store.connections import Organisation
from crm_loop.wording.said import said

ORGANISATION = "acme"
HOUSE = House(organisation=Organisation(name="acme"), slots=[], stages={})
NOBODY = Around(managers=(), stages=(), profiles=("starter", "full"))
_words = st.lists(st.text("abc 通電", min_size=1).map(str.strip).filter(bool), unique=True)
_shares = st.lists(st.floats(0, 1), min_size=1, max_size=12).map(sorted).filter(lambda one: one[-1])
_rules = st.builds(
    CountingRules,
    connected_dispositions=_words.map(tuple),
    lost_reasons_excluded=_words.map(tuple),
    lost_date_source=st.sampled_from(["stage", "close_date"]),
    assume_past_meetings_held=st.booleans(),
    ramp=_shares.map(tuple),
    freeze_day=st.integers(1, 10),
    lead_sla_minutes=st.integers(1, 2700),
    lead_hours=st.sampled_from([("09:00", "18:00"), ("08:30", "17:45")]),
    stale_days=st.sampled_from([(), (7, 14, 30, 10)]),
)


def with_rules(rules: CountingRules) -> House:
    return replace(HOUSE, organisation=replace(HOUSE.organisation, counting=rules))


@given(_rules)
def test_rules_that_are_written_out_read_as_the_same(rules: CountingRules) -> None:
    house = with_rules(rules)
    again = parse(render(house, {}), HOUSE, NOBODY)
    assert again == house
    assert changes(house, again) == []


@given(_rules)
def test_rules_are_kept_as_what_differs_from_the_usual(rules: CountingRules) -> None:
    assert CountingRules.of(rules.decided()) == rules
    assert CountingRules().decided() == {}


def test_a_file_that_names_one_rule_leaves_the_others_and_words_are_read_as_records_are() -> None:
    before = with_rules(CountingRules(freeze_day=3))
    text = """[rules]
connected_dispositions = [" 通電 ", "Connected"]
lost_reasons_excluded = ["Data_Error"]
"""
    after = parse(text, before, NOBODY)
    assert after.organisation.counting == CountingRules(
        freeze_day=3,
        connected_dispositions=("通電", "connected"),
        lost_reasons_excluded=("data error",),
    )
    assert [(one.what, one.old, one.new) for one in changes(before, after)] == [
        ("rules.connected_dispositions", "connected", "通電, connected"),
        ("rules.lost_reasons_excluded", "duplicate, test, data error", "data error"),
    ]


@pytest.mark.parametrize(
    ("text", "placed"),
    [
        ("[house]\nprofile = 'full'\n[rules]\nfreeze_day = 11", "line 4, column 1: rules.fr"),
        ("[rules]\nfreeze_day = true", "a whole number from 1 to 10"),
        ("[rules]\n  ramp = [0.5, 0.25]", "line 2, column 3: rules.ramp"),
        ("[rules]\nramp = [0, 0]", "rules.ramp cannot be [0, 0]"),
        ("[rules]\nramp = []", "none below the one before"),
        ("[rules]\nramp = [0.5, nan]", "rules.ramp"),
        ("[rules]\nlost_date_source = 'created'", "stage or close_date"),
        ("[rules]\nassume_past_meetings_held = 'no'", "true or false"),
        ("[rules]\nconnected_dispositions = 'Connected'", "a list of up to 50 words"),
        ("[rules]\nlost_reasons_excluded = ['']", "line 2, column 1"),
        ("[rules]\nfreeze_days = 5", "line 2, column 1: unknown setting 'rules.freeze_days'"),
        ("rules = {lead_sla_minutes = 0}", "line 1, column 10: rules.lead_sla_minutes"),
        ("[rules]\nlead_hours = ['18:00', '09:00']", "rules.lead_hours cannot be ['18:00'"),
        ("[rules]\nlead_hours = ['9', '18:00']", "when work begins and ends"),
        ("[rules]\nlead_hours = ['09:00']", "line 2, column 1"),
        ("[rules]\nstale_days = [14, 14, 21]", "days for S1, S2, S3 and S4 from 1 to 365"),
        ("[rules]\nstale_days = [14, 14, 21, 0]", "line 2, column 1"),
        ("[rules]\nstale_days = {S1 = 14}", "line 2, column 1"),
        ("rules = 5", "line 1, column 1: rules is no table"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_named_with_its_place_in_both_languages(
    text: str, placed: str
) -> None:
    with pytest.raises(WrongUsage) as caught:
        parse(text, HOUSE, NOBODY, "ours.toml")
    wrong = caught.value
    assert wrong.happened.startswith("ours.toml, line ")
    assert placed in wrong.happened
    assert "行" in said(wrong.happened, "ja")
    assert " cannot be " not in said(wrong.happened, "ja")
    assert wrong.kept == "Nothing was changed."


def test_rules_stay_in_the_store_and_are_those_of_the_measures(
    begin: Callable[[str], AbstractContextManager[State]],
) -> None:
    rules = CountingRules(ramp=(0.5, 1.0), lead_sla_minutes=30, lost_date_source="close_date")
    with begin(ORGANISATION) as state:
        own = state.connections.organisation()
        assert own.counting == CountingRules()
        state.connections.put_organisation(replace(own, counting=rules))
    with begin(ORGANISATION) as state:
        own = state.connections.organisation()
    assert own.counting == rules
    measured = rules_of(own)
    assert (measured.lead_sla_minutes, measured.lost_date_source) == (30, "close_date")
    assert measured.quiet_after == {"S1": 14, "S2": 14, "S3": 21, "S4": 14}
    assert (measured.time_zone, measured.win_horizon) == ("Asia/Tokyo", 90)
