"""A store full of findings, by seed: teams in two languages and two CRMs, week after week."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from crm_loop.actions.service import suggest_steps
from crm_loop.calendars import BusinessCalendar, monday_of, week_of
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    Agenda,
    Form,
    Insight,
    KpiValue,
    Origin,
    ProgressStatus,
    RecordRef,
    SlotLine,
    TargetProposal,
    ValueStatus,
    Verify,
    VerifyRule,
)
from crm_loop.one_on_one.service import choose, compose
from crm_loop.records import Account, Deal, Person, Subject, Task
from crm_loop.store import State
from crm_loop.store.actions import FINAL
from crm_loop.store.connections import ConnectionRow, Organisation

Begin = Callable[[str], AbstractContextManager[State]]

ORGANISATION, FIRST_WEEK = "acme", "2026-W20"
#: A team fits into one day of 1on1s.
TEAM = 8
PRIVATE = {"salesforce": True, "hubspot": False}
FAMILY = (
    "田中", "佐藤", "鈴木", "高橋", "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "吉田", "山田",
)  # fmt: skip
GIVEN = ("健", "恵", "誠", "直美", "翔", "彩")
ENGLISH = (
    "Anna Smith", "Ben Clark", "Clara Jones", "David Evans", "Emma Brown", "Frank Hill",
    "Grace Young", "Henry Cole", "Iris Webb",
)  # fmt: skip
CUSTOMERS = {
    "ja": ("青葉精機", "みどり食品", "北星運輸", "南港倉庫", "東和電設", "白山薬品", "朝日製紙"),
    "en": ("Northwind", "Acme Tools", "Bluebird Foods", "Harbour Freight", "Oak Paper",
           "Delta Labs"),
}  # fmt: skip
PURPOSE = {
    "ja": "製造業のお客様に新しい足がかりをつくる",
    "en": "a first foothold with manufacturers",
}
STEPS = {
    "ja": ("{c}の次回の日程を決める", "{c}へ事例集を送る", "{c}の担当の方と面談する"),
    "en": ("Fix the next date with {c}", "Send the case studies to {c}", "See the team at {c}"),
}
DRIVERS = ("meetings", "meeting_opp", "opp_proposal", "proposal_win", "avg_deal_size")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Which reps there are; `language` and `crm` by e-mail."""

    begin: Begin
    seed: int
    language: dict[str, str]
    crm: dict[str, str]

    def dice(self, *what: object) -> random.Random:
        return random.Random("|".join(map(str, (self.seed, *what))))

    def sunday(self, week: str) -> date:
        return monday_of(week) - timedelta(days=1)


def build(
    begin: Begin,
    *,
    reps: int,
    seed: int = 7,
    profile: str = "standard",
    languages: tuple[str, ...] = ("ja", "en"),
) -> World:
    """Set up the organisation, its people and their open deals.

    Reps and managers take turns with the languages, so that half of two languages' pairs mix.
    """
    purpose = PURPOSE[languages[0]] if len(languages) == 1 else ""
    own = Organisation(name=ORGANISATION, profile=profile, writing=True, purpose=purpose)
    emails = [f"rep{n:05d}@example.com" for n in range(reps)]
    language = {one: languages[n % len(languages)] for n, one in enumerate(emails)}
    crm = {one: "hubspot" if n % 8 == 5 else "salesforce" for n, one in enumerate(emails)}
    world = World(begin=begin, seed=seed, language=language, crm=crm)
    with begin(ORGANISATION) as state:
        state.connections.put_organisation(own)
        for name, private in PRIVATE.items():
            facts = {"private_tasks": private, "task_url": "https://127.0.0.1/{id}"}
            row = ConnectionRow(name=name, kind=name, url="https://127.0.0.1", facts=facts)
            state.connections.put(row)
            people = list(_people(world, name, languages))
            state.crm.remember(name, Subject.PEOPLE, people)
            accounts = [Account(id=f"{lang}{n}", name=one) for lang in CUSTOMERS
                        for n, one in enumerate(CUSTOMERS[lang])]  # fmt: skip
            state.crm.remember(name, Subject.ACCOUNTS, accounts)
        managers = sorted({boss_of(n) for n in range(reps)})
        state.people.import_rows(
            [{"person": one, "manager": boss_of(n), "leave": "", "pilot": True}
             for n, one in enumerate(emails)]
        )  # fmt: skip
        minutes = (15, 15, 30)
        state.people.set_slot_lines(
            [SlotLine(manager=one, weekday=1, first=datetime(2026, 1, 1, 10, tzinfo=UTC).time(),
                      minutes=minutes[n % 3]) for n, one in enumerate(managers)]
        )  # fmt: skip
    return world


def boss_of(place: int) -> str:
    return f"boss{place // TEAM:05d}@example.com"


def _people(world: World, crm: str, languages: tuple[str, ...]) -> Iterator[Person]:
    for n, (email, where) in enumerate(world.crm.items()):
        if where == crm:
            yield _person(email, n, world.language[email])
    for n in range(0, len(world.crm), TEAM):
        # Called like nobody in the team.
        yield _person(boss_of(n), n + TEAM, languages[(n // TEAM) % len(languages)])


def _person(email: str, n: int, language: str) -> Person:
    name = (
        ENGLISH[n % len(ENGLISH)]
        if language == "en"
        else f"{FAMILY[n % len(FAMILY)]} {GIVEN[n // len(FAMILY) % len(GIVEN)]}"
    )
    family = name.split()[1] if language == "en" else name.split()[0]
    return Person(id=email, email=email, name=name, family_name=family, language=language,
                  time_zone="Asia/Tokyo", manager_id=None)  # fmt: skip


def find(world: World, week: str) -> None:
    """Everything that was concluded as of the Sunday before a week."""
    day = world.sunday(week)
    with world.begin(ORGANISATION) as state:
        for crm in PRIVATE:
            deals = [deal for rep, where in world.crm.items() if where == crm
                     for deal in _deals(world, rep, day)]  # fmt: skip
            state.crm.remember(crm, Subject.DEALS, deals)
            tasks = [_step(world, deal, day) for deal in deals if _has_step(world, deal, day)]
            state.crm.remember(crm, Subject.TASKS, tasks)
        state.figures.keep(day, [v for rep in world.crm for v in _values(world, rep, day)])
        state.insights.keep(day, [i for rep in world.crm for i in _insights(world, rep, day)])
        made = [p for rep in world.crm for p in _proposals(world, rep, day)]
        state.insights.propose(made, resting=day - timedelta(days=28))
        state.actions.put([a for rep in world.crm for a in _actions(world, rep, week)])
        old = week_of(monday_of(week) - timedelta(weeks=3))
        open_ = [a for a in state.actions.of_week(old) if a.status not in FINAL]
        moment = published(week)
        state.actions.put(
            [replace(a, status=ActionStatus.DROPPED, settled_at=moment) for a in open_]
        )


def published(week: str) -> datetime:
    """When a week's memos go out: Monday at nine in Tokyo, and a minute."""
    return datetime.combine(monday_of(week), datetime.min.time(), UTC) + timedelta(minutes=1)


def prepared(world: World, week: str) -> list[Agenda]:
    """Prepare and write a week's memos, from the moment that the first one is due."""
    now = published(week)
    choose(world.begin, ORGANISATION, now=now, week=week)
    suggest_steps(world.begin, ORGANISATION, week=week, calendar_of=BusinessCalendar)
    return compose(world.begin, ORGANISATION, now=now, week=week, private=PRIVATE)


def weeks(count: int) -> list[str]:
    return [week_of(monday_of(FIRST_WEEK) + timedelta(weeks=n)) for n in range(count)]


def _deals(world: World, rep: str, day: date) -> Iterator[Deal]:
    dice = world.dice("deals", rep)
    language = world.language[rep]
    moment = datetime.combine(day, datetime.min.time(), UTC)
    for n in range(dice.randint(2, 6)):
        bare = dice.random() < 0.15
        yield Deal(
            id=f"{rep}-d{n}",
            name=f"{n}",
            owner_id=rep,
            account_id=f"{language}{dice.randrange(len(CUSTOMERS[language]))}",
            pipeline="p",
            stage="s",
            is_closed=False,
            is_won=False,
            amount=None if bare else Decimal(dice.randint(3, 90) * 100_000),
            currency="JPY",
            close_date=day + timedelta(days=dice.randint(-8, 90)),
            created_at=moment - timedelta(days=dice.randint(5, 80)),
            modified_at=moment,
        )


def _has_step(world: World, deal: Deal, day: date) -> bool:
    tidy = world.dice("tidy", deal.owner_id, day).random() < 0.6
    return tidy or world.dice("step", deal.id, day).random() < 0.4


def _step(world: World, deal: Deal, day: date) -> Task:
    moment = datetime.combine(day, datetime.min.time(), UTC)
    due = day + timedelta(days=world.dice("due", deal.id, day).randint(2, 20))
    return Task(id=f"{deal.id}-{day}", owner_id=deal.owner_id, deal_id=deal.id, due=due,
                is_closed=False, created_at=moment, modified_at=moment)  # fmt: skip


def _value(rep: str, kpi: str, day: date, **fields: Any) -> KpiValue:
    month = day + timedelta(days=2)
    start = month.replace(day=1)
    end = (start + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    base: dict[str, Any] = {
        "numerator": None, "denominator": None, "n": 12, "value_status": ValueStatus.OK,
        "progress": ProgressStatus.ON_TRACK, "period_start": start, "period_end": end,
    }  # fmt: skip
    records = [RecordRef(connection="salesforce", object="activity", id=f"{rep}-{kpi}-{n}")
               for n in range(3)]  # fmt: skip
    return KpiValue(person=rep, kpi=kpi, as_of=day, records=records, **(base | fields))


def _measured(world: World, rep: str, day: date) -> bool:
    """Of one in twenty there are no figures yet."""
    return world.dice("measured", rep, day).random() >= 0.05


def _target(world: World, rep: str) -> int:
    """How many meetings a month the team expects of a rep."""
    return world.dice("target", rep).randint(8, 16)


def _values(world: World, rep: str, day: date) -> Iterator[KpiValue]:
    if not _measured(world, rep, day):
        return
    dice = world.dice("values", rep, day)
    target, done = _target(world, rep), dice.randint(0, 16)
    expected = target * dice.uniform(0.2, 0.8)
    late = ProgressStatus.OFF_TRACK if done < expected else ProgressStatus.ON_TRACK
    reached = ProgressStatus.ACHIEVED if done >= target else late
    yield _value(rep, "bookings", day, value=dice.randint(4, 14) * 1e6, target=12e6,
                 p_attain=dice.uniform(0.05, 0.9))  # fmt: skip
    middle = done + dice.uniform(1, 6)
    yield _value(rep, "meetings_held", day, value=float(done), target=float(target),
                 expected_to_date=expected, progress=reached, p_attain=dice.uniform(0.05, 0.9),
                 projection=(middle - 2, middle, middle + 3), usual=dice.uniform(1, 5),
                 last_week=float(dice.randint(0, 7)))  # fmt: skip
    yield _value(rep, "new_meetings", day, value=float(done), usual=2.4,
                 last_week=float(dice.randint(3, 6)))  # fmt: skip
    cases = dice.randint(2, 9)
    hits = dice.randint(0, cases)
    yield _value(rep, "next_step_hygiene", day, value=hits / cases, numerator=float(hits),
                 denominator=float(cases), target=0.8)  # fmt: skip
    answered = dice.randint(0, 12)
    if dice.random() < 0.2:
        yield _value(rep, "lead_response_sla", day, value=answered / 12, target=0.9,
                     numerator=float(answered), denominator=12.0)  # fmt: skip
    if dice.random() < 0.4:
        yield _value(rep, "won_count", day, value=3.0, last_week=float(dice.randint(1, 3)))


def _insights(world: World, rep: str, day: date) -> Iterator[Insight]:
    if not _measured(world, rep, day):
        return
    dice = world.dice("insights", rep, day)
    base: dict[str, Any] = {"person": rep, "as_of": day, "form": Form.ASKED}
    seeds = {"bookings_total": 4e5}
    yield Insight(rule="requirement", driver="bookings", facts={"three_meetings": seeds}, **base)
    for driver in DRIVERS:
        if dice.random() < 0.25:
            n, before = dice.randint(5, 30), dice.randint(20, 90)
            n = min(n, 7) if driver == "meetings" else n
            x = float(n * dice.randint(3, 9) * 1e5) if driver == "avg_deal_size" else n // 4
            xb = float(before * 9e5) if driver == "avg_deal_size" else before // 2
            facts = {"x": x, "n": n, "x_before": xb, "n_before": before, "largest": True,
                     "grown": ("new", "existing")[n % 2]}  # fmt: skip
            deals = [RecordRef(connection="salesforce", object="deal", id=f"{rep}-d{n}")
                     for n in range(2)]  # fmt: skip
            known = base | {"driver": driver, "p": dice.uniform(0.8, 0.99), "facts": facts,
                            "contribution": -dice.uniform(5e5, 4e6), "records": deals}  # fmt: skip
            mixed = driver == "proposal_win" and dice.random() < 0.3
            yield Insight(rule="mix" if mixed else "driver", **known)
            if dice.random() < 0.15:
                yield Insight(rule="repeated_failure", **known)
    if dice.random() < 0.1:
        facts = {"change": 0.5, "p": 0.9}
        yield Insight(rule="quality_over_volume", driver="new_meetings", facts=facts, **base)
    if dice.random() < 0.1:
        yield Insight(rule="interim_goal", driver="meetings_held", facts={"goal": 18.0}, **base)
    if dice.random() < 0.2:
        facts = {"now": float(dice.randint(4, 8)), "usual": 3.0, "index": dice.uniform(1, 3)}
        yield Insight(rule="improvement", driver="proposals", facts=facts, **base)
    if dice.random() < 0.1:
        yield Insight(rule="quadrant", driver="share_the_pattern", facts={"score": 96.0}, **base)


def _proposals(world: World, rep: str, day: date) -> Iterator[TargetProposal]:
    dice = world.dice("proposals", rep, day)
    if _measured(world, rep, day) and dice.random() < 0.25:
        month = day + timedelta(days=2)
        high, old = dice.random() < 0.5, float(_target(world, rep))
        yield TargetProposal(
            person=rep, kpi="meetings_held", as_of=day,
            period_start=month.replace(day=1), period_end=month.replace(day=28),
            decision="lower" if high else "raise", old=old, proposed=old - 2 if high else old + 2,
            reasons=("too_high" if high else "too_low",), facts={"p": 0.1 if high else 0.9},
        )  # fmt: skip


def _actions(world: World, rep: str, week: str) -> Iterator[Action]:
    dice = world.dice("actions", rep, week)
    language = world.language[rep]
    last = week_of(monday_of(week) - timedelta(days=7))
    # Nobody agrees to the same thing twice in one talk.
    for n, customer in enumerate(dice.sample(CUSTOMERS[language], dice.randint(0, 3))):
        yield Action(
            id=f"{rep}-{week}-{n}", key=f"{rep}-{week}-{n}", who=rep, manager=None, week=last,
            origin=Origin.REP, text=dice.choice(STEPS[language]).format(c=customer),
            due=monday_of(week) - timedelta(days=3), connection=world.crm[rep],
            created_at=datetime.combine(monday_of(last), datetime.min.time(), UTC),
            verify=VerifyRule(kind=Verify.CLOSED_TASK),
            status=dice.choice((ActionStatus.DONE, ActionStatus.DONE, ActionStatus.MISSED)),
            settled_at=published(week) - timedelta(hours=3),
            carry_count=dice.choice((0, 0, 1, 2)),
        )  # fmt: skip
