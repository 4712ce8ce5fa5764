"""Pages about a team as a whole, sheets of paper, and calendars in and out."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import icalendar
import polars as pl
import pytest
from console_house import NOW, House, agenda

from crm_loop.kpi.pipeline_history import COLUMNS, packed
from crm_loop.loop_records import GoOn
from crm_loop.records import Person, Subject

LEAD, REP, ADMIN = "lead@acme.example", "rep@acme.example", "admin@acme.example"
FIRST, LAST = date(2026, 6, 30), date(2026, 7, 5)


def plain(html: str) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition("<main")[2]))


def a_night(*deals: tuple[str, str, str, int]) -> bytes:
    rows = [
        ("salesforce", id_, person, state, money * 10_000, date(2026, 7, 20))
        for id_, person, state, money in deals
    ]
    schema = [*zip(COLUMNS[:4], [pl.String] * 4, strict=True), ("units", pl.Int64),
              ("close_date", pl.Date)]  # fmt: skip
    return packed(pl.DataFrame(rows, schema=dict(schema), orient="row"))


def with_nights(house: House, profile: str = "standard") -> House:
    with house.app.begin("acme") as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile=profile))
        first = a_night(("1", REP, "open", 2_000_000), ("2", REP, "open", 500_000),
                        ("3", "peer@acme.example", "open", 700_000))  # fmt: skip
        last = a_night(("1", REP, "won", 2_000_000), ("2", REP, "open", 800_000),
                       ("4", REP, "open", 100_000),
                       ("3", "peer@acme.example", "open", 700_000))  # fmt: skip
        state.frozen.keep_pipeline(FIRST, first, whole=True)
        state.frozen.keep_pipeline(LAST, last, whole=True)
    return house


def test_a_pipeline_page_adds_up_and_says_the_same_as_its_chart(house: House) -> None:
    browser = with_nights(house).browser(REP)
    text = plain(browser.get("/people/me/pipeline?from=2026-06-30&to=2026-07-05").text)
    for said in (
        "はじめの金額 250万円", "新しい商談 +10万円", "受注 −200万円", "金額の変更 +30万円",
        "今の金額 90万円",
    ):  # fmt: skip
        assert said in text


def test_a_team_s_pipeline_is_that_of_all_and_names_nobody(house: House) -> None:
    text = plain(with_nights(house).browser(LEAD).get("/team/pipeline").text)
    assert "はじめの金額 320万円" in text
    assert "池田" not in text


def test_the_first_profile_has_no_pipeline_page(house: House) -> None:
    browser = with_nights(house, "starter").browser(REP)
    assert browser.get("/people/me/pipeline").status_code == 404
    assert "pipeline" not in browser.get("/people/me").text


@pytest.mark.parametrize("query", ["?from=x&to=2026-13-01", "?from=2030-01-01", "?due=all"])
def test_days_that_are_none_do_no_harm(house: House, query: str) -> None:
    assert with_nights(house).browser(REP).get(f"/people/me/pipeline{query}").status_code == 200


def test_the_sheet_for_the_meeting_holds_nobody_s_figures_and_no_1on1(house: House) -> None:
    text = plain(with_nights(house).browser(LEAD).get("/team/meeting-sheet").text)
    assert "営業会議シート" in text
    assert "人数が少ないため" in text
    for secret in ("池田", "Emma", "120万円", "話したいこと"):
        assert secret not in text


def test_four_weeks_are_told_in_counts(house: House) -> None:
    text = plain(house.browser(LEAD).get("/trial-report").text)
    assert "自分のチーム：2人" in text
    assert "効果があったかどうかは分かりません" in text


def test_what_people_say_of_going_on_is_told_from_five_answers_on(house: House) -> None:
    words = [GoOn.GO_ON, GoOn.GO_ON, GoOn.CHANGE, GoOn.STOP, GoOn.GO_ON]
    reps = [f"rep{n}@acme.example" for n in range(5)]
    rows = [
        {"person": rep, "name": rep, "manager": LEAD, "role": "AE", "language": "ja",
         "country": "JP", "leave": "", "pilot": True}
        for rep in reps
    ]  # fmt: skip
    with house.app.begin("acme") as state:
        state.people.import_rows(rows)
        state.agendas.put(
            replace(agenda(rep, LEAD, "acme"), go_on=said)
            for rep, said in zip(reps[:4], words, strict=False)
        )
    assert "5人以上が答えると" in plain(house.browser(LEAD).get("/trial-report").text)
    with house.app.begin("acme") as state:
        state.agendas.put([replace(agenda(reps[4], LEAD, "acme"), go_on=words[4])])
    assert "続ける 3人 変える 1人 やめる 1人" in plain(
        house.browser(LEAD).get("/trial-report").text
    )


def test_an_admin_reads_of_everybody_only_together(house: House) -> None:
    text = plain(house.browser(ADMIN).get("/trial-report?lang=en").text)
    assert "Everybody who takes part: 5 people" in text
    assert "Week of" in text


def test_where_a_team_stands_is_for_those_who_lead(house: House) -> None:
    assert "3つの質問" in plain(house.browser(LEAD).get("/standing").text)
    assert house.browser(REP).get("/standing").status_code == 403


def with_accounts(house: House) -> House:
    """Only who has an account in a CRM has 1on1s."""
    with house.app.begin("acme") as state:
        users = [Person(id=one.person, email=one.person, name=one.name)
                 for one in state.people.members()]  # fmt: skip
        state.crm.remember("salesforce", Subject.PEOPLE, users)
    return house


def test_people_take_over_their_own_1on1s_and_nobody_else_s(house: House) -> None:
    answer = with_accounts(house).browser(REP).get("/one-on-ones.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    entries = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert len(entries) >= 7
    assert {str(one["summary"]) for one in entries} == {"1on1 吉田さん"}
    lead = icalendar.Calendar.from_ical(house.browser(LEAD).get("/one-on-ones.ics").content)
    assert len({str(one["summary"]) for one in lead.walk("VEVENT")}) == 2


def upload(house: House, path: str, name: str, text: str) -> Any:
    browser = house.browser(ADMIN)
    return browser.client.post(
        path, data={"csrf": browser.csrf}, files={"file": (name, text.encode(), "text/calendar")}
    )


def test_a_calendar_says_when_the_1on1s_are(house: House) -> None:
    with_accounts(house)
    begins = NOW + timedelta(days=3)
    entry = (
        f"BEGIN:VEVENT\r\nUID:1\r\nDTSTART:{begins:%Y%m%dT%H%M%SZ}\r\nDURATION:PT30M\r\n"
        f"RRULE:FREQ=WEEKLY\r\nORGANIZER:mailto:{LEAD}\r\nATTENDEE:mailto:{REP}\r\nEND:VEVENT\r\n"
    )
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{entry}END:VCALENDAR\r\n"
    answer = upload(house, "/setup/calendar", "lead.ics", text)
    assert answer.headers["location"].endswith("said=calendar")
    assert "1組" in plain(house.browser(ADMIN).get("/setup/calendar").text)
    mine = icalendar.Calendar.from_ical(house.browser(REP).get("/one-on-ones.ics").content)
    times = sorted(one["dtstart"].dt for one in mine.walk("VEVENT"))
    assert begins in times
    assert {(one - begins).days % 7 for one in times} == {0}


def test_what_is_no_calendar_is_told_and_changes_nothing(house: House) -> None:
    answer = upload(house, "/setup/calendar", "x.ics", "name,day")
    assert answer.status_code == 422
    assert "カレンダーのファイルではありません" in answer.text


def test_closed_days_are_kept_or_the_line_is_named(house: House) -> None:
    browser = house.browser(ADMIN)
    wrong = browser.post("/setup/closed", text="2026-12-29\nsoon")
    assert wrong.status_code == 422
    assert "2行目" in wrong.text
    assert "soon" in wrong.text
    assert browser.post("/setup/closed", text="2026-12-29〜2026-12-31").status_code == 303
    assert "2026-12-29..2026-12-31" in browser.get("/setup/closed").text
