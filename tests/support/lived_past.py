"""Six people with three months behind them, in a store from which nothing was measured yet."""

from datetime import UTC, date, datetime
from decimal import Decimal

from console_house import House

from crm_loop.records import Activity, ActivityKind, ActivityStatus, Deal, Person, Subject

TEAM = [f"rep{number}@acme.example" for number in range(6)]


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


def live(house: House) -> None:
    """Six people each hold a meeting on every weekday of the first week of three months."""
    days = [date(2026, month, day) for month in (4, 5, 6) for day in range(1, 9)]
    with house.app.begin("acme") as state:
        state.people.import_rows(
            {"person": one, "name": one, "manager": "lead@acme.example", "role": "AE",
             "language": "ja", "country": "JP", "leave": "", "pilot": True} for one in TEAM
        )  # fmt: skip
        crm = state.crm
        crm.remember(
            "salesforce",
            Subject.PEOPLE,
            [Person(id=one, name=one, email=one, active=True) for one in TEAM],
        )
        crm.remember("salesforce", Subject.ACTIVITIES, [
            Activity(id=f"{one}-{day}", kind=ActivityKind.MEETING, owner_id=one, deal_id=None,
                     account_id=None, start=at(day), logged_at=at(day),
                     status=ActivityStatus.HELD, external_attendees=1)
            for one in TEAM for day in days
        ])  # fmt: skip
        crm.remember("salesforce", Subject.DEALS, [
            Deal(id="d", name="d", owner_id=TEAM[0], account_id=None, pipeline="p", stage="S1",
                 is_closed=False, is_won=False, amount=Decimal(1), currency="JPY",
                 close_date=date(2026, 8, 1), created_at=at(days[0]), modified_at=at(days[0]))
        ])  # fmt: skip
