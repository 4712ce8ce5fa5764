"""How much is left, and what changed lately."""

from crm_loop_sandbox.salesforce.api.records import table_named
from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.errors import error
from crm_loop_sandbox.salesforce.moments import read, written

#: Calls a day of an Enterprise org with a handful of licences.
DAILY = 100_000
OTHERS = {
    "DailyBulkV2QueryJobs": 10_000,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DataStorageMB": 10_240,
}


def limits(call: Call) -> Reply:
    used = call.org.kernel.scratch.get("sf.calls", 0)
    shown = {"DailyApiRequests": {"Max": DAILY, "Remaining": DAILY - used}}
    for name, most in OTHERS.items():
        shown[name] = {"Max": most, "Remaining": most}
    return Reply(shown)


def record_count(call: Call) -> Reply:
    wanted = [name for name in call.query.get("sObjects", "").split(",") if name]
    names = [name for name in (wanted or call.org.schema) if name in call.org.tables]
    counts = {
        name: sum(not row.get("IsDeleted") for row in call.org.tables[name].values())
        for name in names
    }
    shown = [{"count": count, "name": name} for name, count in sorted(counts.items()) if count]
    return Reply({"sObjects": shown})


def updated(call: Call) -> Reply:
    start, end = _span(call)
    rows = call.org.tables[table_named(call)].values()
    ids = [row["Id"] for row in rows if start <= row["SystemModstamp"] < end]
    return Reply({"ids": ids, "latestDateCovered": min(end, call.org.now)})


def deleted(call: Call) -> Reply:
    start, end = _span(call)
    rows = call.org.tables[table_named(call)].values()
    found = [
        {"id": row["Id"], "deletedDate": row["SystemModstamp"]}
        for row in rows
        if row.get("IsDeleted") and start <= row["SystemModstamp"] < end
    ]
    return Reply(
        {
            "deletedRecords": found,
            "earliestDateAvailable": start,
            "latestDateCovered": min(end, call.org.now),
        }
    )


def _span(call: Call) -> tuple[str, str]:
    try:
        return tuple(written(read(call.query[name])) for name in ("start", "end"))  # type: ignore[return-value]
    except (KeyError, ValueError):
        message = "start and end must be date times"
        raise error(400, "INVALID_REPLICATION_DATE", message) from None
