"""How much is left, and what changed lately."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from crm_loop_sandbox.salesforce.api.query import LATE
from crm_loop_sandbox.salesforce.api.records import table_named
from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.errors import error
from crm_loop_sandbox.salesforce.moments import read, written
from crm_loop_sandbox.salesforce.org import Row, named

#: Calls a day of an Enterprise org with a handful of licences.
DAILY = 100_000
OTHERS = {
    "ConcurrentAsyncGetReportInstances": 200,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyGenericStreamingApiEvents": 10_000,
    "DataStorageMB": 10_240,
    "FileStorageMB": 10_240,
    "HourlyODataCallout": 20_000,
    "SingleEmail": 5_000,
}
#: How far back each question may reach.
UPDATED_DAYS, DELETED_DAYS = 30, 15


def limits(call: Call) -> Reply:
    scratch = call.org.kernel.scratch
    used = {
        "DailyBulkV2QueryJobs": scratch.get("sf.query_jobs", 0),
        "DailyBulkApiBatches": scratch.get("sf.batches", 0),
    }
    shown = {"DailyApiRequests": {"Max": DAILY, "Remaining": DAILY - scratch.get("sf.calls", 0)}}
    for name, most in OTHERS.items():
        shown[name] = {"Max": most, "Remaining": most - used.get(name, 0)}
    return Reply(shown)


def record_count(call: Call) -> Reply:
    wanted = [name for name in call.query.get("sObjects", "").split(",") if name]
    tables = [named(call.org, name) for name in (wanted or call.org.schema)]
    counts = {
        name: sum(not row.get("IsDeleted") for row in call.org.tables[name].values())
        for name in tables
        if name is not None
    }
    shown = [{"count": count, "name": name} for name, count in sorted(counts.items()) if count]
    return Reply({"sObjects": shown})


def updated(call: Call) -> Reply:
    start, end = _span(call, UPDATED_DAYS)
    ids = [row["Id"] for row in _changed(call, start, end) if not row.get("IsDeleted")]
    return Reply({"ids": ids, "latestDateCovered": _covered(call, end)})


def deleted(call: Call) -> Reply:
    start, end = _span(call, DELETED_DAYS)
    found = [
        {"id": row["Id"], "deletedDate": row["SystemModstamp"]}
        for row in _changed(call, start, end)
        if row.get("IsDeleted")
    ]
    earliest = written(call.org.business_now() - timedelta(days=DELETED_DAYS))
    return Reply(
        {
            "deletedRecords": found,
            "earliestDateAvailable": earliest,
            "latestDateCovered": _covered(call, end),
        }
    )


def _changed(call: Call, start: str, end: str) -> Iterator[Row]:
    table = table_named(call)
    if "SystemModstamp" not in call.org.schema[table]:
        message = f"entity {table} is not replicateable"
        raise error(400, "INVALID_TYPE_FOR_OPERATION", message)
    rows = call.org.between(table, "SystemModstamp", start, end)
    return (row for row in rows if start <= row["SystemModstamp"] < end)


def _covered(call: Call, end: str) -> str:
    """Up to here every transaction has ended."""
    return min(end, written(_minute(call.org.business_now() - LATE)))


def _span(call: Call, days: int) -> tuple[str, str]:
    try:
        start, end = (
            _minute(read(call.query[name].replace(" ", "+"))) for name in ("start", "end")
        )
    except (KeyError, ValueError):
        message = "start and end must be date times"
        raise error(400, "INVALID_REPLICATION_DATE", message) from None
    if start < call.org.business_now() - timedelta(days=days):
        raise error(
            400, "INVALID_REPLICATION_DATE", "startDate before org replication enabled date"
        )
    if end <= start:
        message = "endDate must be at least one minute greater than startDate"
        raise error(400, "INVALID_REPLICATION_DATE", message)
    return written(start), written(end)


def _minute(moment: datetime) -> datetime:
    """Seconds are cut off."""
    return moment.replace(second=0, microsecond=0)
