"""What people make of memos and tasks of ours."""

from collections import Counter
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest

from crm_loop_sandbox.world import memos
from crm_loop_sandbox.world.our_tasks import counted
from crm_loop_sandbox.world.story import Deed, Human, World

Make = Callable[..., Any]

JAPANESE = """1on1メモ 田中さん・佐藤さん  6/9（火） 10:00〜10:15
▼田中さんから（ひとことでも、空欄でも大丈夫です）
 よかったこと：
 話したいこと：
2. 前回決めたこと（3分）
 ・やってみて、どうでしたか？
5. 次の一歩（2分） 例：6/12（金）までに、A社とB社の次回日程を決める
 ・6/12（金）までに、青葉精機の次回の日程を決める
 ・6/12（金）までに、お客様との面談を2件行う
 ・次の1on1までに、まず何から始めますか？
▼決めたこと（日付とひとこと）：
このメモを見られる人：田中さん、佐藤さん、CRM管理者  自動作成 #a7f3"""
ENGLISH = """1on1 notes  Tanaka-san and Sato-san   Tue 9 June, 10:00-10:15
> From Tanaka-san (a few words will do; blank is fine)
  I'd like to talk about:
  - How did it go?
5. Next step (2 min)  For example: fix the next date with A and B by Fri 12 June
  - Fix the next date with Northwind Tools by Fri 12 June
  - What will you start with before we next meet?
> Agreed (date and a few words):
Who can read this: Tanaka-san, Sato-san, CRM administrators   Made automatically #a7f3"""
SUGGESTED = [" ・6/12（金）までに、青葉精機の次回の日程を決める",
             " ・6/12（金）までに、お客様との面談を2件行う"]  # fmt: skip


@pytest.fixture(scope="module")
def world(made_up: Make) -> World:
    world: World = made_up(reps=24)
    return world


@pytest.fixture
def sellers(world: World) -> list[Human]:
    special = {f"rep:{n}" for n in range(6)}
    return [one for one in world.people if one.role == "AE" and one.ref not in special]


@pytest.fixture
def memos_for(sellers: list[Human], task_for: Make) -> Make:
    """So many memos, due on a Tuesday, in everybody's own language."""

    def make(count: int) -> list[Any]:
        owners = [sellers[number % len(sellers)] for number in range(count)]
        return [
            task_for(one.email, number, due=date(2026, 6, 9),
                     subject="1on1メモ 6/9" if one.language == "ja" else "1on1 notes 9 June",
                     body=JAPANESE if one.language == "ja" else ENGLISH)
            for number, one in enumerate(owners)
        ]  # fmt: skip

    return make


@pytest.fixture
def tasks_for(sellers: list[Human], task_for: Make) -> Make:
    """So many tasks, due on a Friday."""

    def make(count: int, **given_: Any) -> list[Any]:
        owners = [sellers[number % len(sellers)].email for number in range(count)]
        return [task_for(email, number, **given_) for number, email in enumerate(owners)]

    return make


def edits(life: Any) -> list[Deed]:
    return [deed for deed in life.deeds if deed.object == "task"]


def test_about_half_type_a_step_into_their_memo(
    world: World, living: Make, memos_for: Make
) -> None:
    life = living(world, memos_for(200)).go_on(days=4)
    bodies = [task.body for face in life.faces.values() for task in face.tasks.values()]
    typed = [body for body in bodies if "次回日程を決める\nこの" in body or "\nFix the" in body]
    assert 75 <= len(typed) <= 125


def test_a_memo_is_typed_into_once_and_never_closed(
    world: World, living: Make, memos_for: Make
) -> None:
    deeds = edits(living(world, memos_for(100)).go_on(days=9))
    assert {deed.do for deed in deeds} == {"edit"}
    assert max(Counter(deed.key for deed in deeds).values()) == 1


def test_memos_are_typed_into_before_half_past_nine_of_their_day(
    world: World, living: Make, memos_for: Make, local: Make
) -> None:
    moments = [local(deed.at, world) for deed in edits(living(world, memos_for(100)).go_on(days=9))]
    assert {at.date() for at in moments} == {date(2026, 6, 8), date(2026, 6, 9)}
    assert max(at.time() for at in moments if at.day == 9) < time(9, 30)


def test_a_memo_that_comes_after_the_meeting_stays_as_it_is(
    world: World, living: Make, memos_for: Make
) -> None:
    life = living(world).go_on(hours=34)
    for task in memos_for(40):
        life.faces["hubspot"].tasks[task.key] = task
    assert not edits(life.go_on(days=5))


def test_a_typed_step_names_a_customer_and_a_day_of_that_week(
    world: World, living: Make, memos_for: Make
) -> None:
    life = living(world, memos_for(60)).go_on(days=4)
    names = [company.name for company in world.companies]
    steps = [line for deed in edits(life) for line in deed.fields["body"].split("\n")
             if line.startswith(("6/12", "Fix the"))]  # fmt: skip
    assert steps
    for step in steps:
        assert any(name in step for name in names)
        assert "6/12（金）までに" in step or step.endswith("by Fri 12 June")


def test_every_other_line_of_a_memo_stays_byte_for_byte(
    world: World, living: Make, memos_for: Make
) -> None:
    before = {task.key: task.body.split("\n") for task in memos_for(200)}
    for deed in edits(living(world, memos_for(200)).go_on(days=4)):
        after = deed.fields["body"].split("\n")
        gone = [line for line in before[str(deed.key)] if line not in after]
        come = [line for line in after if line not in before[str(deed.key)]]
        filled = [line for line in gone if line.strip() in memos.TOPIC]
        suggested = [line for line in gone if line in SUGGESTED or "Northwind" in line]
        assert gone == [line for line in gone if line in filled + suggested]
        assert len(suggested) <= 1
        assert len(come) <= 1 + len(filled)


@pytest.mark.parametrize("pick", [0, 1])
def test_only_a_suggestion_can_be_deleted(pick: int) -> None:
    lines = JAPANESE.split("\n")
    left = memos.without_suggestion(lines, lambda _count: pick)
    assert [line for line in lines if line not in left] == [SUGGESTED[pick]]


def test_an_english_suggestion_can_be_deleted_and_a_question_stays() -> None:
    lines = ENGLISH.split("\n")
    left = memos.without_suggestion(lines, lambda count: count - 1)
    assert [line for line in lines if line not in left] == [
        "  - Fix the next date with Northwind Tools by Fri 12 June"
    ]


@pytest.mark.parametrize(
    ("body", "language", "filled"),
    [
        (JAPANESE, "ja", " 話したいこと：来月の進め方"),
        (ENGLISH, "en", "  I'd like to talk about: how to plan next month"),
    ],
)
def test_a_topic_is_typed_behind_the_words_that_ask_for_it(
    body: str, language: str, filled: str
) -> None:
    lines = body.split("\n")
    typed = memos.with_topic(lines, language, lambda _count: 0)
    assert [line for line in typed if line not in lines] == [filled]
    assert len(typed) == len(lines)


def test_tasks_come_out_as_the_planted_shares_say(
    world: World, living: Make, tasks_for: Make
) -> None:
    life = living(world, tasks_for(600, subject="6/12（金）までに、３社へ電話する")).go_on(days=7)
    did = Counter(deed.do for deed in edits(life))
    calls = {str(deed.ref).split(":")[1] for deed in life.deeds
             if str(deed.ref).startswith("ours:")}  # fmt: skip
    assert 0.63 <= did["close"] / 600 <= 0.77
    assert 0.63 <= len(calls) / 600 <= 0.77
    assert 8 <= did["delete"] <= 30
    assert 4 <= did["reassign"] <= 24


def test_a_task_is_acted_upon_before_it_is_due(
    world: World, living: Make, tasks_for: Make, local: Make
) -> None:
    deeds = edits(living(world, tasks_for(200)).go_on(days=21))
    assert max(local(deed.at, world).date() for deed in deeds) == date(2026, 6, 12)
    assert min(local(deed.at, world).date() for deed in deeds) == date(2026, 6, 8)


def test_a_task_is_acted_upon_once(world: World, living: Make, tasks_for: Make) -> None:
    deeds = edits(living(world, tasks_for(300)).go_on(days=14))
    assert max(Counter(deed.key for deed in deeds).values()) == 1


def test_a_task_about_a_deal_leads_to_a_next_date_on_it(
    world: World, living: Make, task_for: Make, sellers: list[Human]
) -> None:
    life = living(world)
    owned = [(one, deal.ref) for one in sellers for deal in life.behaviour.ledger.open_of(one.ref)]
    tasks = [task_for(one.email, n, deal_ref=ref) for n, (one, ref) in enumerate(owned)]
    deeds = [deed for deed in living(world, tasks).go_on(days=7).deeds
             if str(deed.ref).startswith("ours:")]  # fmt: skip
    ahead = [deed.fields["start"].date() - deed.at.date() for deed in deeds]
    assert {deed.fields["kind"] for deed in deeds} == {"meeting", "todo"}
    assert {deed.fields["deal"] for deed in deeds} <= {ref for _, ref in owned}
    assert 0.5 <= len(deeds) / len(tasks) <= 0.85
    assert timedelta(days=5) <= min(ahead) <= max(ahead) <= timedelta(days=20)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("6/12（金）までに、お客様との面談を2件行う", ("meeting", 2)),
        ("６/１２（金）までに、しばらくご連絡していない３社へ電話する", ("call", 3)),
        ("Hold 4 customer meetings by Fri 12 June", ("meeting", 4)),
        ("Call 3 quiet customers by Fri 12 June", ("call", 3)),
        ("6/12（金）までに、面談の準備をする", None),
        ("見積を2件作る", None),
    ],
)
def test_a_task_says_how_many_conversations_it_asks_for(
    text: str, found: tuple[str, int] | None
) -> None:
    assert counted(text) == found


def test_extra_meetings_are_entered_as_held(world: World, living: Make, tasks_for: Make) -> None:
    tasks = tasks_for(30, subject="Hold 2 customer meetings by Fri 12 June")
    deeds = [deed for deed in living(world, tasks).go_on(days=7).deeds
             if str(deed.ref).startswith("ours:")]  # fmt: skip
    per_task = Counter(str(deed.ref).split(":")[1] for deed in deeds)
    assert {deed.fields["status"] for deed in deeds} == {"held"}
    assert set(per_task.values()) == {2}


def test_what_is_done_about_tasks_does_not_depend_on_how_time_is_cut(
    world: World, living: Make, tasks_for: Make, memos_for: Make
) -> None:
    tasks = [*tasks_for(80), *[m for m in memos_for(120) if int(m.id) >= 80]]
    parts = living(world, tasks)
    for hours in (7, 21, 22, 50, 68):
        parts.go_on(hours=hours)
    assert parts.deeds == living(world, tasks).go_on(hours=168).deeds


def test_a_managers_list_and_tasks_of_people_who_left_are_left_alone(
    world: World, living: Make, task_for: Make
) -> None:
    managers = [human.email for human in world.people if human.role == "Manager"]
    gone = [human.email for human in world.people if not human.active]
    lists = [task_for(one, n, subject="今週の1on1（4人）") for n, one in enumerate(managers)]
    others = [task_for(one, n, subject="電話") for n, one in enumerate(gone, start=50)]
    assert not edits(living(world, [*lists, *others]).go_on(days=7))


def test_a_manager_sees_to_most_of_what_was_asked(
    world: World, living: Make, task_for: Make
) -> None:
    managers = [human.email for human in world.people if human.role == "Manager"]
    asked = [task_for(managers[n % len(managers)], n, subject="事例集の手配") for n in range(40)]
    done = edits(living(world, asked).go_on(days=7))
    assert {deed.do for deed in done} == {"close"}
    assert 24 <= len(done) < 40
