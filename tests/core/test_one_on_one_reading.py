"""A memo read back: what people typed, took away, agreed to; whatever their editor did."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_loop.one_on_one.reading import Reading, read
from crm_loop.wording import words

STEPS = {
    "ja": (
        "6/19（金）までに、A社の次回の日程を決める",
        "6/19（金）までに、B社の次回の日程を決める",
    ),
    "en": ("Fix the next date with A by Fri 19 June", "Fix the next date with B by Fri 19 June"),
}
MEMOS = {
    "ja": """1on1メモ 田中さん・佐藤さん  6/16（火） 10:00〜10:15
数字は6/15（月）時点です。当日まで自由に書き換えられます。
▼田中さんから（ひとことでも、空欄でも大丈夫です）
 よかったこと：
 話したいこと：
 進め方（聞いてほしい・一緒に考えたい・助言がほしい）：
1. よかったこと（2分）
 ・何がよかったと思いますか？
3. 今日のテーマ（6分） 田中さんの「話したいこと」があれば、そちらから
 ・いま、いちばん進めにくいのはどこですか？
5. 次の一歩（2分） 要らない候補は消せます。残すと田中さんのToDoになります
 ・候補：6/19（金）までに、A社の次回の日程を決める
 ・候補：6/19（金）までに、B社の次回の日程を決める
 ・次の1on1までに、まず何から始めますか？
▼決めたこと（日付とひとこと）：
今月の面談：4件/目標12件。
このメモを見られる人：田中さん、佐藤さん、CRM管理者  自動作成 #a7f3""",
    "en": """1on1 notes  Tanaka-san and Sato-san   Tue 16 June, 10:00-10:15
Figures as of Mon 15 June. Change anything you like until we meet.
> From Tanaka-san (a few words will do; blank is fine)
  Went well:
  I'd like to talk about:
  What would help (just listen / think together / advice):
3. Today's theme (6 min)  Your own topic first, if you have one
  - Where is it hardest to move things along right now?
5. Next step (2 min)  Delete an idea you do not want; one that stays becomes a task
  - Idea: Fix the next date with A by Fri 19 June
  - Idea: Fix the next date with B by Fri 19 June
  - What will you start with before we next meet?
> Agreed (date and a few words):
Customer meetings this month: 4 of 12.
Who can read this: Tanaka-san, Sato-san, CRM administrators   Made automatically #a7f3""",
}
JA = MEMOS["ja"]


def after(old: str, new: str, language: str = "ja") -> Reading:
    assert old in MEMOS[language]
    return read_now(MEMOS[language].replace(old, new, 1), language)


def read_now(body: str, language: str = "ja") -> Reading:
    return read(MEMOS[language], body, words(language), STEPS[language])


@pytest.mark.parametrize("language", ["ja", "en"])
def test_an_untouched_memo_says_nothing_and_keeps_its_steps(language: str) -> None:
    assert read_now(MEMOS[language], language) == Reading(edited=False, standing=frozenset({0, 1}))


@pytest.mark.parametrize(
    "editor",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\n".join(line.strip() for line in text.splitlines()),
        lambda text: "\n\n".join(text.splitlines()),
        lambda text: text + "\n\n",
        lambda text: text.replace("  ", " ").replace(" ", "\u00a0"),
        lambda text: unicodedata.normalize("NFKC", text),
        lambda text: text.replace("〜", "～"),
        lambda text: (
            text.replace("？", "?").replace("（", "(").replace("）", ")").replace("：", ":")
        ),
    ],
)
def test_what_an_editor_does_by_itself_is_no_edit(editor: Any) -> None:
    assert read_now(editor(JA)) == Reading(edited=False, standing=frozenset({0, 1}))


def test_a_step_typed_behind_the_colon_is_read_as_it_was_typed() -> None:
    found = after("ひとこと）：\n今月", "ひとこと）： 6/19（金）までに、C社へ資料を送る\n今月")
    assert found.typed_steps == ("6/19（金）までに、C社へ資料を送る",)
    assert found.edited


def test_steps_typed_below_the_line_are_read_one_a_line() -> None:
    found = after("ひとこと）：\n", "ひとこと）：\n・C社へ資料を送る\n D社に電話する\n")
    assert found.typed_steps == ("C社へ資料を送る", "D社に電話する")


def test_a_step_typed_with_ascii_signs_is_found_too() -> None:
    found = after("▼決めたこと（日付とひとこと）：", "▼決めたこと(日付とひとこと): 資料を送る")
    assert found.typed_steps == ("資料を送る",)


def test_a_colon_that_got_lost_does_not_lose_the_step() -> None:
    found = after("▼決めたこと（日付とひとこと）：", "決めたこと 資料を送る")
    assert found.typed_steps == ("資料を送る",)


@pytest.mark.parametrize("nothing", ["特になし", "なし。", "-", "None"])
def test_nothing_is_a_fine_answer_and_no_step(nothing: str) -> None:
    found = after("ひとこと）：", f"ひとこと）：{nothing}")
    assert found.typed_steps == ()
    assert found.edited


def test_the_same_step_typed_twice_is_one() -> None:
    assert after("ひとこと）：", "ひとこと）：\n送る\n送る").typed_steps == ("送る",)


def test_a_deleted_step_no_longer_stands() -> None:
    found = after(f" ・候補：{STEPS['ja'][0]}\n", "")
    assert (found.standing, found.typed_steps) == (frozenset({1}), ())


def test_of_two_steps_that_read_alike_one_can_be_deleted() -> None:
    memo = JA.replace(STEPS["ja"][1], STEPS["ja"][0])
    alike = (STEPS["ja"][0],) * 2
    found = read(memo, memo.replace(f" ・候補：{alike[0]}\n", "", 1), words("ja"), alike)
    assert len(found.standing) == 1


def test_a_changed_step_becomes_a_typed_one() -> None:
    found = after(f"候補：{STEPS['ja'][0]}", "候補：6/23（火）までに、A社の次回の日程を決める")
    assert found.standing == frozenset({1})
    assert found.typed_steps == ("6/23（火）までに、A社の次回の日程を決める",)


@pytest.mark.parametrize("sign", ["○", " OK", "✓", "。"])
def test_a_step_with_a_sign_of_assent_still_stands(sign: str) -> None:
    found = after(STEPS["ja"][0], STEPS["ja"][0] + sign)
    assert (found.standing, found.typed_steps) == (frozenset({0, 1}), ())


@pytest.mark.parametrize("line", ["×候補：{}", "候補：{} ×", "候補：{} 見送り"])
def test_a_step_that_is_crossed_out_is_turned_down(line: str) -> None:
    found = after(f"候補：{STEPS['ja'][0]}", line.format(STEPS["ja"][0]))
    assert (found.standing, found.typed_steps) == (frozenset({1}), ())


def test_what_is_written_under_next_step_is_a_step() -> None:
    found = after("何から始めますか？\n", "何から始めますか？\n E社の決裁の流れを伺う\n")
    assert found.typed_steps == ("E社の決裁の流れを伺う",)


def test_an_answer_behind_a_question_is_read_without_the_question() -> None:
    found = after("まず何から始めますか？", "まず何から始めますか？ E社に電話する")
    assert found.typed_steps == ("E社に電話する",)


def test_the_rep_s_own_words_are_read() -> None:
    found = after(
        " よかったこと：\n 話したいこと：", " よかったこと：初受注\n 話したいこと：A社の価格"
    )
    assert (found.went_well, found.topic) == ("初受注", "A社の価格")


def test_a_topic_may_go_on_below_its_line() -> None:
    assert after("話したいこと：\n", "話したいこと：\n A社の価格\n").topic == "A社の価格"


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("助言がほしい）：", "助言がほしい）： 一緒に考えたい", "think_together"),
        (
            "進め方（聞いてほしい・一緒に考えたい・助言がほしい）：",
            "進め方（助言がほしい）：",
            "advice",
        ),
        ("助言がほしい）：", "助言がほしい）：聞いてほしいです", "listen"),
        ("助言がほしい）：", "助言がほしい）：おまかせ", ""),
    ],
)
def test_the_wanted_response_is_what_was_named(old: str, new: str, wanted: str) -> None:
    assert after(old, new).wanted == wanted


def test_a_theme_can_be_put_off() -> None:
    assert after("そちらから", "そちらから\n次回にまわす").next_time
    assert not read_now(JA).next_time


def test_a_remark_elsewhere_is_an_edit_and_no_step() -> None:
    found = after("何がよかったと思いますか？", "何がよかったと思いますか？ 事例集")
    assert (found.edited, found.typed_steps) == (True, ())


def test_a_line_below_the_end_is_no_step() -> None:
    assert read_now(f"{JA}\nよろしくお願いします").typed_steps == ()


def test_an_emptied_memo_keeps_nothing() -> None:
    assert read_now("") == Reading(edited=True)


def test_english_fields_are_read_as_well() -> None:
    body = MEMOS["en"].replace("few words):", "few words): send the price list by Friday", 1)
    body = body.replace("think together / advice):", "think together / advice): advice", 1)
    body = body.replace("talk about:", "talk about: the price for A", 1)
    found = read_now(body, "en")
    assert found.typed_steps == ("send the price list by Friday",)
    assert (found.topic, found.wanted) == ("the price for A", "advice")


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, len(JA)), typed=st.text(max_size=40))
def test_nothing_that_is_typed_anywhere_upsets_the_reading(place: int, typed: str) -> None:
    found = read_now(JA[:place] + typed + JA[place:])
    assert found.standing <= {0, 1}
    assert all(step.strip() for step in found.typed_steps)


@settings(max_examples=40, deadline=None)
@given(keep=st.lists(st.booleans(), min_size=JA.count("\n") + 1, max_size=JA.count("\n") + 1))
def test_deleting_lines_never_invents_a_step(keep: list[bool]) -> None:
    left = [line for line, kept in zip(JA.splitlines(), keep, strict=True) if kept]
    found = read_now("\n".join(left))
    assert found.typed_steps == ()
    assert found.edited == (not all(keep))


@settings(max_examples=40, deadline=None)
@given(typed=st.text(alphabet="あいうアイウ漢字abc0123456789、・ ", min_size=1, max_size=30))
def test_whatever_is_typed_below_the_agreed_line_is_found(typed: str) -> None:
    bare = typed.strip().lstrip("・").strip()
    found = after("ひとこと）：\n", f"ひとこと）：\nき{typed}め\n")
    assert len(found.typed_steps) == 1
    assert bare in found.typed_steps[0]


HELP = """4. 困りごとと手伝えること（2分） 例：同行、社内調整、資料、特になし
 ・佐藤さんに頼みたいことは何ですか？
5. 次の一歩（2分）"""
WITH_HELP = JA.replace("5. 次の一歩（2分）", HELP)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("何ですか？\n 事例集の手配", ("事例集の手配",)),
        ("何ですか？事例集の手配", ("事例集の手配",)),
        ("何ですか？\n・事例集の手配\n・A社への同行", ("事例集の手配", "A社への同行")),
        ("何ですか？\n特になし", ()),
    ],
)
def test_what_stands_below_the_question_about_help_is_asked_of_the_manager(
    typed: str, asked: tuple[str, ...]
) -> None:
    body = WITH_HELP.replace("何ですか？\n5", f"{typed}\n5")
    found = read(WITH_HELP, body, words("ja"), STEPS["ja"])
    assert (found.asked, found.typed_steps) == (asked, ())
