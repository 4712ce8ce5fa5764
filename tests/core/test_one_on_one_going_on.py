"""Whether to go on like this: asked now and then, answered in the memo, told in numbers only."""

import pytest

from crm_loop.loop_records import GoOn
from crm_loop.one_on_one.going_on import is_asked
from crm_loop.one_on_one.reading import read
from crm_loop.wording import words


def test_it_is_asked_after_four_1on1s_and_then_every_six() -> None:
    assert [n for n in range(24) if is_asked(n)] == [4, 10, 16, 22]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("answer", list(GoOn))
def test_an_answer_is_typed_or_left_standing(language: str, answer: GoOn) -> None:
    own = words(language)
    line = own.say("memo.go_on")
    said = own.say(f"go_on.{answer.value}")
    wrote = f"1on1\n{line}\n{own.say('memo.agreed')}\n"
    assert read(wrote, wrote, own).go_on is None
    assert read(wrote, wrote.replace(line, f"{line}{said}"), own).go_on is answer
    others = [own.say(f"go_on.{one.value}") for one in GoOn if one is not answer]
    left = line
    for other in others:
        left = left.replace(other, "")
    assert read(wrote, wrote.replace(line, left), own).go_on is answer
    both = f"{line}{said} {others[0]}"
    assert read(wrote, wrote.replace(line, both), own).go_on is None


def test_an_answer_is_no_step_and_no_topic() -> None:
    own = words("ja")
    line = own.say("memo.go_on")
    wrote = f"1on1\n{line}\n{own.say('memo.agreed')}\n"
    found = read(wrote, wrote.replace(line, f"{line}続ける"), own)
    assert (found.typed_steps, found.topic, found.edited) == ((), "", True)
