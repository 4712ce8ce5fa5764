"""Put our tasks into the org: created once by key, re-worded, taken away."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crm_loop.connector.contract import Change, Found, Op, Outcome, Result, Sought
from crm_loop.errors import CrmLoopError, Refused
from crm_loop_salesforce import soql
from crm_loop_salesforce.batches import pieces
from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.errors import Unanswered, complaints, row_result
from crm_loop_salesforce.look_up import look_up
from crm_loop_salesforce.translate import tasks
from crm_loop_salesforce.transport import Api

#: Rows of one Collections call.
ROWS = 200
#: Rows that are locked by somebody else's save are tried again, this often in all.
LOCKED_TRIES = 3
COLLECTIONS = "composite/sobjects"
_METHODS = {Op.CREATE: "POST", Op.UPDATE: "PATCH", Op.CLOSE: "PATCH", Op.DELETE: "DELETE"}


class Writer:
    """One run of writes. After a failure that is not one row's own, nothing more is sent."""

    def __init__(self, api: Api, org: Org) -> None:
        self._api = api
        self._org = org
        self._stopped: CrmLoopError | None = None

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome each, in order; raises what stopped us when nothing was sent before."""
        settled: dict[tuple[Op, str], Outcome] = {}
        for op in Op:
            # Two rows with one key in one call would both fail.
            distinct = {change.key: change for change in changes if change.op is op}
            outcomes = self._apply(op, list(distinct.values()))
            settled |= {(op, outcome.key): outcome for outcome in outcomes}
        if self._stopped and all(one.result is Result.NOT_SENT for one in settled.values()):
            raise self._stopped
        return [settled[change.op, change.key] for change in changes]

    def _apply(self, op: Op, changes: Sequence[Change]) -> list[Outcome]:
        named = [change for change in changes if op is Op.CREATE or soql.is_id(change.crm_id)]
        # Rows of one deal lock each other unless they travel together.
        named.sort(key=lambda change: change.fields.deal_id or "")
        known = {change.key for change in named}
        outcomes = [_nameless(change) for change in changes if change.key not in known]
        for part in pieces(named, ROWS):
            outcomes += self._together(op, part)
        return outcomes

    def _together(self, op: Op, changes: Sequence[Change]) -> list[Outcome]:
        """One Collections call, and some more for rows that were only locked."""
        outcomes: dict[str, Outcome] = {}
        left = list(changes)

        def done() -> bool:
            nonlocal left
            outcomes.update((outcome.key, outcome) for outcome in self._once(op, left))
            left = [one for one in left if outcomes[one.key].result is Result.NOT_SENT]
            return not left or self._stopped is not None

        self._api.until(done, times=LOCKED_TRIES)
        return self._with_holders(list(outcomes.values()))

    def _once(self, op: Op, changes: Sequence[Change]) -> list[Outcome]:
        """Send one call; whatever is asked of the org before was not a write yet."""
        try:
            if self._stopped is not None:
                raise self._stopped
            request = self._request(op, changes)
        except CrmLoopError as error:
            self._stopped = error
            return [_failed(change.key, Result.NOT_SENT, error) for change in changes]
        try:
            answer = self._api.once(_METHODS[op], COLLECTIONS, writing=True, **request)
        except CrmLoopError as error:
            outcomes = self._all_failed(changes, error)
        else:
            outcomes = _outcomes(changes, answer)
        return [replace(one, request_id=self._api.request_id) for one in outcomes]

    def _all_failed(self, changes: Sequence[Change], error: CrmLoopError) -> list[Outcome]:
        if isinstance(error, Refused):
            return [_failed(change.key, Result.REFUSED, error) for change in changes]
        self._stopped = error
        lost = isinstance(error, Unanswered)
        result = Result.UNKNOWN if lost else Result.NOT_SENT
        return [_failed(change.key, result, error) for change in changes]

    def _request(self, op: Op, changes: Sequence[Change]) -> Mapping[str, Any]:
        if op is Op.DELETE:
            ids = ",".join(str(change.crm_id) for change in changes)
            return {"params": {"ids": ids, "allOrNone": "false"}}
        closing = op is Op.CLOSE
        status = self._org.closed_status() if closing else self._org.default_status()
        form = tasks.Form(key_field=self._org.has_key_field, status=status)
        records = [tasks.row_of(change, form) for change in changes]
        return {"json": {"allOrNone": False, "records": records}}

    def _with_holders(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Ask which records hold the keys that were refused; messages are translated texts."""
        taken = [one.key for one in outcomes if one.result is Result.ALREADY_THERE]
        if not taken:
            return list(outcomes)
        try:
            found = look_up(self._api, self._org, [Sought(key=key) for key in taken])
        except CrmLoopError as error:
            held = {key: _failed(key, Result.UNKNOWN, error) for key in taken}
            return [held.get(one.key, one) for one in outcomes]
        return [
            _held(one, found.get(one.key)) if one.result is Result.ALREADY_THERE else one
            for one in outcomes
        ]


def _outcomes(changes: Sequence[Change], answer: Any) -> list[Outcome]:
    """The rows of an answer come in the order in which they were asked for."""
    if not isinstance(answer, list) or len(answer) != len(changes):
        return [Outcome(key=change.key, result=Result.UNKNOWN) for change in changes]
    return [_outcome(change, row) for change, row in zip(changes, answer, strict=True)]


def _outcome(change: Change, row: Any) -> Outcome:
    if not isinstance(row, Mapping):
        return Outcome(key=change.key, result=Result.UNKNOWN)
    if row.get("success"):
        crm_id = row.get("id") or change.crm_id
        return Outcome(key=change.key, result=Result.DONE, crm_id=crm_id)
    found = complaints(row.get("errors") or [])
    return Outcome(
        key=change.key,
        result=row_result(found, creating=change.op is Op.CREATE),
        crm_id=change.crm_id,
        code=found[0].code if found else None,
        text=" ".join(one.text for one in found) or None,
    )


def _held(outcome: Outcome, holder: Found | None) -> Outcome:
    if holder is None:
        # Something else of the org's own is unique: its rule, not our key.
        return replace(outcome, result=Result.REFUSED)
    result = Result.GONE if holder.deleted else Result.ALREADY_THERE
    return Outcome(
        key=outcome.key, result=result, crm_id=holder.crm_id, request_id=outcome.request_id
    )


def _nameless(change: Change) -> Outcome:
    text = "The change names no record of Salesforce."
    return Outcome(key=change.key, result=Result.REFUSED, code="MALFORMED_ID", text=text)


def _failed(key: str, result: Result, error: CrmLoopError) -> Outcome:
    return Outcome(key=key, result=result, code=error.code, text=error.happened)
