"""What is read of the store is the same on both databases."""

from datetime import UTC, date, datetime
from decimal import Decimal

from crm_loop.kpi.sources import read
from crm_loop.records import Activity, ActivityKind, ActivityStatus, Deal, Subject, Task
from crm_loop.store import State
from crm_loop.store.engine import migrate, open_engine
from crm_loop.store.scan import opened

NOON = datetime(2026, 6, 10, 3, 4, 5, 678, tzinfo=UTC)
DEAL = Deal(
    id="d1", name="d1", owner_id="u1", account_id=None, pipeline="p", stage="won", is_closed=True,
    is_won=True, amount=Decimal("1234.5678"), currency="JPY", close_date=date(2026, 6, 10),
    created_at=NOON, modified_at=NOON,
)  # fmt: skip
CALL = Activity(
    id="a1", kind=ActivityKind.CALL, owner_id="u1", deal_id="d1", account_id=None, start=NOON,
    logged_at=NOON, status=ActivityStatus.HELD, outbound=True, duration_seconds=90,
)  # fmt: skip
TASK = Task(
    id="t1", owner_id="u1", deal_id="d1", due=date(2026, 6, 20), is_closed=False, created_at=NOON,
    modified_at=NOON,
)  # fmt: skip


def test_records_become_columns_of_the_same_types(database_url: str) -> None:
    engine = open_engine(database_url)
    migrate(engine)
    with engine.begin() as connection:
        state = State(connection, "acme")
        for subject, record in (
            (Subject.DEALS, DEAL), (Subject.ACTIVITIES, CALL), (Subject.TASKS, TASK),
        ):  # fmt: skip
            state.crm.remember("crm", subject, [record])
    with engine.begin() as connection, opened(connection, "acme") as scan:
        raw = read(scan, since=NOON, time_zone="Asia/Tokyo", moment=NOON)
    engine.dispose()
    (deal,), (call,), (task,) = (one.to_dicts() for one in (raw.deals, raw.activities, raw.tasks))
    assert (deal["amount"], deal["close_date"], deal["is_won"]) == (
        1234.5678,
        DEAL.close_date,
        True,
    )
    assert (deal["created_at"], call["start"]) == (NOON, NOON)
    assert (call["outbound"], call["duration_seconds"], task["due"]) == (True, 90, TASK.due)
    assert raw.changes.is_empty()
