"""people.csv, and people of several CRMs who are one."""

import contextlib
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.errors import WrongUsage
from crm_loop.loop_records import Role
from crm_loop.records import Person
from crm_loop.setup.people_csv import parse, render
from crm_loop.store import Begin
from crm_loop.store.people import merge
from crm_loop.wording.said import complaint

HEADER = "email,name,manager_email,role,role_start,fte,language,country,leave,pilot\n"
DEFAULTS = {"language": "ja", "country": "JP", "time_zone": "Asia/Tokyo"}


def a_user(number: int, email: str, *, manager: str | None = None) -> Person:
    return Person(id=f"u{number}", email=email, name="田中 一郎", manager_id=manager)


def test_people_of_two_crms_are_one_when_their_mail_is_equal_ignoring_case() -> None:
    users = [("hubspot", a_user(1, "Ai@x.jp")), ("salesforce", a_user(2, "ai@X.jp"))]
    (member,) = merge(users, {}, DEFAULTS)
    assert member.accounts == {"hubspot": "u1", "salesforce": "u2"}


def test_whoever_leads_somebody_is_a_manager() -> None:
    users = [("sf", a_user(1, "boss@x.jp")), ("sf", a_user(2, "rep@x.jp", manager="u1"))]
    boss, rep = merge(users, {}, DEFAULTS)
    assert (boss.role, rep.role, rep.manager) == (Role.MANAGER, Role.AE, "boss@x.jp")


def test_the_file_wins_over_the_crm() -> None:
    users = [("sf", a_user(1, "boss@x.jp")), ("sf", a_user(2, "rep@x.jp", manager="u1"))]
    rows = {row["person"]: row for row in parse(HEADER + "rep@x.jp,,other@x.jp,SDR,,,en,,,\n")}
    rep = next(m for m in merge(users, rows, DEFAULTS) if m.person == "rep@x.jp")
    assert (rep.manager, rep.role, rep.language) == ("other@x.jp", Role.SDR, "en")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("name\nTanaka\n", "'email' is missing"),
        (HEADER + "nobody,,,,,,,,,\n", "line 2"),
        (HEADER + "a@x.jp,,,Boss,,,,,,\n", "line 2"),
        (HEADER + "a@x.jp,,b@x.jp,,,,,,,\nb@x.jp,,a@x.jp,,,,,,,\n", "circle"),
        (HEADER + "a@x.jp,,,,,,,,2026-05-15/2026-05-11,\n", "ends before it begins"),
        ("email,nmae\n", "line 1: unknown column 'nmae'"),
        (HEADER + "\n\na@x.jp,,,Boss,,,,,,\n", "line 4, column role: role is 'Boss'; known are AE"),
        (HEADER + "a@x.jp,,,,2026/13/1,,,,,\n", "line 2, column role_start: '2026/13/1' is no day"),
        (HEADER + "a@x.jp,,,,,nan,,,,\n", "line 2, column fte: 'nan' is no share from 0 to 1"),
        (HEADER + "a@x.jp,,,,,1.5,,,,\n", "line 2, column fte"),
        (HEADER + "a@x.jp,,,,,,fr,,,\n", "line 2, column language"),
        (HEADER + "a@x.jp,,,,,,,ZZ,,\n", "line 2, column country: 'ZZ' is no country"),
        (HEADER + "a@x.jp,,,,,,,,soon,\n", "line 2, column leave: 'soon' is no leave"),
        (HEADER + "a@x.jp,,,,,,,,,nein\n", "line 2, column pilot: pilot is 'nein'"),
        (HEADER + "a@x.jp,,,,,,,,,\n,,\nA@X.jp,,,,,,,,,\n", "line 4, column email: this person"),
        (HEADER + 'a@x.jp,"x\n', "line 2: the line is no CSV"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_in_both_languages(text: str, what: str) -> None:
    with pytest.raises(WrongUsage, match=what) as wrong:
        parse(text, "ours.csv")
    japanese = complaint(wrong.value, "ja")
    assert japanese.startswith("ours.csvの")
    known = {"unexpected end of data"}
    assert set(re.findall("[a-z]{2,}(?: [a-z]{2,})+", japanese)) <= known


def test_people_are_read_as_people_write() -> None:
    (row,) = parse(HEADER + "ａｎｎ＠x.jp,田中,,SDR,２０２６/４/１,０.５,ja,jp,2026-05-11,No\n")
    assert (row["person"], row["role_start"], row["fte"]) == ("ann@x.jp", date(2026, 4, 1), 0.5)
    assert (row["country"], row["pilot"]) == ("JP", False)


def test_what_was_imported_can_be_exported_and_imported_again(begin: Begin) -> None:
    line = "rep@x.jp,田中 一郎,boss@x.jp,AE,2025-04-01,0.5,ja,JP,2026-05-11/2026-05-15,no\n"
    text = HEADER + line
    with begin("acme") as state:
        state.people.import_rows(parse(text))
        exported = render(m for m in state.people.members() if m.person == "rep@x.jp")
    assert exported == text


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(WrongUsage):
        parse(text)
