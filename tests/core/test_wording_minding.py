"""What is worth a second thought before others read it."""

import pytest

from crm_loop.wording.minding import Mind, mind


@pytest.mark.parametrize(
    "text",
    ["通院のため早退します", "育児と両立したい", "異動希望について", "My family needs me more",
     "thinking about a new job", "I am pregnant"],
)  # fmt: skip
def test_health_family_and_wishes_for_the_future_are_private(text: str) -> None:
    assert mind(text) is Mind.PRIVATE


@pytest.mark.parametrize("text", ["それは言い訳です", "Why didn't you call?", "ノルマ未達"])
def test_a_harsh_word_is_noticed(text: str) -> None:
    assert mind(text) is Mind.TONE


@pytest.mark.parametrize(
    "text",
    ["病院のお客様へ提案する", "家族経営のA社へ電話する", "Call the hospital in Osaka",
     "6/19（金）までに次回の日程を決める", "The healthcare deal needs a new price", ""],
)  # fmt: skip
def test_work_is_work(text: str) -> None:
    assert mind(text) is None
