"""What people type beside a memo reads as if they had typed it into the memo."""

from datetime import UTC, date, datetime

import pytest

from crm_loop.loop_records import Action, ActionStatus, Origin, Verify, VerifyRule
from crm_loop.one_on_one.answers import answers
from crm_loop.one_on_one.reading import read
from crm_loop.one_on_one.typed_fields import Fields, filled
from crm_loop.wording import words

STEP = "6/19（金）までに、青葉精機の次回の日程を決める"
MEMO = {
    "ja": f"""1on1メモ 田中さん・佐藤さん  6/16（火） 10:00〜10:15
▼田中さんから（ひとことでも、空欄でも大丈夫です）
 よかったこと：
 話したいこと：
 進め方（聞いてほしい・一緒に考えたい・助言がほしい）：
3. 今日のテーマ（6分）
 次の予定がまだ決まっていない案件が3件あります。
4. 困りごとと手伝えること（2分）
 ・佐藤さんに頼みたいことは何ですか？
5. 次の一歩（2分）
 ・候補：{STEP}
▼決めたこと（日付とひとこと）：
このメモを見られる人：田中さん、佐藤さん、CRM管理者  自動作成 #a7f3""",
    "en": """1on1 notes  Tanaka-san and Sato-san   Tue 16 June, 10:00-10:15
> From Tanaka-san (a few words will do; blank is fine)
  Went well:
  I'd like to talk about:
  What would help (just listen / think together / advice):
4. Help (2 min)
  - What would you like Sato-san to take on?
5. Next step (2 min)
> Agreed (date and a few words):
Who can read this: Tanaka-san, Sato-san, CRM administrators   Made automatically #a7f3""",
}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_fields_come_back_as_lines_of_the_memo(language: str) -> None:
    own = words(language)
    typed = Fields(topic="値引き", response="think_along", step="A社へ電話\nB社へ見積",
                   support="同行", added=["来月の進め方"])  # fmt: skip
    found = read(MEMO[language], filled(MEMO[language], typed, own), own)
    assert found.edited
    assert found.topic == "値引き 来月の進め方"
    assert found.wanted == "think_together"
    assert found.typed_steps == ("A社へ電話", "B社へ見積")
    assert found.asked == ("同行",)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_without_fields_a_memo_is_as_it_was(language: str) -> None:
    assert filled(MEMO[language], Fields(), words(language)) == MEMO[language]


def test_a_day_of_its_own_stands_in_the_step() -> None:
    due = Fields(step="A社へ電話", due=date(2026, 6, 19))
    assert "6/19（金）までに、A社へ電話" in filled(MEMO["ja"], due, words("ja"))
    assert "A社へ電話 by Fri 19 June" in filled(MEMO["en"], due, words("en"))


def test_a_step_that_names_its_day_keeps_it() -> None:
    due = Fields(step="6/18までにA社へ電話", due=date(2026, 6, 19))
    assert "\n6/18までにA社へ電話\n" in filled(MEMO["ja"], due, words("ja"))


def test_a_dismissed_suggestion_no_longer_stands() -> None:
    own = words("ja")
    assert read(MEMO["ja"], filled(MEMO["ja"], Fields(), own), own, [STEP]).standing == {0}
    turned_down = filled(MEMO["ja"], Fields(dismissed=[STEP]), own)
    assert read(MEMO["ja"], turned_down, own, [STEP]).standing == set()


def test_a_dismissed_theme_waits_for_the_next_time() -> None:
    theme = "次の予定がまだ決まっていない案件が3件あります。"
    assert read(MEMO["ja"], filled(MEMO["ja"], Fields(dismissed=[theme]), words("ja")),
                words("ja")).next_time  # fmt: skip


# --- of steps that the memo looks back at -------------------------------------------------------

LOOKED_BACK = {
    "ja": "2. 前回決めたこと（3分）\n お客様との面談を4件行う → まだ途中\n"
    " 提案書の型を見直す → まだ途中\n ・やってみて、どうでしたか？\n3. 今日のテーマ（6分）\n",
    "en": "2. What we agreed last time (3 min)\n  Hold 4 customer meetings -> under way\n"
    "  Rework the proposal -> under way\n  - How did it go?\n3. Today's theme (6 min)\n",
}
STEPS = {
    "ja": ("お客様との面談を4件行う", "提案書の型を見直す"),
    "en": ("Hold 4 customer meetings", "Rework the proposal"),
}


def steps_of(language: str, count: int = 2) -> list[Action]:
    return [
        Action(id=f"a{n}", key=f"a{n}", who="rep@example.com", manager=None, week="2026-W24",
               origin=Origin.REP, text=text, due=date(2026, 6, 12), connection="crm",
               created_at=datetime(2026, 6, 9, tzinfo=UTC), status=ActionStatus.MISSED,
               verify=VerifyRule(kind=Verify.CLOSED_TASK))
        for n, text in enumerate(STEPS[language][:count], 1)
    ]  # fmt: skip


def said(language: str, count: int = 2, **typed: object) -> dict[str, str]:
    own, steps = words(language), steps_of(language, count)
    heading = {"ja": "▼田中さん", "en": "> From"}[language]
    memo = MEMO[language].replace(heading, LOOKED_BACK[language] + heading)
    after = filled(memo, Fields(**typed), own, steps)  # type: ignore[arg-type]
    return {one.action: one.text for one in answers(memo, after, own, steps)}


@pytest.mark.parametrize("where", ["topic", "step", "support"])
@pytest.mark.parametrize(
    ("language", "line", "answer"),
    [
        ("ja", "お客様との面談を4件行う：小さくする、まず1件", "小さくする、まず1件"),
        ("ja", "お客様との面談を4件行う 先方の返事待ち", "先方の返事待ち"),
        ("ja", "お客様との面談：下ろす", "下ろす"),
        ("en", "Hold 4 customer meetings: let it go", "let it go"),
        ("en", "customer meetings -> one meeting is enough", "one meeting is enough"),
    ],
)
def test_a_line_in_a_field_that_names_a_step_is_an_answer_to_it(
    language: str, where: str, line: str, answer: str
) -> None:
    assert said(language, **{where: line}) == {"a1": answer}


def test_an_answer_is_no_new_step_and_takes_the_day_beside_it() -> None:
    own, steps = words("ja"), steps_of("ja")
    typed = Fields(step="提案書の型を見直す：小さくする", due=date(2026, 6, 19))
    memo = LOOKED_BACK["ja"] + MEMO["ja"]
    after = filled(memo, typed, own, steps)
    assert read(memo, after, own).typed_steps == ()
    assert said("ja", step=typed.step, due=typed.due) == {"a2": "6/19（金）までに、小さくする"}


def test_another_step_for_the_same_customer_stays_a_step() -> None:
    own, steps = words("ja"), steps_of("ja")
    memo = LOOKED_BACK["ja"] + MEMO["ja"]
    after = filled(memo, Fields(step="提案書：青葉精機へ送る"), own, steps)
    assert read(memo, after, own).typed_steps == ("提案書：青葉精機へ送る",)


@pytest.mark.parametrize(
    ("language", "line"),
    [("ja", "前回決めたこと：下ろす"), ("en", "What we agreed last time: drop it")],
)
def test_last_times_step_needs_no_name_where_there_is_only_one(language: str, line: str) -> None:
    answer = line.partition(": ")[2] or line.partition("：")[2]
    assert said(language, count=1, topic=line) == {"a1": answer}
    assert said(language, topic=line) == {}


def test_a_step_that_the_memo_only_sums_up_can_be_answered_too() -> None:
    own, steps = words("ja"), steps_of("ja")
    memo = MEMO["ja"].replace(
        "3. 今日", "2. 前回決めたこと（3分）\n 前回決めた2件のうち、0件は済んでいます。\n3. 今日"
    )
    after = filled(memo, Fields(topic="提案書の型を見直す：時間が足りない"), own, steps)
    assert [(one.action, one.text) for one in answers(memo, after, own, steps)] == [
        ("a2", "時間が足りない")
    ]


def test_a_line_of_the_memo_without_a_field_of_its_own_is_filled_in_from_any() -> None:
    own = words("ja")
    found = read(MEMO["ja"], filled(MEMO["ja"], Fields(topic="よかったこと：大口の内示"), own), own)
    assert (found.went_well, found.topic) == ("大口の内示", "")
