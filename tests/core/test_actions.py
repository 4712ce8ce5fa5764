"""Concrete, agreed, verified: actions, one situation per test."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm_loop.actions.agree import Table, from_asked, from_typed
from crm_loop.actions.concrete import Typed, check, due_of
from crm_loop.actions.idea import MAX_TEXT, Agreed, Situation
from crm_loop.actions.suggest import suggest
from crm_loop.actions.verify import Evidence, Promise, judge, with_tick
from crm_loop.actions.verifying import weeks_between
from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import (
    ActionStatus,
    Agenda,
    Member,
    RecordRef,
    Role,
    Topic,
    Verify,
    VerifyRule,
)
from crm_loop.wording.linter import Kind, blocked, lint

JP = BusinessCalendar("JP")
DEAL = RecordRef(connection="salesforce", object="deal", id="006A")
SECOND = RecordRef(connection="salesforce", object="deal", id="006B")
TUESDAY = datetime(2026, 6, 16, 2, tzinfo=UTC)


def a_topic(code: str) -> Topic:
    return Topic(code=code, key=code, score=50, components={}, fact="", reason="", records=(DEAL,))


def a_situation(code: str, *, language: str = "ja", customer: str = "青葉精機") -> Situation:
    return Situation(
        rep="rep@example.com",
        week="2026-W25",
        language=language,
        connection="salesforce",
        met_on=date(2026, 6, 16),
        topic=a_topic(code),
        names={DEAL: customer},
        calendar=JP,
    )


def some_deals(number: int) -> dict[RecordRef, str]:
    refs = [RecordRef(connection="salesforce", object="deal", id=f"006{n}") for n in range(number)]
    return {ref: f"客先{ref.id}" for ref in refs}


def with_deals(number: int, **known: Any) -> Situation:
    names = some_deals(number)
    topic = replace(a_topic("T05"), records=tuple(names))
    return replace(a_situation("T05"), names=names, topic=topic, **known)


def about(*deals: RecordRef) -> Agreed:
    return Agreed(verify=VerifyRule(kind=Verify.NEXT_STEP, deals=deals))


def by_tick(kpi: str | None = None, deal: RecordRef | None = None) -> Agreed:
    return Agreed(verify=VerifyRule(kind=Verify.CLOSED_TASK), kpi=kpi, deal=deal)


def test_what_was_not_taken_rests_and_the_next_deal_is_named() -> None:
    first, second, third = (f"next:salesforce:006{n}" for n in range(3))
    found = suggest(with_deals(3, resting=frozenset({first})))
    assert [one.slot for one in found] == [second, third]


def test_nothing_is_suggested_that_is_agreed_already() -> None:
    deals = list(some_deals(3))
    found = suggest(with_deals(3, agreed=[about(deals[0])]))
    assert [one.deal for one in found] == deals[1:]


def test_meetings_are_not_suggested_beside_meetings_that_are_agreed() -> None:
    meetings = Agreed(verify=VerifyRule(kind=Verify.ACTIVITIES, target=2, activity="meeting"))
    assert suggest(replace(a_situation("T01"), agreed=[meetings])) == []
    assert len(suggest(replace(a_situation("T03"), agreed=[meetings]))) == 2


@pytest.mark.parametrize(
    ("agreed", "offered"),
    [(by_tick(), 1), (by_tick("won_count"), 1), (by_tick(deal=DEAL), 1), (by_tick("calls"), 0)],
)
def test_an_open_step_that_only_a_tick_shows_is_in_nobody_s_way_but_its_like_s(
    agreed: Agreed, offered: int
) -> None:
    base = a_situation("T12")
    topic = replace(base.topic, kpi="calls")
    assert len(suggest(replace(base, topic=topic, agreed=[agreed]))) == offered


def test_one_deal_gets_one_open_step_however_it_is_seen() -> None:
    base = a_situation("T07")
    topic = replace(base.topic, driver="avg_deal_size")
    names = {DEAL: "青葉精機", SECOND: "南港倉庫"}
    situation = replace(base, topic=topic, names=names, open=[DEAL, SECOND])
    (one,) = suggest(replace(situation, agreed=[by_tick(deal=DEAL)]))
    assert one.deal == SECOND


@pytest.mark.parametrize(("open_actions", "offered"), [(0, 3), (2, 1), (3, 0), (5, 0)])
def test_who_has_three_open_actions_is_offered_no_more(open_actions: int, offered: int) -> None:
    agreed = [about(DEAL)] * open_actions
    assert len(suggest(with_deals(4, agreed=agreed))) == offered


def a_table() -> Table:
    agenda = Agenda(
        rep="rep@example.com",
        manager="boss@example.com",
        week="2026-W25",
        starts_at=TUESDAY,
        publish_at=TUESDAY,
        minutes=15,
        language="ja",
        connection="salesforce",
        key="cl1a",
        subject="",
        text="",
        manager_text="",
    )
    member = Member(
        person="rep@example.com",
        name="田中 一郎",
        family_name="田中",
        role=Role.AE,
        manager="boss@example.com",
        language="ja",
        country="JP",
        time_zone="Asia/Tokyo",
        accounts={"salesforce": "005"},
    )
    return Table(
        organisation="acme",
        agenda=agenda,
        member=member,
        customers={DEAL: "青葉精機"},
        calendar=JP,
    )


def test_a_deal_at_risk_suggests_a_next_date_with_the_customer() -> None:
    (one,) = suggest(a_situation("T04"))
    assert one.text == "6/19（金）までに、青葉精機の次回の日程を決める"
    assert (one.due, one.verify.kind) == (date(2026, 6, 19), Verify.NEXT_STEP)


def test_the_same_suggestion_reads_naturally_in_english() -> None:
    (one,) = suggest(a_situation("T05", language="en", customer="Acme"))
    assert one.text == "Fix the next date with Acme by Fri 19 June"


def test_a_long_customer_name_is_shortened_to_fit_a_subject() -> None:
    long_name = "とても長い名前の製造業のお客様株式会社東京本社第一工場"
    (one,) = suggest(a_situation("T04", customer=long_name))
    assert len(one.text) <= 40
    assert one.text.endswith("…の次回の日程を決める")


@pytest.mark.parametrize(
    ("code", "driver", "japanese", "english", "kind"),
    [
        ("T02", "meetings", "6/19（金）までに、新しいお客様との初回面談を2件行う",
         "Hold 2 first meetings with new customers by Fri 19 June", "V1"),
        ("T02", "meeting_opp", "6/19（金）までの面談2件で、課題・時期・決裁の流れを伺う",
         "In 2 meetings by Fri 19 June, ask about needs, timing and who decides", "V1"),
        ("T02", "opp_proposal", "6/19（金）までに、青葉精機の選定の決め手を伺い、提案日を決める",
         "Ask 青葉精機 what will decide it and set a proposal date by Fri 19 June", "V2"),
        ("T07", "avg_deal_size", ("6/19（金）までに、"
         "青葉精機で上位プランか他部門でのご利用を提案する"),
         "Suggest the larger plan or another department to 青葉精機 by Fri 19 June", "V6"),
        ("T12", "", "6/19（金）までのチーム会で、うまくいった進め方を3分話す（資料なし）",
         "Tell the team in three minutes what worked, no slides, by Fri 19 June", "V9"),
        ("T13", "", "6/19（金）まで毎日30分をお問い合わせにあて、2件は1時間以内に連絡する",
         "Keep 30 minutes a day for enquiries; answer 2 within the hour by Fri 19 June", "V7"),
    ],
)  # fmt: skip
def test_a_supposed_cause_suggests_what_can_be_done_about_it(
    code: str, driver: str, japanese: str, english: str, kind: str
) -> None:
    for language, text in (("ja", japanese), ("en", english)):
        base = a_situation(code, language=language)
        topic = replace(base.topic, driver=driver)
        (one,) = suggest(replace(base, topic=topic, open=[DEAL]))
        assert (one.text, one.verify.kind, one.cause) == (text, kind, code)


def slots(situation: Situation) -> list[str]:
    return [one.slot.partition(":")[0] for one in suggest(situation)]


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        ({"no_next_step"}, ["next"]),
        ({"stale"}, ["next"]),
        ({"stale", "no_next_step"}, ["next"]),
        ({"pushed"}, ["plan"]),
        ({"pushed", "no_next_step"}, ["next", "plan"]),
        ({"single_threaded"}, ["people"]),
        ({"overdue"}, ["date"]),
        ({"old"}, ["next"]),
        (set(), ["next"]),
    ],
)
def test_what_speaks_against_a_deal_says_which_step_it_wants(
    flags: set[str], wanted: list[str]
) -> None:
    base = a_situation("T04")
    assert slots(replace(base, flags={DEAL: frozenset(flags)})) == wanted


@pytest.mark.parametrize(
    ("kpi", "wanted"),
    [
        ("meetings_held", ["meetings"]),
        ("new_meetings", ["first_meetings"]),
        ("calls", ["calls"]),
        ("connects", ["slot"]),
        ("connect_rate", ["slot"]),
        ("proposals", ["criteria"]),
        ("open_touch_rate", ["next"]),
        ("single_threaded_rate", ["people"]),
    ],
)
def test_a_figure_that_is_behind_suggests_what_moves_it(kpi: str, wanted: list[str]) -> None:
    base = a_situation("T01")
    flags = {SECOND: frozenset({"stale", "single_threaded"})}
    names = {DEAL: "青葉精機", SECOND: "南港倉庫"}
    situation = replace(base, topic=replace(base.topic, kpi=kpi), names=names, flags=flags)
    found = suggest(replace(situation, open=[DEAL, SECOND]))
    assert [one.slot.partition(":")[0] for one in found] == wanted
    assert {one.kpi for one in found} == {kpi}


@pytest.mark.parametrize(
    ("code", "kpi", "driver", "slot", "rule"),
    [
        ("T02", "", "meetings", "first_meetings",
         VerifyRule(kind=Verify.ACTIVITIES, target=2, activity="meeting", new_account=True)),
        ("T01", "connect_rate", "", "slot",
         VerifyRule(kind=Verify.ACTIVITIES, target=3, activity="call")),
        ("T02", "", "meeting_opp", "needs",
         VerifyRule(kind=Verify.ACTIVITIES, target=2, activity="meeting")),
        ("T02", "", "opp_proposal", "criteria",
         VerifyRule(kind=Verify.NEXT_STEP, deals=(DEAL,), also=(Verify.PROPOSAL,))),
        ("T02", "", "proposal_win", "proposal", VerifyRule(kind=Verify.CLOSED_TASK)),
        ("T02", "", "proposal_win", "lost",
         VerifyRule(kind=Verify.ACTIVITIES, target=2, activity="call")),
        ("T01", "single_threaded_rate", "", "people",
         VerifyRule(kind=Verify.CONTACTS, target=2, deals=(DEAL,))),
        ("T05", "", "", "next", VerifyRule(kind=Verify.NEXT_STEP, deals=(DEAL,))),
        ("T04", "", "", "plan",
         VerifyRule(kind=Verify.CLOSE_DATE, deals=(DEAL,), also=(Verify.LOST,))),
        ("T05", "overdue_close_rate", "", "dates",
         VerifyRule(kind=Verify.CLOSE_DATE, target=1, deals=(DEAL,))),
        ("T13", "", "", "answers", VerifyRule(kind=Verify.LEADS, target=2)),
        ("T07", "", "avg_deal_size", "wider", VerifyRule(kind=Verify.PROPOSAL, deals=(DEAL,))),
        ("T03", "", "", "ahead", VerifyRule(kind=Verify.ACTIVITIES, target=3, activity="call")),
        ("T06", "", "", "manager", VerifyRule(kind=Verify.CLOSED_TASK)),
        ("T12", "", "", "share", VerifyRule(kind=Verify.CLOSED_TASK)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_cause_has_a_step_that_is_seen_where_it_leaves_a_record(
    code: str, kpi: str, driver: str, slot: str, rule: VerifyRule, language: str
) -> None:
    base = a_situation(code, language=language)
    numbers = {"target": 12.0, "proposed": 9.0}
    topic = replace(base.topic, kpi=kpi or None, driver=driver, numbers=numbers)
    flags = frozenset({"overdue", "pushed", "single_threaded", "no_next_step"})
    other = {"ja": "en", "en": "ja"}[language]
    situation = replace(base, topic=topic, open=[DEAL], flags={DEAL: flags}, other=other,
                        rep_name={"ja": "田中さん", "en": "Tanaka-san"})  # fmt: skip
    found = {one.slot.partition(":")[0]: one for one in suggest(situation)}
    assert found[slot].verify == rule
    for text, spoken in ((found[slot].text, language), (found[slot].said, other)):
        assert len(text) <= MAX_TEXT[spoken]
        assert lint(text, spoken, Kind.SUBJECT) == []
        assert not blocked(text, spoken)
        assert all(word not in text for word in ("ください", "ます", "です"))
    alone = suggest(replace(situation, other=""))
    assert [one.to_manager for one in alone] == [one.text for one in alone]


def test_a_customer_of_a_long_name_has_every_step_in_one_glance() -> None:
    long_name = "とても長い名前の製造業のお客様株式会社東京本社第一工場"
    base = replace(a_situation("T04", customer=long_name), met_on=date(2026, 12, 15))
    flags = frozenset({"overdue", "pushed", "single_threaded"})
    for one in suggest(replace(base, flags={DEAL: flags})):
        assert len(one.text) <= 40
        assert "…" in one.text


def test_late_in_a_period_what_is_sown_is_for_the_next() -> None:
    base = a_situation("T03")
    late = replace(base, topic=replace(base.topic, components={"urgency": 0.5}))
    assert [slots(base), slots(late)] == [["calls", "ahead"], ["ahead", "calls"]]


def test_a_call_at_another_time_is_tried_once_in_the_morning_and_once_late() -> None:
    base = a_situation("T01")
    base = replace(base, topic=replace(base.topic, kpi="connect_rate"))
    texts = [suggest(replace(base, week=week))[0].text for week in ("2026-W24", "2026-W25")]
    assert ["朝9時台" in texts[0], "夕方16時台" in texts[1]] == [True, True]


def test_a_target_that_is_low_asks_nothing_of_the_manager() -> None:
    base = a_situation("T06")
    topic = replace(base.topic, numbers={"target": 9.0, "proposed": 12.0})
    assert suggest(replace(base, topic=topic)) == []


def test_what_the_rep_confirmed_goes_before_what_the_figures_suppose() -> None:
    base = a_situation("T02")
    situation = replace(base, topic=replace(base.topic, driver="proposal_win"), open=[DEAL])
    (one,) = suggest(replace(situation, confirmed="meeting_opp"))
    assert one.slot == "needs"


def test_without_an_open_deal_nothing_about_one_is_suggested() -> None:
    base = a_situation("T07")
    situation = replace(base, topic=replace(base.topic, driver="avg_deal_size"))
    assert suggest(situation) == []
    assert suggest(replace(situation, open=[DEAL], agreed=[about(DEAL)])) == []


def test_a_theme_for_talking_suggests_no_task() -> None:
    assert suggest(a_situation("T14")) == []


def test_a_typed_step_that_names_a_customer_is_linked_to_the_deal() -> None:
    line = "6/19（金）までに、青葉精機の次回日程を決める"
    (action,) = from_typed(a_table(), [line], [], at=TUESDAY)
    assert (action.deal, action.due) == (DEAL, date(2026, 6, 19))
    assert action.verify.kind is Verify.NEXT_STEP


def test_a_typed_step_without_a_day_is_due_before_the_next_talk() -> None:
    (action,) = from_typed(a_table(), ["資料を送る"], [], at=TUESDAY)
    assert action.due == date(2026, 6, 22)


def test_the_same_typed_line_read_twice_is_one_action() -> None:
    first = from_typed(a_table(), ["資料を送る"], [], at=TUESDAY)
    assert from_typed(a_table(), ["資料を送る"], first, at=TUESDAY) == []


def test_a_line_added_above_makes_one_more_action_with_a_key_of_its_own() -> None:
    first = from_typed(a_table(), ["資料を送る"], [], at=TUESDAY)
    (more,) = from_typed(a_table(), ["電話する", "資料を送る"], first, at=TUESDAY)
    assert more.text == "電話する"
    assert more.key != first[0].key


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Fix it by Fri 19 June", date(2026, 6, 19)),
        ("Fix it by June 19th", date(2026, 6, 19)),
        ("Fix it by the 19th of June", date(2026, 6, 19)),
        ("Send it on Thu", date(2026, 6, 18)),
        ("Meet 2 decision makers by Friday", date(2026, 6, 19)),
        ("Send 3 marketing mails by Fri", date(2026, 6, 19)),
        ("Ask about the plan of June 2027", None),
        ("６月１９日までに送る", date(2026, 6, 19)),
        ("来週水曜に訪問", date(2026, 6, 24)),
        ("12/40までに", None),
    ],
)
def test_a_written_day_is_understood(text: str, due: date | None) -> None:
    import unicodedata

    normal = unicodedata.normalize("NFKC", text).lower()
    assert due_of(normal, date(2026, 6, 16), JP) == due


def test_weeks_are_counted_from_the_monday_of_the_talk() -> None:
    assert weeks_between("2026-W25", date(2026, 6, 21)) == 1
    assert weeks_between("2026-W25", date(2026, 6, 20)) == 0


def test_a_tick_counts_as_done_without_any_record() -> None:
    due = date(2026, 6, 19)
    assert with_tick(ActionStatus.MISSED, closed_on=due, due=due) is ActionStatus.DONE
    assert with_tick(ActionStatus.OPEN, closed_on=None, due=due) is ActionStatus.OPEN


def test_free_texts_are_judged_as_the_worked_example_does(example: Any) -> None:
    case = example("E7.01")
    inputs = case["inputs"]
    rows = []
    for one in inputs["cases"]:
        typed = Typed(
            text=one["text"],
            owner=one["owner"],
            created=date.fromisoformat(inputs["created"]),
            kpi=one["kpi"],
            deals=one["deals"],
        )
        found = check(typed, JP, verbs=inputs["verbs"], vague_words=inputs["vague_words"])
        rows.append(
            {
                "text": one["text"],
                "due": found.due and found.due.isoformat(),
                "checks": found.checks,
                "vague": list(found.vague),
                "score": found.score,
                "concrete": found.concrete,
            }
        )
    assert rows == case["expected"]["rows"]


def test_a_promise_is_verified_as_the_worked_example_does(example: Any) -> None:
    case = example("E7.02")
    action = case["inputs"]["action"]
    promise = Promise(
        target=action["target"],
        created_at=datetime.fromisoformat(action["created_at"]),
        due=date.fromisoformat(action["due"]),
        time_zone="Asia/Tokyo",
    )
    events = [
        Evidence(
            record=RecordRef(connection="c", object="activity", id=event["id"]),
            start=datetime.fromisoformat(event["start"]),
            logged=datetime.fromisoformat(event["logged"]),
        )
        for event in case["inputs"]["events"]
        if event["status"] == "held" and event["new"]
    ]
    for step in case["expected"]["timeline"]:
        verdict = judge(promise, events, date.fromisoformat(step["as_of"]), JP)
        assert [ref.id for ref in verdict.on_time] == step["on_time"]
        assert [ref.id for ref in verdict.late] == step["late"]
        assert verdict.progress == pytest.approx(step["progress"], abs=1e-9)
        assert verdict.status == step["status"]


def a_boss(**fields: Any) -> Member:
    base: dict[str, Any] = {
        "person": "boss@example.com",
        "name": "佐藤 花",
        "family_name": "佐藤",
        "role": Role.MANAGER,
        "manager": None,
        "language": "ja",
        "country": "JP",
        "time_zone": "Asia/Tokyo",
        "accounts": {"salesforce": "u0"},
    }
    return Member(**(base | fields))


def test_what_a_rep_asks_for_becomes_the_manager_s_own_to_do() -> None:
    (one,) = from_asked(a_table(), a_boss(), ["事例集の手配"], [], at=TUESDAY)
    assert one.text.startswith("事例集の手配（")
    assert (one.who, one.asked_by, one.connection) == (
        "boss@example.com",
        "rep@example.com",
        "salesforce",
    )
    assert one.due == date(2026, 6, 22)


def test_asking_again_in_the_same_memo_adds_nothing() -> None:
    known = from_asked(a_table(), a_boss(), ["事例集の手配"], [], at=TUESDAY)
    found = from_asked(a_table(), a_boss(), ["事例集の手配", "同行"], known, at=TUESDAY)
    assert [one.text.split("（")[0] for one in found] == ["同行"]
    assert {one.key for one in found} & {one.key for one in known} == set()


def test_a_typed_day_is_the_day_of_a_promise() -> None:
    (one,) = from_asked(a_table(), a_boss(), ["6/18までに事例集の手配"], [], at=TUESDAY)
    assert one.due == date(2026, 6, 18)


def test_a_manager_without_any_crm_account_gets_no_task() -> None:
    assert from_asked(a_table(), a_boss(accounts={}), ["同行"], [], at=TUESDAY) == []


def test_a_marked_line_of_a_memo_is_a_step_without_the_mark_and_only_once() -> None:
    (one,) = from_typed(a_table(), ["[1on1] 青葉精機に電話する"], [], at=TUESDAY)
    assert one.text == "青葉精機に電話する"
    assert from_typed(a_table(), ["［1on1］青葉精機に電話する"], [one], at=TUESDAY) == []


def test_a_step_whose_to_do_was_worded_anew_is_not_made_again_from_its_line() -> None:
    (one,) = from_typed(a_table(), ["青葉精機に電話する"], [], at=TUESDAY)
    worded = replace(one, text="青葉精機を訪問する", former=one.text)
    assert from_typed(a_table(), ["青葉精機に電話する"], [worded], at=TUESDAY) == []


def test_a_line_that_names_two_customers_is_about_both() -> None:
    table = replace(a_table(), customers={DEAL: "青葉精機", SECOND: "青葉精機東京"})
    line = "6/19までに、青葉精機東京と青葉精機の次回日程を決める"
    (one,) = from_typed(table, [line], [], at=TUESDAY)
    assert one.verify == VerifyRule(kind=Verify.NEXT_STEP, target=2, deals=(SECOND, DEAL))
