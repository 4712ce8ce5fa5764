"""A week of a team in the console, tap by tap; the clocks of house and CRMs move through it."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from browser_walk import sign_in
from browser_world import Eyes, Hand, World
from counted import Spent

from crm_loop.errors import Transient
from crm_loop.loop_records import Origin, WriteKind
from crm_loop.store.write_rows import Write
from crm_loop_workers.demo.conductor import Stage
from crm_loop_workers.demo.setting_up import ORGANISATION

SUZUKI = "suzuki@aoba.example"
NEXT = "2026-W25"
#: When the house does something in the week, after the memos of its Monday: what was typed is read,
#: figures are brought up to date, the 1on1s are over, the wait for a record ends, the week ends.
MOMENTS = ((8, 10, 30), (9, 7, 30), (9, 17, 30), (10, 9, 0), (11, 9, 0), (12, 17, 30))
#: How often two minutes without any progress are waited for.
LONGEST_WAITS = 5
#: The figures and the memos of the Monday after.
MORNING = ((15, 6, 0), (15, 9, 0))


@dataclass
class Week:
    """What everybody does in the week, and what it costs and brings them."""

    world: World
    week: str
    spent: dict[str, Spent] = field(default_factory=dict)
    steps: Counter[str] = field(default_factory=Counter)
    rows: list[Write] = field(default_factory=list)
    origins: dict[str, Origin] = field(default_factory=dict)
    next_memos: int = 0

    def __post_init__(self) -> None:
        self.manager, self.reps = self.world.team()

    def talks(self, who: str) -> int:
        return {self.manager: len(self.reps), SUZUKI: 0}.get(who, 1)

    def lived(self, eyes: Callable[[], Eyes]) -> dict[str, Spent]:
        """The week as a whole, person by person."""
        acts = (self.topic, self.response, self.step, self.wrong_figure)
        for number, rep in enumerate(self.reps):
            # The last two do nothing at all.
            act = acts[number % len(acts)] if number < len(self.reps) - 2 else None
            self.spent[rep] = self._of(eyes, rep, act) if act else Spent()
        self.spent[self.manager] = self._of(eyes, self.manager, self.all_talks)
        self.spent[SUZUKI] = Spent()
        with self.world.conducted() as stage:
            self._go_on(stage)
        notices = Counter(row.person for row in self.rows if self._is_notice(row))
        return {who: replace(counts, notices=notices[who]) for who, counts in self.spent.items()}

    def hand(self, eyes: Eyes) -> Hand:
        hand = Hand(eyes.page)
        hand.begin()
        return hand

    def _of(self, eyes: Callable[[], Eyes], who: str, act: Callable[[Hand, str], None]) -> Spent:
        visitor = eyes()
        sign_in(visitor, who)
        hand = self.hand(visitor)
        act(hand, who)
        assert not visitor.complaints, who
        return hand.spent()

    # --- what a rep may do, none of it needed

    def topic(self, hand: Hand, _who: str) -> None:
        self._open_talk(hand)
        with _sent(hand):
            _type(hand, "#topic", "来月の進め方")

    def response(self, hand: Hand, _who: str) -> None:
        self._open_talk(hand)
        with _sent(hand):
            hand.page.locator("button[value=think_together]").click()

    def step(self, hand: Hand, who: str) -> None:
        self._open_talk(hand)
        with _sent(hand):
            _type(hand, "#step", "6/12までに、見積を直す")
        self.steps[who] += 1

    def wrong_figure(self, hand: Hand, _who: str) -> None:
        hand.open("/people/me")
        with _sent(hand):
            hand.page.locator("main a[href*='/kpis/']").first.click()
        with _sent(hand):
            hand.page.locator("form[action$='/flag'] button").click()

    def _open_talk(self, hand: Hand) -> None:
        hand.open("/one-on-ones")
        with _sent(hand):
            hand.page.locator("main section .lines a").first.click()

    def all_talks(self, hand: Hand, _who: str) -> None:
        """The manager goes from one to the next, with a line for each."""
        hand.open("/one-on-ones")
        talks = hand.page.locator("main section").first.locator(".lines a")
        count = talks.count()
        assert count == len(self.reps)
        for number in range(count):
            with _sent(hand):
                talks.nth(number).click()
            with _sent(hand):
                _type(hand, "#step", "6/12までに、次の日程を決める")
            if number < count - 1:
                with _sent(hand):
                    hand.page.locator(".back a").click()
        self.steps.update(self.reps)

    # --- what becomes of it

    def _go_on(self, stage: Stage) -> None:
        for day, hour, minute in MOMENTS:
            stand(stage, stage.at(date(2026, 6, day), hour, minute))
        with stage.app.begin(ORGANISATION) as state:
            self.rows = [row for row in state.writes.rows() if row.crm_id]
            self.origins = {
                one.key: one.origin for who in self.reps for one in state.actions.of(who)
            }
        ours = {one["key"] for one in self._records() if one["key"]}
        assert ours == {row.key for row in self.rows}, "somebody was told of what nobody knows"
        for day, hour, minute in MORNING:
            stand(stage, stage.at(date(2026, 6, day), hour, minute))
        with stage.app.begin(ORGANISATION) as state:
            rows = state.writes.of_weeks([NEXT])
            self.next_memos = sum(row.kind is WriteKind.MEMO and bool(row.crm_id) for row in rows)

    def _records(self) -> Iterator[dict[str, Any]]:
        state = self.world.crm("/__state")
        return (one for crm in ("salesforce", "hubspot") for one in state[crm]["records"])

    def _is_notice(self, row: Write) -> bool:
        """Everything but what one of the two has typed."""
        typed = (Origin.REP, Origin.MANAGER)
        return not (row.kind is WriteKind.ACTION and self.origins.get(row.key) in typed)

    def crms(self) -> set[str]:
        return {row.connection for row in self.rows if row.kind is WriteKind.MEMO}

    def typed_steps(self) -> Counter[str]:
        return self.steps

    def agreed_tasks(self) -> Counter[str]:
        """Tasks of what was typed, each once."""
        return Counter(row.person for row in self.rows if not self._is_notice(row))

    def memos_of_the_next(self) -> int:
        return self.next_memos


def stand(stage: Stage, now: datetime) -> None:
    """Move both clocks, and wait for the house's work however long a busy machine takes for it."""
    stage.sandbox.move_clock(now)
    stage.show_clock(now)
    for _ in range(LONGEST_WAITS):
        try:
            stage.wait_until_quiet(now)
        except Transient:
            continue
        return
    raise AssertionError(f"the work of {now} did not end")


@contextmanager
def _sent(hand: Hand) -> Iterator[None]:
    with hand.page.expect_navigation():
        yield


def _type(hand: Hand, field: str, text: str) -> None:
    """A line, with the key at its end."""
    hand.page.locator(field).click()
    hand.page.locator(field).press_sequentially(text)
    hand.page.locator(field).press("Enter")
