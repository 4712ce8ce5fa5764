"""What people find on their pages, and what becomes of what they enter."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from console_house import NOW, WEEK, House, agenda
from sqlalchemy import delete

from crm_loop.access.roles import ConsoleRole
from crm_loop.calendars import BusinessCalendar
from crm_loop.console.menu import ENTRIES
from crm_loop.console.pages.setup import STEPS
from crm_loop.console.pages.users import without_account
from crm_loop.console.texts import texts
from crm_loop.loop_records import (
    AgendaState,
    Block,
    CaptureKind,
    Form,
    Insight,
    Level,
    Member,
    ProgressStatus,
    Role,
    SeenTask,
    Suggestion,
    SuggestionState,
    Verify,
    VerifyRule,
    WriteKind,
    WriteState,
)
from crm_loop.one_on_one.capturing import RESPONSES
from crm_loop.one_on_one.service import settle
from crm_loop.queue import JobState
from crm_loop.records import ActivityKind
from crm_loop.store.tables import metadata
from crm_loop.wording.linter import jargon
from crm_loop_workers.handlers import HANDLERS

LEAD, REP, ADMIN = "lead@acme.example", "rep@acme.example", "admin@acme.example"


def plain(html: str) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition("<main")[2]))


def test_a_team_stands_in_the_order_of_addresses_and_nobody_is_ranked(house: House) -> None:
    text = plain(house.browser(LEAD).get("/team").text)
    assert text.index("Emma King") < text.index("池田 彩")
    assert "順位ではありません" in text
    assert "林 彩" not in text


def test_figures_are_written_as_people_write_them(house: House) -> None:
    text = plain(house.browser(REP).get("/people/me").text)
    for said in (
        "120万円", "目標 400万円", "やや遅れ", "月末は250万円前後（90〜490万円）の見込み",
        "4件", "先週は4件、ふだんの週は3件ほど", "13件のうち2件", "目標 10件",
    ):  # fmt: skip
        assert said in text


def test_english_readers_get_english(house: House) -> None:
    text = plain(house.browser(REP).get("/people/me?lang=en").text)
    for said in ("¥1.2M", "a little behind", "2 of 13", "Last week 4, a usual week about 3"):
        assert said in text


def test_the_first_profile_shows_three_figures_and_no_jargon(house: House) -> None:
    browser = house.browser(REP)
    for path in ("/people/me", "/people/me/kpis/meetings_held", "/one-on-ones", "/steps"):
        for language in ("ja", "en"):
            text = plain(browser.get(f"{path}?lang={language}").text)
            found = [word for word in jargon(language) if re.search(word, text, re.IGNORECASE)]
            assert not found, (path, language)
            assert not re.search(r"\d%", text), path
    assert browser.get("/people/me").text.count('class="card figure"') == 3


@pytest.mark.parametrize("reader", [REP, LEAD])
def test_what_the_figures_say_stands_beside_them_for_both_alike(house: House, reader: str) -> None:
    conclusions(house, "full")
    text = plain(house.browser(reader).get(f"/people/{house.person(REP)}").text)
    assert "ここ8週間は、少しずつ下がっています。" in text
    assert "ほかの指標（1件）" in text


def test_a_profile_without_trends_tells_none(house: House) -> None:
    conclusions(house, "starter")
    text = plain(house.browser(LEAD).get(f"/people/{house.person(REP)}").text)
    assert "8週間" not in text
    assert "ほかの指標" not in text


def test_a_manager_reads_what_is_concluded_about_the_team(house: House) -> None:
    conclusions(house, "full")
    said = "チームの目標4件のうち、いまの見込みで届くのは2件ほどです。"
    assert said in plain(house.browser(LEAD).get("/team").text)
    assert said not in plain(house.browser(REP).get(f"/people/{house.person(REP)}").text)


def conclusions(house: House, profile: str) -> None:
    """One about the rep, one about the team, and a KPI that small profiles do not show."""
    day = NOW.date() - timedelta(days=1)
    with house.app.begin("acme") as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile=profile))
        (value,) = [
            one for one in state.figures.values(day, persons=[REP]) if one.kpi == "bookings"
        ]
        kept = [*state.figures.values(day), replace(value, kpi="won_count", value=2.0)]
        state.figures.keep(day, kept)
        state.insights.keep(
            day,
            [
                Insight(person=REP, as_of=day, rule="trend", driver="meetings_held",
                        form=Form.STATED, facts={"direction": "declining"}),
                Insight(person=LEAD, as_of=day, rule="team_targets", driver="bookings",
                        form=Form.TEAM, facts={"share": 0.5, "attainers": 2.4, "targets": 4}),
            ],
        )  # fmt: skip


def test_a_managers_manager_sees_totals_of_enough_people_only(house: House) -> None:
    text = plain(house.browser("boss@acme.example").get("/team").text)
    assert "吉田 香織さんのチーム（2人）" in text
    assert "人数が少ないため" in text
    assert "120万円" not in text


def test_a_flagged_figure_is_counted_again_and_entered_in_the_trail(house: House) -> None:
    browser = house.browser(REP)
    path = "/people/me/kpis/meetings_held"
    assert browser.post(f"{path}/flag").status_code == 303
    with house.app.look("acme") as state:
        assert [one.kpi for one in state.flags.open()] == ["meetings_held"]
        assert "figure.flagged" in [one.what for one in state.trail.unsealed()]
    assert "知らせていただきました" in browser.get(path).text


def test_what_was_shown_about_a_person_is_in_the_trail_without_a_name(house: House) -> None:
    house.browser(LEAD).get(f"/people/{house.person(REP)}")
    with house.app.look("acme") as state:
        shown = [one for one in state.trail.unsealed() if one.what == "shown.figures"]
    assert [one.subject for one in shown] == [house.person(REP)]
    assert "@" not in "".join(one.actor + one.subject + one.detail for one in shown).replace(
        house.user(LEAD).id, ""
    )


def test_both_read_the_memo_and_only_the_manager_what_is_for_him(house: House) -> None:
    path = f"/people/{house.person(REP)}/one-on-ones/{WEEK}"
    rep, lead = (house.browser(one).get(path).text for one in (REP, LEAD))
    assert "何がよかったと思いますか" in rep
    assert "これから伸ばしたいこと" in lead
    assert "これから伸ばしたいこと" not in rep


@pytest.mark.parametrize(("text", "told"), [("通院のため早退したい", 1), ("値引きの相談", 0)])
def test_only_its_writer_is_told_that_a_text_in_the_crm_may_be_too_private(
    house: House, text: str, told: int
) -> None:
    path = f"/people/{house.person(REP)}/one-on-ones/{WEEK}"
    memo = agenda(REP, LEAD, "acme")
    body = memo.text.replace("話したいこと：", f"話したいこと：{text}")
    seen = SeenTask(key=memo.key, body=body, is_closed=False, deleted=False, owner_id="005",
                    seen_at=NOW)  # fmt: skip
    with house.app.begin("acme") as state:
        state.writes.see([seen])
    rep, lead = (house.browser(one).get(path).text for one in (REP, LEAD))
    line = texts("ja").say("talk.advised.private")
    assert (rep.count(line), lead.count(line)) == (told, 0)
    assert text in rep


def test_a_talk_stays_with_those_who_held_it(house: House) -> None:
    with house.app.begin("acme") as state:
        state.agendas.put([agenda(REP, "other.lead@acme.example", "acme")])
    path = f"/people/{house.person(REP)}/one-on-ones/{WEEK}"
    assert house.browser(REP).get(path).status_code == 200
    assert house.browser(LEAD).get(path).status_code == 404
    assert house.browser("other.lead@acme.example").get(path).status_code == 404


def test_a_step_entered_here_counts_like_one_typed_into_the_memo(house: House) -> None:
    path = f"/people/{house.person(REP)}/one-on-ones/{WEEK}"
    browser = house.browser(REP)
    browser.post(f"{path}/enter", kind="step", text="  7/10（金）までに、  A社へ電話する ")
    browser.post(f"{path}/enter", kind="step", text="7/10（金）までに、 A社へ電話する")
    browser.post(f"{path}/enter", kind="topic", text="新しいお客様")
    house.browser(LEAD).post(f"{path}/enter", kind="held")
    after = NOW + timedelta(days=1, hours=1)
    settle(house.app.begin, "acme", now=after, week=WEEK, seen={}, calendar_of=BusinessCalendar)
    with house.app.look("acme") as state:
        settled = state.agendas.get(REP, WEEK)
    assert settled is not None
    assert settled.state is AgendaState.HELD
    assert settled.next_steps == ("7/10（金）までに、 A社へ電話する",)
    assert settled.rep_topic == "新しいお客様"


@pytest.mark.parametrize(
    ("text", "why"),
    [("来月から介護で早く帰ります", "体調や家族"), ("言い訳ばかりで困る", "強く響く")],
)
def test_a_line_that_may_be_too_private_or_too_harsh_is_shown_once_more_before_it_is_kept(
    house: House, text: str, why: str
) -> None:
    path = f"/people/{house.person(REP)}/one-on-ones/{WEEK}"
    browser = house.browser(REP)
    asked = browser.post(f"{path}/enter", kind="topic", text=text)
    assert why in asked.text
    assert text in asked.text
    with house.app.look("acme") as state:
        assert state.captures.of(REP, WEEK) == []
    browser.post(f"{path}/enter", kind="topic", text=text, sure="yes")
    with house.app.look("acme") as state:
        assert [one.text for one in state.captures.of(REP, WEEK)] == [text]


def test_what_one_entered_can_be_taken_back_by_nobody_else(house: House) -> None:
    path = f"/people/{house.person(REP)}/one-on-ones/{WEEK}"
    house.browser(REP).post(f"{path}/enter", kind="asked", text="同行")
    with house.app.look("acme") as state:
        (entered,) = state.captures.of(REP, WEEK)
    house.browser(LEAD).post(f"{path}/take-back", id=entered.id)
    with house.app.look("acme") as state:
        assert state.captures.of(REP, WEEK) == [entered]
    house.browser(REP).post(f"{path}/take-back", id=entered.id)
    with house.app.look("acme") as state:
        assert state.captures.of(REP, WEEK) == []


def test_a_note_for_oneself_is_read_by_nobody_else_and_lies_sealed(house: House) -> None:
    path = f"/people/{house.person(REP)}/one-on-ones/{WEEK}"
    lead, rep = house.browser(LEAD), house.browser(REP)
    lead.post(f"{path}/note", note="育児の相談を受けた")
    assert "育児の相談を受けた" in lead.get(path).text
    assert "育児の相談を受けた" not in rep.get(path).text
    stored = house.app.settings.database_url.removeprefix("sqlite:///")
    raw = b"".join(file.read_bytes() for file in Path(stored).parent.glob("crm_loop.db*"))
    assert "育児".encode() not in raw
    lead.post(f"{path}/note", note="")
    with house.app.look("acme") as state:
        assert state.notes.get(LEAD, REP, WEEK) is None


def test_an_idea_is_the_managers_to_let_through(house: House) -> None:
    idea = Suggestion(
        rep=REP, week=WEEK, slot="next", text="A社の次回日程を決める", due=NOW.date(),
        verify=VerifyRule(kind=Verify.CLOSED_TASK), connection="salesforce",
    )  # fmt: skip
    blocks = (Block(code="next_actions", minutes=2, fact=""),)
    with house.app.begin("acme") as state:
        state.agendas.put([agenda(REP, LEAD, "acme", blocks=blocks)])
        state.agendas.put_suggestions([idea])
    path = f"/people/{house.person(REP)}/one-on-ones/{WEEK}"
    rep, lead = house.browser(REP), house.browser(LEAD)
    assert idea.text not in rep.get(path).text
    assert rep.post(f"{path}/let-through", slot="next").status_code == 403
    assert lead.post(f"{path}/let-through", slot="next").status_code == 303
    with house.app.look("acme") as state:
        assert state.agendas.suggestions(WEEK, REP)[0].state is SuggestionState.LET_THROUGH
        written = state.agendas.get(REP, WEEK)
    assert written is not None
    assert idea.text in written.text


def test_names_from_a_crm_cannot_run_anything(house: House) -> None:
    with house.app.begin("acme") as state:
        hostile = {"person": REP, "name": "<script>alert(1)</script>", "manager": LEAD}
        state.people.import_rows([hostile | {"role": "AE", "language": "ja"}])
    page = house.browser(LEAD).get("/team").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_an_admin_sees_that_something_is_written_but_not_what(house: House) -> None:
    page = house.browser(ADMIN).get("/writes").text
    assert "1on1メモ" in page
    assert "ひみつの本文" not in page
    assert "ひみつの本文" not in house.browser(ADMIN).get("/audit").text


def test_a_planned_write_is_let_through_by_a_person_whom_the_trail_names(house: House) -> None:
    browser = house.browser("operator@acme.example")
    browser.post("/writes/approve", run="run-1")
    with house.app.look("acme") as state:
        rows = state.writes.rows()
    assert {row.state for row in rows} == {WriteState.APPROVED}
    assert {row.approved_by for row in rows} == {house.user("operator@acme.example").id}


def test_nothing_of_another_company_is_approved(house: House) -> None:
    house.browser("admin@rival.example").post("/writes/approve", key=f"cl1a-acme-{REP}")
    with house.app.look("acme") as state:
        assert {row.state for row in state.writes.rows()} == {WriteState.PLANNED}


def test_pausing_stops_writing_and_going_on_asks_for_it(house: House) -> None:
    browser = house.browser("operator@acme.example")
    browser.post("/connections/pause")
    with house.app.look("acme") as state:
        assert [row.paused for row in state.connections.all()] == [True]
    browser.post("/connections/resume", name="salesforce")
    with house.app.look("acme") as state:
        assert [row.paused for row in state.connections.all()] == [False]
        assert [job.kind for job in state.jobs.all()] == ["write"]


def test_a_connection_that_does_not_work_is_not_kept_and_its_secrets_not_shown(
    house: House,
) -> None:
    values = {"jwt.client_id": "id", "jwt.username": "u", "jwt.private_key": "geheim-geheim"}
    answer = house.browser(ADMIN).post(
        "/connections/new", kind="salesforce", name="second", url="https://x", **values
    )
    assert answer.status_code == 422
    assert "geheim-geheim" not in answer.text
    with house.app.look("acme") as state:
        assert state.connections.get("second") is None


def test_an_invitation_is_shown_once(house: House) -> None:
    browser = house.browser(ADMIN)
    page = browser.post("/users/invite", email="new@acme.example", role="rep")
    link = re.search(r"http://127.0.0.1:8710(/welcome/[\w-]+)", page.text)
    assert link is not None
    assert house.browser().get(link[1]).status_code == 200
    assert "/welcome/" not in browser.get("/users").text


def test_who_is_known_from_the_crm_is_invited_with_one_tap_as_what_they_are(house: House) -> None:
    with house.app.begin("acme") as state:
        state.connection.execute(delete(metadata.tables["console_user"]).where(
            metadata.tables["console_user"].c.email.in_(("lead@acme.example", REP))
        ))  # fmt: skip
    browser = house.browser(ADMIN)
    hidden = r'name="email" value="([^"]+)"><input type="hidden" name="role" value="(\w+)"'
    offered = re.findall(hidden, browser.get("/users").text)
    assert {("lead@acme.example", "manager"), (REP, "rep")} <= set(offered)
    roles = [role for _, role in offered]
    assert roles == sorted(roles)
    assert "peer@acme.example" not in dict(offered)
    page = browser.post("/users/invite", email=REP, role=dict(offered)[REP])
    link = re.search(r"http://127.0.0.1:8710(/welcome/[\w-]+)", page.text)
    assert link is not None
    assert house.browser().get(link[1]).status_code == 200


def test_whoever_takes_no_part_and_belongs_to_nobody_is_not_offered_an_account() -> None:
    lead = Member(
        person="l@x.example", name="L", family_name="L", role=Role.MANAGER, manager=None,
        language="ja", country="JP", time_zone="Asia/Tokyo", accounts={},
    )  # fmt: skip
    rep = replace(lead, person="a@x.example", name="A", role=Role.AE, manager=lead.person)
    others = [
        replace(rep, person="left@x.example", active=False),
        replace(rep, person="later@x.example", pilot=False),
        replace(lead, person="app@x.example"),
    ]
    assert without_account([rep, *others, lead], ()) == [
        (lead, ConsoleRole.MANAGER), (rep, ConsoleRole.REP),
    ]  # fmt: skip
    assert without_account([rep, lead], {lead.person}) == [(rep, ConsoleRole.REP)]


def test_an_admin_cannot_lock_oneself_out(house: House) -> None:
    browser, own = house.browser(ADMIN), house.user(ADMIN).id
    assert browser.post(f"/users/{own}/disable").status_code == 422
    assert browser.post(f"/users/{own}/roles", role="rep").status_code == 422
    assert browser.get("/setup").status_code == 200


def off(house: House) -> None:
    with house.app.begin("acme") as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, writing=False))


@pytest.mark.parametrize(("day", "status"), [("2026-07-06", 303), ("2026-07-07", 422)])
def test_writing_begins_only_after_staff_were_told(house: House, day: str, status: int) -> None:
    off(house)
    browser = house.browser(ADMIN)
    assert browser.post("/setup/writing", on="yes").status_code == 422
    browser.post("/setup/notice", day=day, contact="鈴木")
    assert browser.post("/setup/writing", on="yes").status_code == status
    with house.app.look("acme") as state:
        assert state.connections.organisation().writing is (status == 303)
    assert "鈴木までご連絡ください" in house.browser(REP).get("/notice").text


def test_steps_of_the_set_up_can_be_left_and_gone_on_with(house: House) -> None:
    off(house)
    browser = house.browser(ADMIN)
    lead = house.name_of("acme", LEAD)
    times = {f"weekday.{lead}": "2", f"first.{lead}": "13:30", f"minutes.{lead}": "15",
             f"spacing.{lead}": "30"}  # fmt: skip
    browser.post("/setup/times", **times)
    browser.post("/setup/kpis", profile="standard", purpose="足がかりをつくる")
    browser.post("/setup/boxes", box="disconnected")
    page = house.browser(ADMIN).get("/setup").text
    assert page.count('class="done"') == 5
    with house.app.look("acme") as state:
        (line,) = state.people.slot_lines()
        assert (line.manager, line.weekday, line.first.hour) == (LEAD, 2, 13)
        assert state.connections.organisation().profile == "standard"
        assert state.learnings.self_assessments()[-1].disconnected


def test_a_wrong_file_says_the_line_and_changes_nothing(house: House) -> None:
    files = {"file": ("people.csv", b"email,name\nnobody,x\n", "text/csv")}
    browser = house.browser(ADMIN)
    answer = browser.client.post("/setup/people", data={"csrf": browser.csrf}, files=files)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_only_chosen_teams_are_in_the_pilot(house: House) -> None:
    house.browser(ADMIN).post("/setup/pilot", team=house.name_of("acme", LEAD))
    with house.app.look("acme") as state:
        pilot = {one.person: one.pilot for one in state.people.members()}
    assert pilot[REP]
    assert not pilot["far@acme.example"]


def test_a_trial_reads_measures_and_prepares_in_this_order(house: House) -> None:
    house.browser(ADMIN).post("/setup/trial")
    with house.app.look("acme") as state:
        kinds = [job.kind for job in state.jobs.all() if job.id.startswith("trial:")]
    assert sorted(kinds) == ["check", "prepare", "pull"]


def keys(found: Any, path: str = "") -> set[str]:
    if not isinstance(found, dict):
        return {path}
    return {key for name, one in found.items() for key in keys(one, f"{path}.{name}")}


def test_everything_is_said_in_both_languages() -> None:
    # English counts have two forms where Japanese needs one.
    japanese, english = (
        {re.sub(r"\.(one|other)$", "", key) for key in keys(texts(one).texts)}
        for one in ("ja", "en")
    )
    assert japanese ^ english == set()


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("writes.kinds", WriteKind),
        ("writes.states", WriteState),
        ("talks.states", [one for one in AgendaState if one is not AgendaState.DRAFT]),
        ("jobs.states", JobState),
        ("jobs.kinds", HANDLERS),
        ("status", ProgressStatus),
        ("activities", ActivityKind),
        ("roles", ConsoleRole),
        ("users.may", ConsoleRole),
        ("talk.kinds", CaptureKind),
        ("talk.responses", RESPONSES),
        ("menu", [name for name, _, _ in ENTRIES]),
        ("setup.steps", STEPS),
        ("levels", Level),
    ],
)
def test_whatever_a_page_may_have_to_name_has_a_name(table: str, values: Any) -> None:
    found: Any = texts("ja").texts
    for part in table.split("."):
        found = found[part]
    assert {str(value) for value in values} <= found.keys()


def holes(found: Any, path: str = "") -> dict[str, set[str]]:
    """What is to be filled in, by where."""
    if isinstance(found, str):
        # What a CRM calls its records has a plural in English, and needs no name everywhere.
        names = {one for one in re.findall(r"{(\w+)}", found) if not one.startswith("crm_")}
        return {re.sub(r"\.(one|other)$", "", path): names}
    return {k: v for name, one in found.items() for k, v in holes(one, f"{path}.{name}").items()}


def test_placeholders_are_the_same_in_both_languages() -> None:
    japanese, english = holes(texts("ja").texts), holes(texts("en").texts)
    assert {key: japanese[key] for key in english} == english
