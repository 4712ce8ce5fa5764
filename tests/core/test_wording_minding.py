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


@pytest.mark.parametrize(
    "text",
    ["鈴木さんより多く訪問できていません", "鈴木さんは面談が8件でした", "今月は3位でした",
     "鈴木さんに比べて遅い", "Suzuki-san has 8 meetings", "slower than Suzuki-san",
     "ranked second", "ランキングを上げたい"],
)  # fmt: skip
def test_a_rank_or_a_colleague_as_the_measure_is_noticed(text: str) -> None:
    assert mind(text, ["鈴木さん", "Suzuki-san"]) is Mind.COMPARED


@pytest.mark.parametrize(
    "text",
    ["鈴木さんより資料を受け取る", "6/19（金）10:00に鈴木さんと同行する", "優先順位を決める",
     "Visit Acme with Suzuki-san by 19 June", "田中さんより多く訪問", "3件の単位を確かめる"],
)  # fmt: skip
def test_a_colleague_who_takes_part_is_no_measure(text: str) -> None:
    assert mind(text, ["鈴木さん", "Suzuki-san"]) is None
