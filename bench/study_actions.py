"""Is the kind of step that helps found, and no other one? `make study-actions SEEDS=100`.

Forty salespeople, four kinds of step. One kind raises its KPI when done, the others do nothing;
steps are agreed where numbers are low against the own past. The product's own services verify,
measure and learn. As a contrast the same belief is formed from the plain difference before and
after. `make study-actions SEEDS=100 ARGS=counted` puts the weeks' counts into the store as they are
instead of measuring them from records, which is many times as fast.
"""

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

from sqlalchemy import Engine, create_engine, insert
from sqlalchemy.pool import StaticPool
from study_world import FIRST_MET, WEEK, Deed, Study, records

from crm_loop.actions.verifying import verify
from crm_loop.calendars import BusinessCalendar, week_of
from crm_loop.kpi.service import measure
from crm_loop.learn.belief import Verdict, belief_of
from crm_loop.learn.service import learn
from crm_loop.learn.weekly import Figure
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    KpiValue,
    Observation,
    Origin,
    RecordRef,
    Use,
    ValueStatus,
    Verify,
    VerifyRule,
    step_of,
)
from crm_loop.records import Record, Subject
from crm_loop.store import State
from crm_loop.store.connections import Organisation
from crm_loop.store.crm import TABLES
from crm_loop.store.tables import metadata

ORGANISATION, CRM = "study", "crm"
#: A KPI of the catalogue for each kind of step, and what each of them counts.
KPIS = {
    "meetings_held": "meeting",
    "calls": "call",
    "emails_sent": "email",
    "new_meetings": FIRST_MET,
}
#: A Monday; figures of so many weeks before the first 1on1 are known.
FIRST, BEFORE = date(2026, 1, 5), 10
#: 1on1s that agree on a step for a KPI in a week; the same one has none again for so long.
A_WEEK, RESTS = 2, 10
#: The share of what is agreed that gets done.
FOLLOWED = 0.8
STEPS = (
    VerifyRule(kind=Verify.ACTIVITIES, target=5, activity="call"),
    VerifyRule(kind=Verify.ACTIVITIES, target=5, activity="email"),
    VerifyRule(kind=Verify.ACTIVITIES, target=3, activity="meeting"),
    VerifyRule(kind=Verify.NEXT_STEP, target=1),
)
#: Weeks, boost, and in how many of 100 seeds the helpful kind must come first.
CASES = ((12, 0.40, 0.75), (26, 0.25, 0.80))
#: A useless kind may be called working this often; the plain contrast must be wrong twice as often.
MAX_WRONG, CONTRAST = 0.05, 2.0
DIFFERENT = 5
#: One story for all cases of a seed.
LONGEST = max(weeks for weeks, _, _ in CASES)


@dataclass(frozen=True)
class Outcome:
    """What one seed came to: P by kind of step, and the kinds that are said to work."""

    helpful: str
    p: dict[str, float]
    works: frozenset[str]
    plain_works: frozenset[str]
    learned: int

    @property
    def first(self) -> bool:
        others = [p for step, p in self.p.items() if step != self.helpful]
        return self.p[self.helpful] > max(others)


class Company:
    """One seed's organisation in a database in memory."""

    def __init__(self, seed: int, boost: float, *, counted: bool = False) -> None:
        self.counted = counted
        self.helpful = step_of(STEPS[seed % len(STEPS)])
        self.study = Study(seed, FIRST, BEFORE + LONGEST, boost)
        self.engine: Engine = create_engine("sqlite://", poolclass=StaticPool)
        metadata.create_all(self.engine)
        self.counts: dict[str, dict[str, list[float]]] = {kpi: {} for kpi in KPIS}
        self.last: dict[tuple[str, str], date] = {}
        with self.begin(ORGANISATION) as state:
            state.connections.put_organisation(Organisation(name=ORGANISATION))
        self.keep(Subject.PEOPLE, self.study.people())
        self.keep(Subject.DEALS, self.study.deals())

    @contextmanager
    def begin(self, organisation: str) -> Iterator[State]:
        with self.engine.begin() as connection:
            yield State(connection, organisation)

    def keep(self, subject: Subject, records: Sequence[Record]) -> None:
        """New records only: plain inserts are many times as fast as the pull's upsert."""
        rows = [asdict(one) | {"organisation": ORGANISATION, "connection": CRM} for one in records]
        if rows:
            with self.engine.begin() as connection:
                connection.execute(insert(TABLES[subject]), rows)

    def turn(self, number: int) -> None:
        """One week: meetings take place, steps are agreed and done, the product looks at it."""
        monday = FIRST + number * WEEK
        sunday = monday + timedelta(days=6)
        week = self.study.week(monday, list(KPIS.values()))
        for kpi in KPIS if number >= BEFORE else ():
            self.agree(kpi, monday)
        now = datetime(sunday.year, sunday.month, sunday.day, 20, tzinfo=UTC)
        changed = verify(
            self.begin, ORGANISATION, as_of=sunday, now=now, calendar_of=BusinessCalendar
        )
        self.help(changed, sunday)
        for value in self.measured(week, sunday):
            if value.kpi in KPIS:
                counts = self.counts[value.kpi].setdefault(value.person, [])
                counts.append(value.last_week or 0.0)
        figures = [Figure(kpi=kpi, count=True) for kpi in KPIS]
        learn(self.begin, ORGANISATION, as_of=sunday, figures=figures)

    def measured(self, week: Sequence[Deed], sunday: date) -> list[KpiValue]:
        """What the product measures, or the counts of the week as they are."""
        if not self.counted:
            self.keep(Subject.ACTIVITIES, records(week))
            return measure(self.begin, ORGANISATION, as_of=sunday)
        counts: Counter[tuple[str, str]] = Counter()
        for deed in week:
            counts[deed.human.email, deed.kind] += deed.times
        values = [
            _value(human.email, kpi, sunday, counts[human.email, kind])
            for human in self.study.reps
            if human.active
            for kpi, kind in KPIS.items()
        ]
        with self.begin(ORGANISATION) as state:
            state.figures.keep(sunday, values)
        return values

    def help(self, changed: Sequence[Action], sunday: date) -> None:
        """Whoever was seen to do the helpful step has more of its KPI from the next week on."""
        refs = {human.email: human.ref for human in self.study.reps}
        for one in changed:
            if one.status is ActionStatus.DONE and step_of(one.verify) == self.helpful:
                kind = KPIS[one.kpi or ""]
                self.study.helped_from[refs[one.who], kind] = sunday + timedelta(days=1)

    def agree(self, kpi: str, monday: date) -> None:
        """In the 1on1s with the lowest numbers against one's own past, some step is agreed."""
        place = list(KPIS).index(kpi)
        for email in self.low(kpi, monday)[:A_WEEK]:
            self.last[kpi, email] = monday
            human = next(one for one in self.study.reps if one.email == email)
            deal = RecordRef(connection=CRM, object="deal", id=f"deal:{human.ref}")
            rule = self.study.dice.choice(STEPS[place :: len(KPIS)])
            if rule.kind is Verify.NEXT_STEP:
                rule = VerifyRule(kind=rule.kind, target=1, deals=(deal,))
            action = _action(email, kpi, monday, rule)
            with self.begin(ORGANISATION) as state:
                state.actions.put([action])
            if self.study.dice.random() < FOLLOWED:
                done, tasks = self.study.done(action, human)
                self.keep(Subject.ACTIVITIES, done)
                self.keep(Subject.TASKS, tasks)

    def low(self, kpi: str, monday: date) -> list[str]:
        """Lowest first: the last four weeks against those before them."""
        found = []
        for email, counts in self.counts[kpi].items():
            rested = monday - self.last.get((kpi, email), date.min) >= RESTS * WEEK
            usual = sum(counts[:-4]) / len(counts[:-4])
            if rested and usual > 0:
                found.append((sum(counts[-4:]) / 4 / usual, email))
        return [email for _, email in sorted(found)]

    def outcome(self) -> Outcome:
        with self.begin(ORGANISATION) as state:
            learned = {one.step: one for one in state.learnings.learned()}
            seen = [one for one in state.learnings.observations() if one.use is Use.LEARNED]
        kinds = [step_of(rule) for rule in STEPS]
        plain = {step: [one for one in seen if one.step == step] for step in kinds}
        self.refuse_the_unseen(plain)
        return Outcome(
            helpful=self.helpful,
            p={step: learned[step].p if step in learned else 0.5 for step in kinds},
            works=frozenset(s for s, one in learned.items() if one.verdict == Verdict.WORKS),
            plain_works=frozenset(s for s, own in plain.items() if _plainly_works(own)),
            learned=len(seen),
        )

    def refuse_the_unseen(self, seen: Mapping[str, Sequence[Observation]]) -> None:
        """RuntimeError where records of this world are not what the product counts any more."""
        unseen = [step for step, own in seen.items() if not own]
        unseen += [kpi for kpi, of in self.counts.items() if not any(map(any, of.values()))]
        if unseen:
            raise RuntimeError(f"Nothing was seen of {', '.join(unseen)}: no study of four kinds.")


def _plainly_works(seen: Sequence[Observation]) -> bool:
    """The same belief from the plain difference, with the error that two counts have."""
    pairs = [
        (one.before_after / one.pre, math.sqrt((one.pre + one.post) / 4) / one.pre)
        for one in seen
        if one.pre > 0
    ]
    return belief_of(pairs).verdict is Verdict.WORKS


def _action(email: str, kpi: str, monday: date, rule: VerifyRule) -> Action:
    key = f"{email}:{kpi}:{monday}"
    tuesday = datetime(monday.year, monday.month, monday.day, 1, tzinfo=UTC) + timedelta(days=1)
    return Action(
        id=key,
        key=key,
        who=email,
        manager=None,
        week=week_of(monday),
        origin=Origin.MANAGER,
        text="",
        due=monday + timedelta(days=4),
        created_at=tuesday,
        verify=rule,
        connection=CRM,
        kpi=kpi,
    )


def _value(email: str, kpi: str, sunday: date, count: int) -> KpiValue:
    return KpiValue(
        person=email,
        kpi=kpi,
        period_start=sunday.replace(day=1),
        period_end=sunday,
        as_of=sunday,
        value=count,
        numerator=count,
        denominator=None,
        n=count,
        value_status=ValueStatus.OK,
        last_week=count,
    )


def run(seed: int, weeks: int, boost: float, *, counted: bool = False) -> Outcome:
    company = Company(seed, boost, counted=counted)
    for number in range(BEFORE + weeks):
        company.turn(number)
    found = company.outcome()
    company.engine.dispose()
    return found


def _told(one: Outcome) -> dict[str, object]:
    return asdict(one) | {"works": sorted(one.works), "plain_works": sorted(one.plain_works)}


def judge(found: Sequence[Outcome], least: float) -> list[tuple[str, float, str, float, bool]]:
    """(what, value, limit, its number, met) of one case."""
    useless = [(one, step) for one in found for step in one.p if step != one.helpful]
    first = sum(one.first for one in found) / len(found)
    wrong = sum(step in one.works for one, step in useless) / len(useless)
    plain = sum(step in one.plain_works for one, step in useless) / len(useless)
    helped = sum(one.helpful in one.works for one in found) / len(found)
    times = plain / wrong if wrong else math.inf
    return [
        ("helpful kind first", first, "at least", least, first >= least),
        ("useless kind called working", wrong, "at most", MAX_WRONG, wrong <= MAX_WRONG),
        ("the same by plain before/after", plain, "at least", CONTRAST * wrong,
         plain > 0 and times >= CONTRAST),
        ("helpful kind called working", helped, "(no limit)", 0.0, True),
        ("steps learned from, per seed", sum(one.learned for one in found) / len(found),
         "(no limit)", 0.0, True),
    ]  # fmt: skip


Numbered = tuple[int, Outcome]


def outcomes(
    seeds: range, weeks: int, boost: float, *, counted: bool, cores: int
) -> Iterator[Numbered]:
    """Every seed's outcome with its number, in order; each process has a company at a time."""
    one = partial(run, weeks=weeks, boost=boost, counted=counted)
    if cores == 1:
        yield from zip(seeds, map(one, seeds), strict=True)
        return
    # A process that is copied while Polars has threads may wait for ever: they begin anew.
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        yield from zip(seeds, pool.map(one, seeds), strict=True)


def main(seeds: range, say: Callable[[str], None], *, counted: bool, cores: int) -> int:
    began = monotonic()
    raw: dict[str, list[dict[str, object]]] = {}
    figures = []
    say(f"seeds {seeds.start} to {seeds.stop - 1}; {'counted' if counted else 'measured'}\n")
    say("| case | figure | value | limit | met |\n|---|---|---|---|---|")
    for weeks, boost, least in CASES:
        case = f"+{boost:.0%}, week {weeks}"
        found = []
        for seed, outcome in outcomes(seeds, weeks, boost, counted=counted, cores=cores):
            found.append(outcome)
            raw.setdefault(case, []).append({"seed": seed} | _told(outcome))
            print(f"{case}: seed {seed}, {monotonic() - began:.0f} s", file=sys.stderr)
        for what, value, word, limit, met in judge(found, least):
            bound = f"{word} {limit:.3f}" if word != "(no limit)" else word
            say(f"| {case} | {what} | {value:.3f} | {bound} | {'yes' if met else 'NO'} |")
            figures.append({"id": f"{case}: {what}", "value": value, "unit": "", "target": limit,
                            "better": "lower" if word == "at most" else "higher",
                            "met": met})  # fmt: skip
    print(f"{monotonic() - began:.0f} s", file=sys.stderr)
    mode = "-counted" if counted else ""
    out = Path(f"var/bench/study-actions{mode}.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    result = {"schema": 1, "bench": f"study-actions{mode}", "scale": len(seeds), "cores": cores,
              "figures": figures, "raw": raw}  # fmt: skip
    out.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    return 0 if all(figure["met"] for figure in figures) else DIFFERENT


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--seeds", type=int, default=100)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--cores", type=int, default=1)
    options.add_argument("mode", nargs="?", choices=("measured", "counted"), default="measured")
    given = options.parse_args()
    wanted = range(given.first, given.first + given.seeds)
    sys.exit(main(wanted, partial(print, flush=True), counted=given.mode == "counted",
                  cores=given.cores))  # fmt: skip
