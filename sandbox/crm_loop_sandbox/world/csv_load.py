"""Loads a real export of people and deals as it is; what had to be filled in is listed."""

import csv
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from crm_loop_sandbox.world.effects import TRUTH
from crm_loop_sandbox.world.story import Company, DealStory, Human, StageDef, Step, World

#: Each CRM, and how the names of its things begin.
FACES = {"salesforce": "sf", "hubspot": "hs"}
BOTH = frozenset(FACES)

#: Files and columns of the export; a `mapping.toml` beside the files may name others.
DEFAULTS: Mapping[str, Any] = {
    "files": {
        "deals": "sales_pipeline.csv",
        "people": "sales_teams.csv",
        "companies": "accounts.csv",
    },
    "deals": {
        "id": "opportunity_id",
        "owner": "sales_agent",
        "company": "account",
        "stage": "deal_stage",
        "created": "engage_date",
        "closed": "close_date",
        "amount": "close_value",
    },
    "people": {"name": "sales_agent", "manager": "manager", "team": "regional_office"},
    "companies": {"name": "account", "industry": "sector", "country": "office_location"},
}

#: Stages of the export in both CRMs.
STAGES = (
    StageDef(salesforce="Prospecting", hubspot=("prospecting", "Prospecting"), probability=0.1,
             is_closed=False, is_won=False),
    StageDef(salesforce="Engaging", hubspot=("engaging", "Engaging"), probability=0.4,
             is_closed=False, is_won=False),
    StageDef(salesforce="Won", hubspot=("closedwon", "Won"), probability=1.0, is_closed=True,
             is_won=True),
    StageDef(salesforce="Lost", hubspot=("closedlost", "Lost"), probability=0.0, is_closed=True,
             is_won=False),
)  # fmt: skip
_STAGE = {stage.salesforce: place for place, stage in enumerate(STAGES)}

_MORNING, _EVENING = time(9), time(17)
CURRENCY, TIME_ZONE = "USD", "UTC"

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Export:
    """The rows of an export under our own column names."""

    deals: Sequence[Row]
    people: Sequence[Row]
    companies: Sequence[Row]

    @property
    def days(self) -> list[date]:
        texts = (row[name] for row in self.deals for name in ("created", "closed"))
        return [date.fromisoformat(text) for text in texts if text]


def load_csv(folder: Path, *, seed: int, start: datetime | None) -> World:
    """The export twice: once in each CRM, with people who have an address in each.

    Two companies hold the same export, so that merging people by address doubles nothing.
    """
    export = _read(folder)
    days = export.days
    first, last = min(days), max(days)
    begin = start or _monday_after(last)
    begin = begin if begin.tzinfo else begin.replace(tzinfo=UTC)
    return World(
        seed=seed,
        start=begin,
        locale="en_US",
        time_zone=TIME_ZONE,
        currency=CURRENCY,
        fiscal_start=1,
        company_name=folder.resolve().name,
        stages=STAGES,
        people=tuple(_people(export)),
        companies=tuple(_companies(export)),
        contacts=(),
        deals=tuple(_deals(export, first)),
        activities=(),
        quotas=(),
        deals_stand=True,
        truth=_truth(export, first, last, folder),
    )


def _read(folder: Path) -> Export:
    mapping = {name: dict(value) for name, value in DEFAULTS.items()}
    file = folder / "mapping.toml"
    if file.exists():
        for name, value in tomllib.loads(file.read_text("utf-8")).items():
            mapping.setdefault(name, {}).update(value)
    return Export(*(_rows(folder, mapping, kind) for kind in ("deals", "people", "companies")))


def _rows(folder: Path, mapping: Mapping[str, Any], kind: str) -> list[dict[str, str]]:
    columns = mapping[kind]
    with (folder / mapping["files"][kind]).open(encoding="utf-8-sig", newline="") as file:
        return [
            {ours: (row.get(theirs) or "").strip() for ours, theirs in columns.items()}
            for row in csv.DictReader(file)
        ]


def _monday_after(day: date) -> datetime:
    monday = day + timedelta(days=7 - day.weekday())
    return datetime.combine(monday, time(), UTC)


def _people(export: Export) -> Iterator[Human]:
    managers = {row["manager"] for row in export.people}
    teams = {row["manager"]: row["team"] for row in export.people}
    for face in FACES:
        for name in sorted(managers):
            yield _human(name, face, role="Manager", team=teams[name], manager=None)
        for row in export.people:
            yield _human(row["name"], face, role="AE", team=row["team"], manager=row["manager"])


def _human(name: str, face: str, *, role: str, team: str, manager: str | None) -> Human:
    given, _, family = name.partition(" ")
    return Human(
        ref=_person_ref(face, name),
        email=f"{name.lower().replace(' ', '.')}@{face}.example",
        family_name=family,
        given_name=given,
        language="en",
        time_zone=TIME_ZONE,
        role=role,
        team=team,
        faces=frozenset({face}),
        manager_ref=_person_ref(face, manager) if manager else None,
        country="US",
    )


def _person_ref(face: str, name: str) -> str:
    return f"{FACES[face]}:{name}"


def _companies(export: Export) -> Iterator[Company]:
    for row in export.companies:
        yield Company(
            ref=f"company:{row['name']}",
            name=row["name"],
            owner_ref=None,
            faces=BOTH,
            industry=row["industry"] or None,
            country=row["country"] or None,
        )


def _deals(export: Export, first: date) -> Iterator[DealStory]:
    known = {row["name"] for row in export.companies}
    for face, short in FACES.items():
        for row in export.deals:
            yield DealStory(
                ref=f"{short}:{row['id']}",
                steps=tuple(_steps(row, face, first, known)),
                faces=frozenset({face}),
            )


def _steps(row: Row, face: str, first: date, known: set[str]) -> Iterator[Step]:
    owner = _person_ref(face, row["owner"])
    stage = _STAGE[row["stage"]]
    closed = STAGES[stage].is_closed
    begun = date.fromisoformat(row["created"]) if row["created"] else first
    ends = date.fromisoformat(row["closed"]) if row["closed"] else None
    yield Step(
        at=datetime.combine(begun, _MORNING, UTC),
        actor_ref=owner,
        fields={
            "name": row["id"],
            "company": f"company:{row['company']}" if row["company"] in known else None,
            "owner": owner,
            "stage": _STAGE["Engaging"] if closed else stage,
            "amount": None if closed else _amount(row),
            "currency": CURRENCY,
            "close_date": ends,
        },
    )
    if closed and ends is not None:
        yield Step(
            at=datetime.combine(ends, _EVENING, UTC),
            actor_ref=owner,
            fields={"stage": stage, "amount": _amount(row), "close_date": ends},
        )


def _amount(row: Row) -> Decimal | None:
    return Decimal(row["amount"]) if row["amount"] else None


def _truth(export: Export, first: date, last: date, folder: Path) -> dict[str, Any]:
    first_of_quarter = last.replace(day=1, month=(last.month - 1) // 3 * 3 + 1)
    next_quarter = (first_of_quarter + timedelta(days=95)).replace(day=1)
    undated = [row["id"] for row in export.deals if not row["created"]]
    return {
        "time_zone": TIME_ZONE,
        "language": "en",
        "currency": CURRENCY,
        "country": "US",
        "fiscal_start": 1,
        "company_name": folder.resolve().name,
        "missing_close_date": (next_quarter - timedelta(days=1)).isoformat(),
        "filled_in": {
            "stages": {stage.salesforce: stage.probability for stage in STAGES},
            "created_on_first_day": {"day": first.isoformat(), "deals": undated},
            "close_date_in_salesforce": sum(not row["closed"] for row in export.deals),
            "without_company": sum(not row["company"] for row in export.deals),
            "history": "entered Engaging when engaged, Won or Lost on the close date",
            "addresses": "first.last@salesforce.example and first.last@hubspot.example",
            "from_the_start_on": "people talk, plan and tick tasks; deals stay as exported",
        },
        **TRUTH,
    }
