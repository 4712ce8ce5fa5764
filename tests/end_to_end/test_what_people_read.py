"""Memos and tasks of the second week, opened through the CRMs' own APIs."""

import re
from typing import Any

import pytest

from crm_loop.wording.linter import MEMO_LINES, MEMO_SIZE, TONE, is_open, memo_size, ours

pytestmark = pytest.mark.xdist_group("end_to_end")

CRMS, LANGUAGES = ("salesforce", "hubspot"), ("ja", "en")
DAY = r" 6/16（火）| 16 June "
FOR_WHOM = re.compile(r" ?[（(][^（）()]+(さん|-san)?[)）]$")
#: Names stand as the CRM writes them, also between English words.
NAME = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+(?=-san)")

#: How the lines of a memo begin, in their order, without the indented ones.
SHAPE = {
    "ja": (r"1on1メモ \S+さん・\S+さん  \d+/\d+（[月火水木金]） \d+:\d\d〜\d+:\d\d$", r"めざす姿：",
           r"数字は|当日まで", r"▼\S+さんから", r"1\. よかったこと（2分）",
           r"2\. 前回決めたこと（3分）", r"3\. 今日のテーマ（6分）",
           r"4\. 困りごとと手伝えること（2分）", r"5\. 次の一歩（2分）", r"▼決めたこと",
           r"今月の面談|進行中", r"このメモを見られる人："),
    "en": (r"1on1 notes  .+ and .+   \w{3} \d+ \w+, \d+:\d\d-\d+:\d\d$", r"Where we are heading:",
           r"Figures as of|Change", r"> From ", r"1\. Something that went well \(2 min\)",
           r"2\. What we agreed last time \(3 min\)", r"3\. Today's theme \(6 min\)",
           r"4\. Help \(2 min\)", r"5\. Next step \(2 min\)", r"> Agreed",
           r"Customer meetings|.*(open|under way)", r"Who can read this:"),
}  # fmt: skip
#: A memo that would be too long leaves these out.
OPTIONAL = (1, 10)


@pytest.fixture(scope="session")
def memos(reference: Any) -> list[Any]:
    """Those of the second week, as they stood before anybody touched them."""
    return [one for one in reference.published if one.is_memo and re.search(DAY, one.subject)]


def test_each_crm_shows_memos_in_both_languages(memos: list[Any]) -> None:
    assert {(one.crm, one.language) for one in memos} == {
        (c, lang) for c in CRMS for lang in LANGUAGES
    }


def test_people_read_their_own_language(memos: list[Any]) -> None:
    for one in memos:
        assert one.text.startswith("1on1メモ" if one.language == "ja" else "1on1 notes"), one


def test_a_memo_has_the_agreed_shape(memos: list[Any]) -> None:
    for one in memos:
        lines = iter(line for line in one.text.splitlines() if not line.startswith(" "))
        line = next(lines)
        for place, begins in enumerate(SHAPE[one.language]):
            if re.match(begins, line):
                line = next(lines, "")
            else:
                assert place in OPTIONAL, (begins, line, one.text)
        assert line == "", one.text


def test_a_memo_is_short_kind_and_asks_one_open_question_a_block(memos: list[Any]) -> None:
    for one in memos:
        assert len(ours(one.text)) <= MEMO_LINES
        assert memo_size(one.text, one.language) <= MEMO_SIZE[one.language]
        assert not any(re.search(pattern, one.text) for pattern in TONE)
        questions = [
            text.strip()[1:].strip() for text in one.text.splitlines() if text.endswith(("？", "?"))
        ]
        assert len(questions) == 5
        assert all(is_open(NAME.sub("Sato", question)) for question in questions), questions


def test_no_two_people_read_the_same_memo(memos: list[Any]) -> None:
    assert len({one.text for one in memos}) == len(memos)


def test_a_rep_gets_one_memo_a_week(memos: list[Any]) -> None:
    assert len({(one.crm, one.owner) for one in memos}) == len(memos)


@pytest.mark.parametrize("crm", CRMS)
def test_each_task_stands_in_a_memo_that_its_rep_left_so(reference: Any, crm: str) -> None:
    here = [one for one in reference.left if one.crm == crm]
    said = [one.text for one in here if one.is_memo]
    tasks = [one for one in here if one.is_action]
    assert len(tasks) > 10
    # What was asked of a manager says in the manager's list for whom it is.
    asked = [FOR_WHOM.sub("", one.subject) for one in tasks]
    assert [subject for subject in asked if not any(subject in text for text in said)] == []


def test_a_task_says_what_to_do_and_nothing_about_the_talk(reference: Any) -> None:
    for one in reference.left:
        if one.is_action:
            assert not re.search(r"1on1|KPI|目標|target|%", one.subject), one
            assert one.text.splitlines()[:1] in ([], [""]) or one.text.startswith("crm_loop"), one
