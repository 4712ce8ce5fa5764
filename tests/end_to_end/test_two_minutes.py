"""A week of a team by nothing but the memo in the CRM, counted: no console, no mail server.

One line a rep is all that anybody types, and none of it has to be.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from town import ORGANISATION, Town, settle_in

from crm_loop.loop_records import AgendaState, WriteKind
from crm_loop.wording import words

pytestmark = pytest.mark.slow

WEEK, MONDAY, TUESDAY, WEDNESDAY = "2026-W24", "2026-06-08", "2026-06-09", "2026-06-10"
LINES, NOTICES = 1, 1

#: What each of the reps in turn types: a line of the memo, and what stands behind it then.
TYPED = (
    ("memo.topic", {"ja": "来月の進め方", "en": "How to start next month"}),
    ("memo.response", {"ja": "助言がほしい", "en": "advice"}),
    ("memo.topic", {"ja": "次回にまわす", "en": "next time"}),
    ("memo.felt", {"ja": "少し違う", "en": "partly"}),
    ("memo.agreed", {"ja": "6/12（金）までに、提案書の型を見直す",
                     "en": "Rework the proposal outline by Fri 12 June"}),
    ("memo.topic", {"ja": "休み", "en": "day off"}),
    ("memo.topic", {"ja": "面談の数字が違う", "en": "The number is wrong for meetings"}),
    ("", {}),
)  # fmt: skip


@dataclass
class Week:
    """Who typed what, and how much that was."""

    town: Town
    who: dict[int, str] = field(default_factory=dict)
    lines: Counter[str] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)

    def read(self, of: Callable[[Any], Any]) -> Any:
        with self.town.app.begin(ORGANISATION) as state:
            return of(state)


@pytest.fixture(scope="module", params=["salesforce", "hubspot_free"])
def week(
    request: pytest.FixtureRequest,
    sandbox_server: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Week]:
    serve = {"salesforce": {"package": "none"}, "hubspot_free": {"tier": "free"}}[request.param]
    server = sandbox_server(
        reps=16, weeks=1, faces="both", start=f"{MONDAY}T05:00:00+09:00", rate_limits="off", **serve
    )
    town = settle_in(server, tmp_path_factory.mktemp("house"), request.param)
    town.turn(town.at(MONDAY, 6), ("pull", "check"))
    town.turn(town.at(MONDAY, 9), ("listen", "settle", "prepare", "write"))
    found = Week(town)
    memos = found.read(lambda state: [one for one in state.agendas.of_week(WEEK) if one.text])
    assert len(memos) >= len(TYPED)
    sent = found.read(lambda state: state.writes.of_weeks([WEEK]))
    found.notices.update(
        one.person for one in sent if one.kind in (WriteKind.MEMO, WriteKind.ACTION)
    )
    free = sorted(memos, key=lambda one: one.rep)
    # What fewest memos have room for first: figures of a theme are not in every memo.
    for number in sorted(range(len(TYPED)), key=lambda n: TYPED[n][0] != "memo.felt"):
        label, said = TYPED[number]
        memo = next((one for one in free if has_room(found, one, label)), None)
        if memo is not None:
            free.remove(memo)
            found.who[number] = memo.rep
            type_into(found, memo, label, said)
    town.turn(town.at(TUESDAY, 17), ("listen", "settle", "write"))
    town.turn(town.at(WEDNESDAY, 6), ("pull", "check"))
    yield found
    town.app.close()


def place_of(week: Week, memo: Any, label: str) -> int | None:
    """The line of the memo with that label."""
    line = words(memo.language).say(label).strip()
    body = week.town.memo(memo.rep, WEEK).splitlines()
    return next((n for n, one in enumerate(body) if one.strip().startswith(line)), None)


def has_room(week: Week, memo: Any, label: str) -> bool:
    return not label or place_of(week, memo, label) is not None


def type_into(week: Week, memo: Any, label: str, said: dict[str, str]) -> None:
    if not label:
        return
    at, text = place_of(week, memo, label), said[memo.language]
    assert at is not None
    body = week.town.memo(memo.rep, WEEK).splitlines()
    body[at] = f"{body[at]}{text}"
    week.lines[memo.rep] += 1
    week.characters[memo.rep] += len(text)
    week.town.does(memo.rep, "edit", memo.key, body="\n".join(body))


def of_rep(week: Week, number: int) -> Any:
    return week.read(lambda state: state.agendas.get(week.who[number], WEEK))


def test_nobody_needs_more_than_a_line_or_reads_more_than_one_notice(
    week: Week, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\n{'person':<34}{'lines':>6}{'characters':>12}{'notices':>9}")  # noqa: T201
        for who in week.who.values():
            counts = week.lines[who], week.characters[who], week.notices[who]
            print(f"{who:<34}{counts[0]:>6}{counts[1]:>12}{counts[2]:>9}")  # noqa: T201
    assert max(week.lines.values()) <= LINES
    assert max(week.notices.values()) <= NOTICES


def test_a_topic_and_the_wanted_response_are_known(week: Week) -> None:
    assert of_rep(week, 0).rep_topic in TYPED[0][1].values()
    assert of_rep(week, 1).wanted_response == "advice"


def test_next_time_is_no_topic_and_nothing_else(week: Week) -> None:
    assert of_rep(week, 2).rep_topic == ""
    assert of_rep(week, 2).put_off


def test_what_a_rep_feels_about_the_theme_is_kept(week: Week) -> None:
    if 3 not in week.who:
        pytest.skip("no memo of this week asks for it")
    assert of_rep(week, 3).felt.value == "partly"


def test_a_step_is_a_task_of_the_rep(week: Week) -> None:
    rep = week.who[4]
    (action,) = week.read(lambda state: state.actions.of(rep))
    assert action.due.isoformat() == "2026-06-12"
    assert week.town.records()[action.key]["body"] is not None


def test_a_day_off_is_skipped_and_counts_as_nothing(week: Week) -> None:
    assert of_rep(week, 5).state is AgendaState.SKIPPED


def test_a_figure_that_is_wrong_is_counted_again(week: Week) -> None:
    rep = week.who[6]
    (flag,) = week.read(lambda state: state.flags.by_rep([rep]))[rep]
    measured = week.read(lambda state: state.figures.of(rep, flag.kpi))
    assert flag.value in {one.value for one in measured}


def test_whoever_does_nothing_loses_nothing(week: Week) -> None:
    silent = of_rep(week, 7)
    assert silent.state in (AgendaState.READY, AgendaState.NOT_RECORDED)
    assert week.town.memo(week.who[7], WEEK)
