"""Rows of our own objects, written by their key; doing it twice does no harm."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crm_loop.connector.contract import Outcome, Result
from crm_loop.errors import CrmLoopError, NeedsAttention, Refused
from crm_loop_salesforce import soql
from crm_loop_salesforce.batches import pieces
from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.errors import Unanswered, complaints, row_result
from crm_loop_salesforce.translate.activities import KEY_FIELD
from crm_loop_salesforce.translate.names import Table
from crm_loop_salesforce.translate.values import Row
from crm_loop_salesforce.transport import Api

ROWS = 200
#: Keys of one query; longer addresses are refused.
KEYS = 100
COLLECTIONS = "composite/sobjects"

Outcomes = dict[str, Outcome]


class Upserts:
    """Writes and finds rows of one org by our key."""

    def __init__(self, api: Api, org: Org) -> None:
        self._api = api
        self._org = org

    def by_key(self, table: Table, keys: Iterable[str], *, deleted: bool = False) -> dict[str, Row]:
        """What stands in the org already; with `deleted` what is in its bin too."""
        found: dict[str, Row] = {}
        fields = self._org.readable(table.name, table.fields)
        for part in pieces(sorted(set(keys)), KEYS):
            where = soql.one_of(KEY_FIELD, map(soql.text, part))
            query = soql.select(fields, table.name, where=where)
            rows = list(self._api.rows("queryAll" if deleted else "query", query))
            # A key may stand in the bin and outside of it: what lives comes last.
            rows.sort(key=lambda row: not row.get("IsDeleted"))
            found |= {str(row[KEY_FIELD]): row for row in rows}
        return found

    def where(
        self, table: str, fields: Sequence[str], field: str, ids: Iterable[str], also: str = ""
    ) -> list[Row]:
        """Rows whose lookup is one of these ids."""
        found: list[Row] = []
        for part in pieces(sorted(set(ids)), KEYS):
            condition = soql.both(soql.one_of(field, map(soql.record_id, part)), also)
            found += self._api.rows("query", soql.select(fields, table, where=condition))
        return found

    def write(self, table: Table, rows: Sequence[Row]) -> Outcomes:
        """Upsert rows by their key; one outcome each."""
        distinct = list({str(row[KEY_FIELD]): row for row in rows}.values())
        path = f"{COLLECTIONS}/{table.name}/{KEY_FIELD}"
        found: Outcomes = {}
        for part in pieces(distinct, ROWS):
            found |= self._send("PATCH", path, part, [str(row[KEY_FIELD]) for row in part])
        return found

    def create(self, rows: Sequence[Row]) -> list[Outcome]:
        """Make rows without a key of ours; one outcome each, named by its place."""
        found: list[Outcome] = []
        for part in pieces(rows, ROWS):
            names = [str(len(found) + number) for number in range(len(part))]
            found += self._send("POST", COLLECTIONS, part, names).values()
        return found

    def change(self, rows: Sequence[Row]) -> None:
        """Change rows by their id; raises when one was refused."""
        for part in pieces(rows, ROWS):
            names = [str(number) for number in range(len(part))]
            for outcome in self._send("PATCH", COLLECTIONS, part, names).values():
                if outcome.result is not Result.DONE:
                    raise Refused(
                        f"Salesforce refused a row: {outcome.text}", code="salesforce.row"
                    )

    def delete(self, ids: Sequence[str]) -> Outcomes:
        """Take rows away; one outcome each, named by its id."""
        found: Outcomes = {}
        for part in pieces(ids, ROWS):
            params = {"ids": ",".join(part), "allOrNone": "false"}
            found |= self._asked("DELETE", COLLECTIONS, part, params=params)
        return found

    def _send(self, method: str, path: str, rows: Sequence[Row], keys: Sequence[str]) -> Outcomes:
        body = {"allOrNone": False, "records": list(rows)}
        return self._asked(method, path, keys, json=body)

    def _asked(self, method: str, path: str, keys: Sequence[str], **request: Any) -> Outcomes:
        try:
            answer = self._api.once(method, path, writing=True, **request)
        except Unanswered as error:
            return {key: _failed(key, Result.UNKNOWN, error) for key in keys}
        except (Refused, NeedsAttention) as error:
            return {key: _failed(key, Result.REFUSED, error) for key in keys}
        if not isinstance(answer, list) or len(answer) != len(keys):
            return {key: Outcome(key=key, result=Result.UNKNOWN) for key in keys}
        return {key: _outcome(key, row) for key, row in zip(keys, answer, strict=True)}


def _failed(key: str, result: Result, error: CrmLoopError) -> Outcome:
    return Outcome(key=key, result=result, code=error.code, text=error.happened)


def _outcome(key: str, row: Any) -> Outcome:
    if not isinstance(row, Mapping):
        return Outcome(key=key, result=Result.UNKNOWN)
    if row.get("success"):
        return Outcome(key=key, result=Result.DONE, crm_id=row.get("id"))
    found = complaints(row.get("errors") or [])
    result = row_result(found, creating=True)
    # Somebody else wrote the same key at the same moment: the next time changes that row.
    result = Result.NOT_SENT if result is Result.ALREADY_THERE else result
    text = " ".join(one.text for one in found) or None
    return Outcome(key=key, result=result, code=found[0].code if found else None, text=text)
