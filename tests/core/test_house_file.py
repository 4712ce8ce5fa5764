"""Settings as a file: what is written can be read, what is wrong is named, changes are told."""

from dataclasses import replace
from datetime import date, time

import pytest

from crm_loop.errors import WrongUsage
from crm_loop.loop_records import SlotLine, Template
from crm_loop.setup import company_days
from crm_loop.setup.house_file import Around, House, changes, parse, render
from crm_loop.store.connections import Organisation

SATO = SlotLine(manager="sato@example.com", weekday=1, first=time(10))
PLACE = ("sf", "Default", "Prospecting")
HOUSE = House(organisation=Organisation(name="acme"), slots=[SATO], stages={PLACE: "S1"})
AROUND = Around(
    managers={"sato@example.com"}, stages={PLACE}, profiles=("starter", "standard", "full")
)


def test_what_is_written_reads_as_the_same() -> None:
    own = replace(
        HOUSE.organisation, purpose='"現場"の足がかり', holidays=frozenset({date(2026, 12, 29)})
    )
    house = replace(HOUSE, organisation=own)
    text = render(house, {PLACE: "見込み\n# is no comment of its own"})
    assert parse(text, HOUSE, AROUND) == house
    assert changes(house, parse(text, house, AROUND)) == []


def test_what_a_file_does_not_say_stays() -> None:
    found = parse('[house]\nprofile = "standard"\n', HOUSE, AROUND)
    assert found == replace(HOUSE, organisation=replace(HOUSE.organisation, profile="standard"))
    assert [(one.what, one.old, one.new) for one in changes(HOUSE, found)] == [
        ("house.profile", "starter", "standard")
    ]


def test_a_line_of_talks_that_is_gone_is_a_change() -> None:
    found = parse("talks = []", HOUSE, AROUND)
    assert [(one.what, one.new) for one in changes(HOUSE, found)] == [
        ("talks.sato@example.com", "")
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[house\n", "line 1, column 7"),
        ("[house]\nprofil = 'full'", "house.profil"),
        ("[house]\nprofile = 'everything'", "house.profile"),
        ("[house]\ntime_zone = 'Asia/Edo'", "house.time_zone"),
        ("[house]\nlanguage = 'fr'", "house.language"),
        ("[house]\ncurrency = '円'", "house.currency"),
        ("[house]\ncurrency = 5", "house.currency"),
        ("[house]\ncountry = 'XX'", "house.country"),
        ("[house]\nfiscal_year_begins = 13", "house.fiscal_year_begins"),
        ("[house]\nsecond_approver = 'yes'", "house.second_approver"),
        ("[house]\nclosed = ['2026-13-01']", "house.closed"),
        ("[house]\nclosed = 7", "house.closed"),
        (f"[house]\npurpose = '{'x' * 61}'", "house.purpose"),
        ("house = 3", "house."),
        ("[[talks]]\nmanager = 'x@example.com'\nday = 'tue'\nfirst = '10:00'", "x@example.com"),
        ("[[talks]]\nmanager = 'sato@example.com'\nday = 'sun'\nfirst = '10:00'", "talks[0]"),
        ("[[talks]]\nmanager = 'sato@example.com'\nday = 'tue'\nfirst = '25:00'", "talks[0]"),
        ("[talks]\nmanager = 'sato@example.com'", "lists"),
        ("[[stages]]\nconnection='sf'\npipeline='Default'\nstage='Nope'\nis='S1'", "'Nope'"),
        ("[[stages]]\nconnection='sf'\npipeline='Default'\nstage='Prospecting'\nis='S9'", "S1, S2"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_taken(text: str, named: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        parse(text, HOUSE, AROUND)
    assert named in caught.value.happened
    assert caught.value.kept == "Nothing was changed."


@pytest.mark.parametrize(
    "line",
    ["2026-12-29..2027-01-03", "2026/12/29〜2027/1/3", "２０２６/12/29～2027/1/3 # 年末年始",
     "2026-12-29 - 2027-01-03"],
)  # fmt: skip
def test_a_span_of_closed_days_is_read_as_people_write_it(line: str) -> None:
    found = company_days.parse(f"\n{line}\n")
    assert len(found) == 6
    assert (min(found), max(found)) == (date(2026, 12, 29), date(2027, 1, 3))
    assert company_days.render(found) == "2026-12-29..2027-01-03"


@pytest.mark.parametrize("line", ["soon", "2027-01-03..2026-12-29", "2026-01-01..2026-12-31"])
def test_a_line_that_is_no_day_is_named(line: str) -> None:
    with pytest.raises(WrongUsage, match="Line 2"):
        company_days.parse(f"2026-05-01\n{line}")


def test_what_is_decided_for_a_role_goes_out_and_comes_back() -> None:
    plan = Template(
        minutes=15,
        boxes={"theme": 10, "next_actions": 5},
        questions={"theme": {"ja": "何ですか", "en": "What?"}},
    )
    own = HOUSE.organisation.with_kpis({"AE": ["bookings", "calls"]})
    house = replace(HOUSE, organisation=own, templates={"SDR": plan})
    assert parse(render(house, {}), HOUSE, AROUND) == house
    assert parse("", house, AROUND) == house
    usual = parse("[kpis]\n[templates]\n", house, AROUND)
    assert (usual.organisation.kpis, usual.templates) == ((), {})
    assert {one.what: one.new for one in changes(HOUSE, house)} == {
        "kpis.AE": "bookings, calls",
        "templates.SDR": "theme 10, next_actions 5",
        "templates.SDR.theme": "何ですか / What?",
    }


@pytest.mark.parametrize(
    "text",
    [
        "kpis = 1",
        "[kpis]\nAE = 'calls'",
        "[templates]\nAE = 1",
        "[templates.AE]\nminutes = 15\nblocks = {theme = 'x'}",
        "[templates.AE]\nminutes = 15\nblocks = {theme = true}",
        "[templates.AE]\nminutes = 15\nquestions = {theme = 'x'}",
        "[templates.AE]\nminutes = 15\nquestions = {theme = {ja = 1}}",
        "[templates.AE]\nlength = 15",
    ],
)
def test_what_is_no_decision_for_a_role_is_named(text: str) -> None:
    with pytest.raises(WrongUsage, match=r"house\.toml.*(kpis|templates)"):
        parse(text, HOUSE, AROUND)
