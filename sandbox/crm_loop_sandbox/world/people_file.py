"""The world's people and process targets as the files that an admin would import."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from crm_loop_sandbox.world.links import Plan
from crm_loop_sandbox.world.story import Human, World

PEOPLE = ("email", "name", "manager_email", "role", "role_start", "fte", "language", "country",
          "leave", "pilot")  # fmt: skip
TARGETS = ("email", "kpi", "period_start", "period_end", "target", "currency", "reason")

#: Customer meetings a month that the made-up team has agreed on.
MEETINGS_A_MONTH = 14
MONTHS_BACK, MONTHS_AHEAD = 1, 6
#: A target that nobody comes near.
FAR = "900000000000"


def people_csv(world: World) -> str:
    emails = {human.ref: human.email for human in world.people}
    return _text(PEOPLE, (_person(human, emails) for human in world.people))


def _person(human: Human, emails: dict[str, str]) -> Sequence[str]:
    return (
        human.email,
        human.name,
        emails.get(human.manager_ref or "", ""),
        human.role,
        human.role_start.isoformat() if human.role_start else "",
        f"{human.fte:g}",
        human.language,
        human.country,
        ";".join(f"{first}/{last}" for first, last in human.leave),
        "yes",
    )


def targets_csv(world: World) -> str:
    months = _months(world.start.date())
    reps = [human for human in world.people if human.role == "AE" and human.active]
    if world.links is not None:
        return _text(TARGETS, _planned(world.links, reps, months))
    rows = (
        (human.email, "meetings_held", first.isoformat(), last.isoformat(),
         str(MEETINGS_A_MONTH), "", "agreed in the team")
        for human in reps
        for first, last in months
    )  # fmt: skip
    return _text(TARGETS, rows)


#: For everybody in a planned world; 0 is no target, where deals stand and nothing moves.
WITHIN_REACH = {
    "meetings_held": "1",
    "next_step_hygiene": "0.01",
    "stale_rate": "1",
    "pipeline_created": "1",
    "new_meetings": "0",
    "proposals": "0",
}


def _planned(
    plan: Plan, reps: Sequence[Human], months: Sequence[tuple[date, date]]
) -> Iterator[Sequence[str]]:
    """Within everybody's reach, but for those whose pipeline is planned to stay behind."""
    quarters = sorted({_quarter(first) for first, _ in months})
    for human in reps:
        for kpi, target in WITHIN_REACH.items():
            far = kpi == "pipeline_created" and human.email in plan.behind
            for first, last in quarters:
                amount = FAR if far else target
                day = first.isoformat(), last.isoformat()
                yield (human.email, kpi, *day, amount, "", "agreed in the team")


def _quarter(day: date) -> tuple[date, date]:
    first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    after = (first + timedelta(days=95)).replace(day=1)
    return first, after - timedelta(days=1)


def _months(start: date) -> list[tuple[date, date]]:
    found = []
    first = start.replace(day=1)
    for _ in range(MONTHS_BACK):
        first = (first - timedelta(days=1)).replace(day=1)
    for _ in range(MONTHS_BACK + MONTHS_AHEAD):
        after = (first + timedelta(days=32)).replace(day=1)
        found.append((first, after - timedelta(days=1)))
        first = after
    return found


def _text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
