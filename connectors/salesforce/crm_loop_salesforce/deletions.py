"""What is gone: Salesforce's own list of deletions, and now and then a look at every id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from crm_loop_salesforce import soql
from crm_loop_salesforce.batches import pieces
from crm_loop_salesforce.describe import ASKED_AT_ONCE, Org
from crm_loop_salesforce.translate import values
from crm_loop_salesforce.transport import Api, Json

#: Salesforce keeps its list for so long; a little is left for the clocks.
KEPT = timedelta(days=15) - timedelta(hours=1)
#: The list is asked for objects that were read up to so much earlier than the first one.
TOGETHER = timedelta(hours=12)
#: A list that ends a little earlier will do: the next one overlaps by more than that.
RECENT = timedelta(minutes=2)
#: Start and end are cut to the minute and must differ.
SHORTEST = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Deleted:
    """Ids deleted in between; not `whole` when the list no longer reaches back so far."""

    start: datetime
    end: datetime
    ids: Sequence[str]
    whole: bool


class Deletions:
    """The lists of deleted records of one org; all objects are asked for in one call."""

    def __init__(self, api: Api, org: Org, tables: Sequence[str]) -> None:
        self._api = api
        self._org = org
        self._tables = tables
        self._known: dict[str, Deleted] = {}

    def since(self, table: str, since: datetime, until: datetime) -> Deleted:
        """What was deleted; `whole` is False too where Salesforce keeps no such list for us."""
        if until - since > KEPT:
            return Deleted(since, until, (), whole=False)
        known = self._known.get(table)
        if known is None or known.start > since or known.end < until - RECENT:
            self._ask(since - TOGETHER, until)
            known = self._known.get(table)
        return known or Deleted(since, until, (), whole=True)

    def _ask(self, start: datetime, until: datetime) -> None:
        start = max(start, until - KEPT)
        span = urlencode({"start": _minute(start), "end": _minute(max(until, start + SHORTEST))})
        tables = [one for one in self._tables if self._org.keeps_deletions(one)]
        for part in pieces(tables, ASKED_AT_ONCE):
            answers = self._api.together([f"sobjects/{one}/deleted/?{span}" for one in part])
            for table, answer in zip(part, answers, strict=True):
                if answer is not None:
                    self._known[table] = _read(answer, start, until)


def _minute(at: datetime) -> str:
    return at.replace(second=0, microsecond=0).isoformat()


def _read(answer: Json, start: datetime, end: datetime) -> Deleted:
    earliest = answer.get("earliestDateAvailable")
    reaches = earliest is None or values.moment(str(earliest)) <= start
    rows: Sequence[Any] = answer.get("deletedRecords") or ()
    return Deleted(start, end, [str(row["id"]) for row in rows], whole=reaches)


def ids_query(table: str, where: str) -> str:
    """A query for the ids of what is neither deleted nor purged, archived records included."""
    return soql.select(["Id"], table, where=soql.both(where, "IsDeleted = false"))
