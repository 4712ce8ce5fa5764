"""What people type beside a memo reads as if they had typed it into the memo."""

from datetime import date

import pytest

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
