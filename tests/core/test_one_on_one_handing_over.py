"""Whoever leads a rep by now is whom the questions name."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crm_loop.connector.vocabulary import spoken
from crm_loop.loop_records import Agenda, Block, Member, Prompt, Role
from crm_loop.one_on_one.handing_over import handed_over

BANK = "obstacles_support"
OWN = Prompt(id="own.theme", text="新しい商品について話せますか？")


def member(person: str, name: str, language: str = "ja") -> Member:
    return Member(
        person=person, name=name, family_name=name.partition(" ")[0],
        role=Role.MANAGER, manager=None, language=language, country="JP",
        time_zone="Asia/Tokyo", accounts={},
    )  # fmt: skip


REP, BEFORE = member("rep@acme.example", "林 彩"), member("before@acme.example", "小林 健")
NOW, CLARK = member("now@acme.example", "中村 恵"), member("c@acme.example", "Clark", "en")


def blocks(language: str, manager: str) -> tuple[Block, ...]:
    bank = spoken(language).bank(BANK)
    asked = tuple(
        Prompt(id=f"{BANK}.{variant}", text=text.format(manager=manager))
        for variant, text in bank.items()
    )
    return (
        Block(code=BANK, minutes=3, prompts=asked),
        Block(code="theme", minutes=6, fact="次の予定がまだ決まっていません。", prompts=(OWN,)),
    )


def agenda(**fields: Any) -> Agenda:
    made = Agenda(
        rep=REP.person, manager=BEFORE.person, week="2026-W24",
        starts_at=datetime(2026, 6, 9, 1, tzinfo=UTC),
        publish_at=datetime(2026, 6, 8, 0, tzinfo=UTC), minutes=15, language="ja",
        connection="salesforce", key="cl1a", subject="", text="", manager_text="",
        blocks=blocks("ja", "小林さん"),
    )  # fmt: skip
    return replace(made, **fields)


def test_every_question_that_named_the_one_before_names_the_present_one() -> None:
    assert "小林" in str(agenda())
    after = handed_over(agenda(), REP, NOW)
    assert after.manager == NOW.person
    assert "小林" not in str(after.blocks)
    assert after.blocks == blocks("ja", "中村さん")
    assert [one.id for b in after.blocks for one in b.prompts] == [
        one.id for b in agenda().blocks for one in b.prompts
    ]


def test_a_question_of_an_admins_own_stays_as_it_was_written() -> None:
    after = handed_over(agenda(), REP, NOW)
    assert after.blocks[1] == agenda().blocks[1]


@pytest.mark.parametrize(
    ("manager", "left"), [(CLARK, blocks("en", "Clark")), (NOW, ())], ids=["other", "same"]
)
def test_the_managers_copy_is_asked_in_the_managers_language_or_is_the_reps(
    manager: Member, left: tuple[Block, ...]
) -> None:
    before = agenda(manager_blocks=blocks("en", "Walker"))
    assert handed_over(before, REP, manager).manager_blocks == left
