"""What is wanted during the storm: writes that are planned bit by bit, some re-worded later."""

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from urllib.error import HTTPError

from crm_loop.bootstrap import App
from crm_loop.loop_records import Intent, KeyKind, WriteKind, WriteState, key_of
from crm_loop.queue import JobState, NewJob
from crm_loop.store.write_rows import Write
from crm_loop.write_back.service import approve, plan
from rig.ground import FACES, ORGANISATION, Server

#: Every so many seconds somebody wants something to be written.
EVERY_SECONDS = 0.5
PAST = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Wish:
    """One record that is wanted; `revision` grows when it is re-worded."""

    key: str
    face: str
    revision: int = 1
    edited: bool = False


@dataclass(slots=True)
class Workload:
    """Plans, re-words and edits as planner, rule and people do, until the storm is over."""

    app: App
    server: Server
    owners: dict[str, str]
    emails: dict[str, str]
    records: int
    seconds: float
    dice: random.Random
    wishes: list[Wish] = field(default_factory=list)
    edits: int = 0
    jobs: int = 0

    def run(self, over: threading.Event) -> None:
        """Spread the plans over two thirds of the time; people edit half of what stands."""
        began = time.monotonic()
        while not over.is_set():
            share = (time.monotonic() - began) / self.seconds
            self._plan_until(min(1.0, share / 0.66))
            if share < 0.85:
                self._reword()
            self.want_written()
            self._edit(min(1.0, share / 0.95))
            over.wait(EVERY_SECONDS)

    def begun(self) -> bool:
        """Whether the first write has reached its CRM."""
        with self.app.begin(ORGANISATION) as state:
            return any(row.state is WriteState.CONFIRMED for row in state.writes.rows())

    def accepted(self, rows: Sequence[Write]) -> bool:
        """Whether the ledger wants the last wording of each wish, or a person deleted it."""
        known = {row.key: row for row in rows}
        return all(
            (row := known.get(wish.key)) is not None
            and (row.state is WriteState.DISMISSED or row.body == body_of(wish))
            for wish in self.wishes
        )

    def add_until(self, share: float) -> None:
        """Wishes up to this share of all, each said once."""
        known = len(self.wishes)
        self._plan_until(share)
        self._say(self.wishes[known:])
        self.want_written(say=False)

    def finish(self) -> None:
        """Whatever was wanted and is not planned yet, at the very end."""
        self._plan_until(1.0)
        self._say_again()

    def want_written(self, *, say: bool = True) -> None:
        """New jobs as each slot of a schedule brings them; refused rows are tried once more."""
        if say:
            self._say_again()
        self.jobs += 1
        now = self.app.clock()
        with self.app.begin(ORGANISATION) as state:
            waiting = {job.connection for job in state.jobs.all(JobState.READY) if job.due <= now}
            for face in (face for face in FACES if face not in waiting):
                job = NewJob(id=f"storm:{self.jobs:05}:{face}", kind="write", connection=face)
                state.jobs.add(job, now=now)
            refused = [row for face in FACES for row in
                       state.writes.of_connection(face, WriteState.REFUSED)]  # fmt: skip
            state.writes.retry([row.key for row in refused], by="operator", at=now)
        self.app.bell.ring(self.app.claims.due(now))

    def _plan_until(self, share: float) -> None:
        while len(self.wishes) < self.records * share:
            number = len(self.wishes)
            face = FACES[number % len(FACES)]
            key = key_of(ORGANISATION, face, KeyKind.AGENDA, f"storm:{number}")
            self.wishes.append(Wish(key, face))

    def _say_again(self) -> None:
        """The planner says what should stand there, as each turn of the loop does."""
        self._say(self.wishes)

    def _say(self, wishes: Sequence[Wish]) -> None:
        intents = [self._intent(wish) for wish in wishes]
        plan(self.app.begin, ORGANISATION, intents, run="storm")
        keys = [wish.key for wish in wishes]
        approve(self.app.begin, ORGANISATION, keys, by="rule:storm", at=self.app.now())

    def _reword(self) -> None:
        fresh = [wish for wish in self.wishes if wish.revision == 1]
        for wish in self.dice.sample(fresh, min(len(fresh), 2)):
            wish.revision += 1

    def _edit(self, share: float) -> None:
        """A person writes into records that stand; half of all in the end."""
        while self.edits < len(self.wishes) * share / 2:
            wish = self._standing()
            if wish is None:
                return
            typed = {"body": f"typed by a person {wish.key[4:9]}"}
            deed = {"actor": self.emails[wish.face], "do": "edit", "face": wish.face}
            wish.edited = True
            try:
                self.server.post("/__people", {**deed, "key": wish.key, "fields": typed})
            except HTTPError:
                # A fault that is armed may meet a person's save as well.
                continue
            self.edits += 1

    def _standing(self) -> Wish | None:
        with self.app.begin(ORGANISATION) as state:
            rows = state.writes.rows()
        confirmed = {row.key for row in rows if row.state is WriteState.CONFIRMED}
        fitting = [wish for wish in self.wishes if wish.key in confirmed and not wish.edited]
        return self.dice.choice(fitting) if fitting else None

    def _intent(self, wish: Wish) -> Intent:
        return Intent(
            key=wish.key,
            connection=wish.face,
            kind=WriteKind.MEMO,
            person=f"{wish.key[4:12]}@example.com",
            owner_id=self.owners[wish.face],
            subject="1on1",
            body=body_of(wish),
            due=date(2026, 12, 1),
            reason="chaos",
            not_before=PAST,
        )


def body_of(wish: Wish) -> str:
    return f"revision {wish.revision}\n"
