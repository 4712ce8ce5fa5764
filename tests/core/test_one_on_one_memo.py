"""The memo as a rep reads it, in both languages, and what stands in it when."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm_loop.connector.vocabulary import spoken
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    Agenda,
    Block,
    KpiValue,
    Meeting,
    Origin,
    ProgressStatus,
    Prompt,
    RecordRef,
    Suggestion,
    SuggestionState,
    Topic,
    ValueStatus,
    Verify,
    VerifyRule,
)
from crm_loop.one_on_one import overview
from crm_loop.one_on_one.last import last_lines
from crm_loop.one_on_one.memo import ManagerNames, Sheet, manager_text_of, subject_of, text_of
from crm_loop.one_on_one.progress import progress_line
from crm_loop.one_on_one.quoted import kept_in_tone, without
from crm_loop.one_on_one.saying import checked
from crm_loop.wording import words
from crm_loop.wording.linter import Kind, lint

NAMES = {"ja": ("田中さん", "佐藤さん"), "en": ("Tanaka-san", "Sato-san")}
TEXTS = {
    "ja": {
        "fact": "先週の面談は4件。ふだんの週（3件ほど）より多めでした。",
        "theme": "次の予定がまだ決まっていない商談が3件あります（A社、B社、C社）。",
        "plain": "次の予定がまだ決まっていない商談があります（A社、B社、C社）。",
        "reason": "選んだ理由：3件で約600万円、今月は残り11営業日のため",
        "plain_reason": "選んだ理由：今月は残り11営業日のため",
        "aside": "ほかに、次の予定がまだ決まっていない商談が2件あります。",
        "example": "6/19（金）までに、A社の次回日程を決める",
        "question": "いま、いちばん進めにくいのはどこですか？",
    },
    "en": {
        "fact": "Four customer meetings last week; a usual week has about three.",
        "theme": "Three deals have no next date yet (A, B and C).",
        "plain": "Some deals have no next date yet (A, B and C).",
        "reason": "Why this one: about 6 million yen together, 11 working days left this month",
        "plain_reason": "Why this one: 11 working days left this month",
        "aside": "Besides, two deals have no next date yet.",
        "example": "fix the next date with A by Fri 19 June",
        "question": "Where is it hardest to move things along right now?",
    },
}
CODES = ("opening_win", "last_actions", "theme", "obstacles_support", "next_actions")


def an_agenda(language: str, reserve: bool = False) -> Agenda:  # noqa: FBT001, FBT002 - a builder
    text = TEXTS[language]
    topic = Topic(
        code="T05",
        key="T05:hyg:next_step",
        score=70,
        components={},
        fact=text["theme"],
        reason=text["reason"],
        plain_fact=text["plain"],
        plain_reason=text["plain_reason"],
    )
    asked = (Prompt(id="theme_hygiene.Q01", text=text["question"]),)
    facts = {"opening_win": text["fact"], "next_actions": text["example"]}
    blocks = [
        Block(
            code=code,
            minutes=3,
            fact=facts.get(code, ""),
            prompts=asked,
            topics=(topic,) if code == "theme" else (),
            lines=(text["aside"],) if code == "theme" else (),
        )
        for code in CODES
    ]
    return Agenda(
        rep="tanaka@example.com",
        manager="sato@example.com",
        week="2026-W25",
        starts_at=datetime(2026, 6, 16, 1, tzinfo=UTC),
        publish_at=datetime(2026, 6, 15, 0, tzinfo=UTC),
        minutes=15,
        language=language,
        connection="salesforce",
        key="cl1aa7f3" + "0" * 36,
        subject="",
        text="",
        manager_text="",
        blocks=blocks,
        reserve=topic if reserve else None,
    )


def a_sheet(language: str = "ja", **fields: Any) -> Sheet:
    rep, manager = NAMES[language]
    base: dict[str, Any] = {
        "agenda": an_agenda(language),
        "words": spoken(language),
        "rep": rep,
        "manager": manager,
        "time_zone": "Asia/Tokyo",
        "crm": "salesforce",
        "private": True,
        "as_of": date(2026, 6, 14),
    }
    return Sheet(**(base | fields))


A_DEAL = RecordRef(connection="salesforce", object="deal", id="d1")


def an_action(text: str, status: ActionStatus, **fields: Any) -> Action:
    base: dict[str, Any] = {"verify": VerifyRule(kind=Verify.CLOSED_TASK), "week": "2026-W24",
                            "origin": Origin.REP}  # fmt: skip
    return Action(
        id=text,
        who="tanaka@example.com",
        manager="sato@example.com",
        text=text,
        due=date(2026, 6, 19),
        created_at=datetime(2026, 6, 9, tzinfo=UTC),
        connection="salesforce",
        key=text,
        status=status,
        **(base | fields),
    )


def a_suggestion(text: str, state: SuggestionState = SuggestionState.LET_THROUGH) -> Suggestion:
    return Suggestion(
        rep="tanaka@example.com",
        week="2026-W25",
        slot=text,
        text=text,
        due=date(2026, 6, 19),
        verify=VerifyRule(kind=Verify.NEXT_STEP),
        connection="salesforce",
        state=state,
    )


STEP = "6/19（金）までに、A社の次回の日程を決める"


def lines(sheet: Sheet) -> list[str]:
    return text_of(sheet).splitlines()


def test_a_whole_memo_in_japanese() -> None:
    sheet = a_sheet(
        purpose="製造業のお客様に新しい足がかりをつくる",
        reviewed=[an_action("初回面談を3件いただく", ActionStatus.DONE)],
    )
    assert lines(sheet) == (
        [
            "1on1メモ 田中さん・佐藤さん  6/16（火） 10:00〜10:15",
            "めざす姿：製造業のお客様に新しい足がかりをつくる",
            "数字は6/14（日）時点です。当日まで自由に書き換えられます。",
            "▼田中さんから（ひとことでも、空欄でも大丈夫です）",
            " よかったこと：",
            " 話したいこと：",
            " 進め方（聞いてほしい・一緒に考えたい・助言がほしい）：",
            "1. よかったこと（3分）",
            " 先週の面談は4件。ふだんの週（3件ほど）より多めでした。",
            " ・いま、いちばん進めにくいのはどこですか？",
            "2. 前回決めたこと（3分）",
            " 初回面談を3件いただく → 完了",
            " ・いま、いちばん進めにくいのはどこですか？",
            "3. 今日のテーマ（3分） 田中さんの「話したいこと」があれば、そちらから",
            " 次の予定がまだ決まっていない商談が3件あります（A社、B社、C社）。",
            " 選んだ理由：3件で約600万円、今月は残り11営業日のため",
            " ・いま、いちばん進めにくいのはどこですか？",
            " ほかに、次の予定がまだ決まっていない商談が2件あります。",
            "4. 困りごとと手伝えること（3分） 例：同行、社内調整、資料、特になし",
            " ・いま、いちばん進めにくいのはどこですか？",
            "5. 次の一歩（3分） 例：6/19（金）までに、A社の次回日程を決める",
            " ・いま、いちばん進めにくいのはどこですか？",
            "▼決めたこと（日付とひとこと）：",
            "このメモを見られる人：田中さん、佐藤さん、CRM管理者  自動作成 #a7f3",
        ]
    )


def test_the_same_memo_in_english() -> None:
    found = lines(a_sheet("en"))
    assert found[0] == "1on1 notes  Tanaka-san and Sato-san   Tue 16 June, 10:00-10:15"
    assert found[1] == "Figures as of Sun 14 June. Change anything you like until we meet."
    assert "> Agreed (date and a few words):" in found
    assert found[-1].startswith("Who can read this: Tanaka-san, Sato-san, CRM administrators")


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("private", [True, False])
def test_a_memo_keeps_the_house_style(language: str, private: bool) -> None:  # noqa: FBT001 - a case
    assert lint(text_of(a_sheet(language, private=private)), language, Kind.MEMO) == []


def test_the_task_is_named_after_day_time_and_manager() -> None:
    assert subject_of(a_sheet()) == "1on1メモ 6/16（火）10:00 佐藤さん"
    assert subject_of(a_sheet("en")) == "1on1 notes, Tue 16 June 10:00, Sato-san"


def test_without_a_purpose_its_line_is_left_out() -> None:
    assert not any(line.startswith("めざす姿") for line in lines(a_sheet()))


def test_missing_figures_are_said_so() -> None:
    assert (
        lines(a_sheet(as_of=None))[1] == "数字がまだそろっていないため、今回は数字なしで進めます。"
    )


def test_while_figures_are_missing_theme_reserve_and_lines_have_none() -> None:
    sheet = a_sheet(as_of=None)
    text = text_of(sheet)
    assert TEXTS["ja"]["plain"] in text
    assert TEXTS["ja"]["plain_reason"] in text
    assert not [one for one in ("theme", "reason", "aside") if TEXTS["ja"][one] in text]
    names = ManagerNames(manager="佐藤さん", rep="田中さん")
    reserved = an_agenda("ja", reserve=True)
    copy = manager_text_of("", reserved, [], spoken("ja"), names, complete=False)
    assert f"予備のテーマ：{TEXTS['ja']['plain']}" in copy


def test_an_open_crm_gets_no_figures_and_says_who_reads() -> None:
    text = text_of(a_sheet(private=False, crm="hubspot", progress="今月の面談：4件/目標12件。"))
    assert text.endswith("このメモを見られる人：このHubSpotを使う全員  自動作成 #a7f3")
    assert [said for said in ("4件", "12件", "600万円", "時点") if said in text] == []


def test_people_above_are_named_where_they_can_read_it() -> None:
    assert "上位の役職の方" in lines(a_sheet(above=True))[-1]


def test_a_step_let_through_stands_on_a_line_of_its_own() -> None:
    found = lines(a_sheet(suggestions=[a_suggestion(STEP)]))
    heading = next(n for n, line in enumerate(found) if line.startswith("5. "))
    assert found[heading].endswith("要らない候補は消せます。残すと田中さんのToDoになります")
    assert found[heading + 1] == f" ・候補：{STEP}"


@pytest.mark.parametrize(
    ("language", "listed", "never"),
    [("ja", "議題の一覧で「今回は見送り」に", ("消せます", "書き換えられます")),
     ("en", "to Dismissed in the list of topics", ("Delete", "Change anything"))],
)  # fmt: skip
def test_a_memo_in_an_object_of_ours_says_where_to_turn_an_idea_down(
    language: str, listed: str, never: tuple[str, str]
) -> None:
    step = a_suggestion(STEP)
    for private in (True, False):
        text = text_of(a_sheet(language, beside=True, suggestions=[step], private=private))
        assert listed in text
        # Nobody can delete a line there or change the text.
        assert [word for word in never if word in text] == []


def test_a_step_that_is_only_offered_is_not_in_the_memo() -> None:
    offered = a_suggestion(STEP, SuggestionState.OFFERED)
    assert STEP not in text_of(a_sheet(suggestions=[offered]))


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (an_action("電話する", ActionStatus.DONE), "電話する → 完了"),
        (an_action("電話する", ActionStatus.DONE_LATE), "電話する → 完了"),
        (an_action("電話する", ActionStatus.DONE, seen=True), "電話する → 完了（記録あり）"),
        (an_action("電話する", ActionStatus.OPEN), "電話する → これから、6/19（金）まで"),
        (an_action("電話する", ActionStatus.MISSED), "電話する → まだ途中"),
        (
            an_action("電話する", ActionStatus.MISSED, carry_count=1),
            "電話する → まだ途中（小さくする、下ろす、でもかまいません）",
        ),
        (
            an_action("電話する", ActionStatus.MISSED, carry_count=2),
            "電話する → まだ途中（手伝えることがあれば4で）",
        ),
        (
            an_action("もっと電話を頑張る", ActionStatus.MISSED),
            "もっと電話を頑張る → まだ途中（件数と期日を決めると、動きやすくなります）",
        ),
        (
            an_action("6/19までに提案を強化", ActionStatus.MISSED, carry_count=1),
            "6/19までに提案を強化 → まだ途中（件数を決めると、動きやすくなります）",
        ),
        (
            an_action("しっかり3件回る", ActionStatus.MISSED, carry_count=1),
            "しっかり3件回る → まだ途中（期日を決めると、動きやすくなります）",
        ),
        (
            an_action("改善を6/19までに3件", ActionStatus.MISSED),
            "改善を6/19までに3件 → まだ途中",
        ),
        (
            an_action("金曜までにA社の提案を改善", ActionStatus.MISSED, deal=A_DEAL),
            "金曜までにA社の提案を改善 → まだ途中",
        ),
        (
            an_action("もっと頑張る", ActionStatus.MISSED, origin=Origin.SUGGESTED),
            "もっと頑張る → まだ途中",
        ),
        (
            an_action("もっと頑張る", ActionStatus.MISSED, carry_count=2),
            "もっと頑張る → まだ途中（手伝えることがあれば4で）",
        ),
        (an_action("電話する", ActionStatus.DROPPED), "電話する → いったん下ろしました"),
        (an_action("電話する", ActionStatus.WITHDRAWN), "電話する → 見送り"),
        (
            an_action(
                "面談を3件",
                ActionStatus.PARTIAL,
                verify=VerifyRule(kind=Verify.ACTIVITIES, target=3),
                on_time=2,
            ),
            "面談を3件 → 3件のうち2件まで進んでいます",
        ),
    ],
)
def test_each_earlier_action_says_how_far_it_is(action: Action, said: str) -> None:
    assert f" {said}" in lines(a_sheet(reviewed=[action]))


def test_a_first_talk_and_one_after_nothing_was_agreed_say_so() -> None:
    assert " 初回のため、前回の分はありません。" in lines(a_sheet(first_time=True))
    assert " 前回は決めたことなし。" in lines(a_sheet())


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_full_memo_is_shortened_until_it_fits(language: str) -> None:
    long = (
        "長い名前のお客様へ資料を送る" if language == "ja" else "send the long report to a customer"
    )
    sheet = a_sheet(
        language,
        reviewed=[an_action(f"{long}{n}", ActionStatus.MISSED, carry_count=1) for n in range(6)],
        suggestions=[a_suggestion(f"{long} {n}") for n in range(2)],
        purpose=long,
    )
    text = text_of(sheet)
    assert not {"memo_lines", "memo_size"} & {v.rule for v in lint(text, language, Kind.MEMO)}
    assert all(f"{long} {n}" in text for n in range(2))


@pytest.mark.parametrize(
    ("done", "ja", "en"),
    [(4, "前回決めた4件は、すべて済んでいます。", "All four things we agreed are done."),
     (1, "前回決めた4件のうち、1件は済んでいます。", "One of the four things we agreed is done."),
     (2, "前回決めた4件のうち、2件は済んでいます。", "Two of the four things we agreed are done."),
     (0, "前回決めたことは4件です。", "We agreed on four things last time.")],
)  # fmt: skip
def test_several_steps_in_one_line_are_summed_up_as_a_person_says_it(
    done: int, ja: str, en: str
) -> None:
    steps = [an_action(str(n), ActionStatus.DONE if n < done else ActionStatus.MISSED)
             for n in range(4)]  # fmt: skip
    said = [last_lines(steps, words(language), most=1) for language in ("ja", "en")]
    assert said == [[ja], [en]]


@pytest.mark.parametrize(
    ("done", "ja", "en"),
    [(2, "ほかの2件も済んでいます。", "The other two are done too."),
     (1, "ほかの2件のうち、1件は済んでいます。", "Of the other two, one is done."),
     (0, "ほかに2件あります。", "There are two more.")],
)  # fmt: skip
def test_steps_beyond_the_third_are_one_line_without_a_count_of_none(
    done: int, ja: str, en: str
) -> None:
    steps = [an_action(str(n), ActionStatus.DONE if n < 2 + done else ActionStatus.MISSED)
             for n in range(4)]  # fmt: skip
    assert [last_lines(steps, words(language))[-1] for language in ("ja", "en")] == [ja, en]


def test_the_manager_s_copy_adds_time_reserve_and_ideas() -> None:
    offered = [a_suggestion(STEP, SuggestionState.OFFERED)]
    names = ManagerNames(manager="佐藤さん", rep="田中さん")
    text = manager_text_of("メモ", an_agenda("ja", reserve=True), offered, spoken("ja"), names)
    assert text.splitlines() == [
        "メモ",
        "――佐藤さん用（田中さんのメモには載りません）",
        "話す時間の目安：佐藤さん3分、田中さん12分（問いのあとは、少し待つ）",
        "予備のテーマ：次の予定がまだ決まっていない商談が3件あります（A社、B社、C社）。",
        "次の一歩の候補：",
        f"[ ] {STEP}",
    ]


def a_value(kpi: str, **fields: Any) -> dict[str, KpiValue]:
    base: dict[str, Any] = {
        "person": "rep",
        "period_start": date(2026, 6, 1),
        "period_end": date(2026, 6, 30),
        "as_of": date(2026, 6, 14),
        "numerator": None,
        "denominator": None,
        "n": 5,
        "value_status": ValueStatus.OK,
        "progress": ProgressStatus.ON_TRACK,
    }
    return {kpi: KpiValue(kpi=kpi, **(base | fields))}


MEETINGS = a_value(
    "meetings_held", value=4, target=12, expected_to_date=5.4, projection=(7.0, 10.2, 14.0)
)


def test_the_progress_line_gives_count_target_pace_and_landing() -> None:
    assert progress_line(MEETINGS, spoken("ja"), "salesforce", met_on=date(2026, 6, 16)) == (
        "今月の面談：4件/目標12件。今日までの目安は5件ほど、月末は10件前後（7〜14件）の見込みです。"
    )
    assert progress_line(MEETINGS, spoken("en"), "salesforce", met_on=date(2026, 6, 16)) == (
        "Customer meetings this month: 4 of 12. "
        "About 5 would be usual by today; month end looks like 10 or so (7-14)."
    )


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_where_nothing_more_is_expected_no_landing_rubs_it_in(value: float) -> None:
    flat = a_value(
        "meetings_held", value=value, target=14, expected_to_date=13.2, projection=(value,) * 3
    )
    said = progress_line(flat, spoken("ja"), "salesforce", met_on=date(2026, 6, 30))
    assert said == f"今月の面談：{value:.0f}件/目標14件。今日までの目安は13件ほどです。"


def test_a_reached_target_needs_no_landing() -> None:
    reached = a_value("meetings_held", value=12, target=12, progress=ProgressStatus.ACHIEVED)
    said = progress_line(reached, spoken("ja"), "salesforce", met_on=date(2026, 6, 16))
    assert said == "今月の面談：12件。目標の12件に届いています。"


def test_meetings_of_a_month_that_is_over_are_not_shown() -> None:
    assert progress_line(MEETINGS, spoken("ja"), "salesforce", met_on=date(2026, 7, 1)) == ""


def test_a_share_is_given_in_whole_deals() -> None:
    value = a_value("next_step_hygiene", value=0.4, numerator=2, denominator=5, target=0.8)
    assert progress_line(value, spoken("ja"), "hubspot", met_on=date(2026, 6, 16)) == (
        "進行中の取引：5件のうち、次の予定があるのは2件。目安は4件です。"
    )


def test_without_a_target_there_is_no_progress_line() -> None:
    assert (
        progress_line(
            a_value("meetings_held", value=4), spoken("ja"), "salesforce", met_on=date(2026, 6, 16)
        )
        == ""
    )


def a_week(*suggestions: Suggestion, **fields: Any) -> overview.Week:
    starts = [datetime(2026, 6, 16, 1, 0, tzinfo=UTC), datetime(2026, 6, 16, 1, 30, tzinfo=UTC)]
    meetings = [
        Meeting(
            rep=rep,
            manager="sato@example.com",
            week="2026-W25",
            starts_at=start,
            minutes=15,
            publish_at=datetime(2026, 6, 15, 0, tzinfo=UTC),
        )
        for rep, start in zip(("tanaka@example.com", "suzuki@example.com"), starts, strict=True)
    ]
    base: dict[str, Any] = {
        "meetings": meetings,
        "names": {"tanaka@example.com": "田中さん", "suzuki@example.com": "鈴木さん"},
        "suggestions": {"tanaka@example.com": suggestions},
        "words": spoken("ja"),
        "time_zone": "Asia/Tokyo",
    }
    return overview.Week(**(base | fields))


@pytest.mark.parametrize(
    ("counts", "private", "said"),
    [({"missed": 2}, True, "このところ2回、1on1がありませんでした。"),
     ({"missed": 3, "silent": 2}, True, "このところ2回、記録がありません"),
     ({"missed": 2}, False, "次回の日時を、二人で確かめておくと安心です。"),
     ({"missed": 1, "silent": 1}, True, "")],
)  # fmt: skip
def test_after_two_without_a_1on1_the_manager_is_told_and_others_not_why(
    counts: dict[str, int],
    private: bool,  # noqa: FBT001 - a parameter of the table above
    said: str,
) -> None:
    fields: dict[str, Any] = {name: {"tanaka@example.com": n} for name, n in counts.items()}
    found = overview.text_of(a_week(private=private, **fields)).splitlines()
    under = found[1] if found[1].startswith(" ") else ""
    assert under.strip().startswith(said)
    assert bool(under) is bool(said)


def test_the_manager_s_list_names_times_people_and_ideas() -> None:
    week = a_week(
        a_suggestion(STEP, SuggestionState.OFFERED),
        links={"tanaka@example.com": "https://127.0.0.1/7"},
    )
    assert overview.subject_of(week) == "今週の1on1（2人）"
    assert overview.text_of(week).splitlines() == [
        (
            "載せたい候補の[ ]に印を付けると、その方のメモに載ります。"
            "「いつも」と書くと、今後は印なしで載ります。"
        ),
        "6/16（火） 10:00 田中さん",
        f" [ ] {STEP}",
        " メモ https://127.0.0.1/7",
        "6/16（火） 10:30 鈴木さん",
        "1on1をお休みにするときは、その方の名前の後ろに「休み」と書き足します。",
    ]


@pytest.mark.parametrize("typed", [" 休み", "（お休み）", "：今週は休み。", " → off", "\n ・休み"])
def test_a_word_behind_a_name_calls_that_1on1_off_and_no_other(typed: str) -> None:
    week = a_week(a_suggestion(STEP, SuggestionState.OFFERED))
    body = overview.text_of(week).replace("田中さん", f"田中さん{typed}", 1)
    assert overview.called_off(week, body) == {
        "tanaka@example.com": True, "suzuki@example.com": False
    }  # fmt: skip
    assert overview.marked(week, body) == []


@pytest.mark.parametrize("typed", ["来週は休み", "休み明けに資料を見る", "10:15から", ""])
def test_other_words_behind_a_name_call_nothing_off(typed: str) -> None:
    week = a_week(a_suggestion(STEP, SuggestionState.OFFERED))
    body = overview.text_of(week).replace("田中さん", f"田中さん {typed}", 1)
    assert not any(overview.called_off(week, body).values())


def test_below_an_idea_nothing_is_called_off() -> None:
    week = a_week(a_suggestion(STEP, SuggestionState.OFFERED))
    body = overview.text_of(week).replace(STEP, f"{STEP}\n 見送り", 1)
    assert not any(overview.called_off(week, body).values())


def test_an_idea_that_is_in_the_memo_already_is_marked() -> None:
    assert f" [x] {STEP}" in overview.text_of(a_week(a_suggestion(STEP))).splitlines()


@pytest.mark.parametrize("mark", ["x", "○", "✓", "OK"])
def test_a_mark_in_a_line_lets_the_idea_through(mark: str) -> None:
    offered = a_suggestion(STEP, SuggestionState.OFFERED)
    week = a_week(offered)
    body = overview.text_of(week).replace(f"[ ] {STEP}", f"[{mark}] {STEP}")
    assert overview.marked(week, body) == [offered]
    assert overview.marked(week, overview.text_of(week)) == []


def test_a_mark_counts_for_the_rep_whose_line_it_is() -> None:
    mine, other = (a_suggestion(STEP, SuggestionState.OFFERED) for _ in range(2))
    week = a_week(suggestions={"tanaka@example.com": [mine], "suzuki@example.com": [other]})
    body = "［x］ ".join(overview.text_of(week).rsplit("[ ] ", 1))
    assert [one is other for one in overview.marked(week, body)] == [True]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ja", "佐藤さんにお願いしたこと（事例集の手配）→ 完了"),
        ("en", "Asked of Sato-san (the case studies) -> done"),
    ],
)
def test_what_the_manager_had_promised_is_shown_with_its_state(language: str, said: str) -> None:
    text = "事例集の手配（田中さん）" if language == "ja" else "the case studies (Tanaka-san)"
    promised = [an_action(text, ActionStatus.DONE, asked_by="tanaka@example.com")]
    found = [line.strip() for line in lines(a_sheet(language, promised=promised))]
    assert said in found
    assert not any("前回は決めたことなし" in line for line in found)


def as_sent(sheet: Sheet, *customers: str) -> list[str]:
    return checked(text_of(sheet), sheet, lambda: customers).splitlines()


def test_a_long_typed_step_stays_where_it_is_cut_short() -> None:
    step = "必ず今週中に東和電設の担当の方へ連絡し、次の打ち合わせの日程と参加される方を決めておく"
    sheet = a_sheet(reviewed=[an_action(step, ActionStatus.OPEN)])
    assert len(step) > 40
    assert as_sent(sheet) == lines(sheet)


def test_a_long_promise_stays_where_it_is_cut_short() -> None:
    promise = "コミットした納期の件を工場と話して、来週の会議までに返事をする（田中さん）"
    sheet = a_sheet(promised=[an_action(promise, ActionStatus.DONE)])
    assert as_sent(sheet) == lines(sheet)


def test_what_somebody_said_of_a_step_stays() -> None:
    step = an_action(
        "A社に連絡する",
        ActionStatus.MISSED,
        said="必ず来週やるつもりでしたが、急な出張が入りました",
    )
    sheet = a_sheet(reviewed=[step])
    assert as_sent(sheet) == lines(sheet)


def test_an_idea_stays_whatever_its_customer_is_called() -> None:
    sheet = a_sheet(suggestions=[a_suggestion("6/19（金）までに、ノルマ商…の次回の日程を決める")])
    assert as_sent(sheet) == lines(sheet)


def test_a_line_of_ours_that_breaks_the_tone_goes_also_beside_a_name_that_would() -> None:
    text = "コミット工業の件です。\nコミット工業の件は必ず進めます。"
    assert kept_in_tone(text, "ja", lambda: ["コミット工業"]) == "コミット工業の件です。"


def test_nobody_looks_names_up_for_a_text_that_breaks_nothing() -> None:
    def never() -> list[str]:
        raise AssertionError

    assert kept_in_tone("先週の面談は4件です。", "ja", never) == "先週の面談は4件です。"


def test_a_text_is_taken_out_whole_or_cut_short_but_not_by_a_few_letters() -> None:
    assert without("a Must Foods b Must Fo… c", ["Must Foods"]) == "a   b … c"
    assert without("必…", ["必ず連絡する"]) == "必…"
