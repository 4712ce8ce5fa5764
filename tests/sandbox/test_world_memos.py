"""What is typed into a memo, line by line."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from crm_loop_sandbox.world import memos
from crm_loop_sandbox.world.memos import with_ask
from crm_loop_sandbox.world.workdays import Workdays


@given(lines=st.lists(st.text(st.characters(exclude_characters="\n"))), place=st.integers(0, 20))
def test_a_step_is_put_below_the_line_that_asks_for_it(lines: list[str], place: int) -> None:
    lines = [line for line in lines if not line.startswith(memos.AGREED)]
    memo = [*lines[:place], "▼決めたこと：", *lines[place:]]
    typed = memos.with_step(memo, "6/12（金）までに、送る")
    at = memo.index("▼決めたこと：") + 1
    assert typed == [*memo[:at], "6/12（金）までに、送る", *memo[at:]]


@given(body=st.text())
def test_a_text_without_the_marks_of_a_memo_is_left_alone(body: str) -> None:
    lines = [line for line in body.split("\n") if not line.startswith(memos.AGREED)]
    assert memos.with_step(lines, "step") == lines
    assert memos.without_suggestion(lines, lambda _count: 0) == lines


def test_the_last_working_day_of_a_week_avoids_holidays() -> None:
    days = Workdays("JP")
    assert memos.last_workday(date(2026, 6, 9), days) == date(2026, 6, 12)
    assert memos.last_workday(date(2026, 3, 17), days) == date(2026, 3, 19)


def test_some_reps_type_what_their_manager_could_help_with() -> None:
    memo = ["4. 困りごとと手伝えること（2分）", " ・何ですか？", "5. 次の一歩（2分）"]
    assert with_ask(memo, "ja", lambda _count: 0)[2] == " 事例集の手配"
    assert with_ask(["1on1"], "ja", lambda _count: 0) == ["1on1"]
