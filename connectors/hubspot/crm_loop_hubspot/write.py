"""Put our tasks into the portal: each write is sent once, and doubt is said openly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from crm_loop.connector.contract import Change, Found, Op, Outcome, Result, Sought
from crm_loop.errors import CrmLoopError, NeedsAttention, Refused
from crm_loop_hubspot.batches import pieces
from crm_loop_hubspot.errors import Ambiguous, Clash, NotFound, row_error
from crm_loop_hubspot.listing import PAGE, results
from crm_loop_hubspot.look_up import look_up
from crm_loop_hubspot.portal import KeyPlace
from crm_loop_hubspot.translate.kinds import TASKS
from crm_loop_hubspot.translate.tasks import CLOSED, body_properties, due_at, key_of, new_task
from crm_loop_hubspot.transport import Api, Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How tasks are written in this portal; `due_hour` is local time."""

    place: KeyPlace
    zone: ZoneInfo
    due_hour: int

    @property
    def key_field(self) -> bool:
        return self.place is not KeyPlace.BODY


class Writer:
    """One run of writes. After a failure that is not one record's own, nothing more is sent."""

    def __init__(self, api: Api, terms: Terms) -> None:
        self._api = api
        self._terms = terms
        self._tasks = api.paths.objects(TASKS.name)
        self._stopped: CrmLoopError | None = None

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """One outcome each, in order; raises what stopped us when nothing was sent before."""
        creates = [change for change in changes if change.op is Op.CREATE]
        outcomes = {
            outcome.key: outcome
            for piece in pieces(creates, PAGE)
            for outcome in self._create(piece)
        }
        for change in changes:
            if change.op is not Op.CREATE:
                outcomes[change.key] = self._alter(change)
        if self._stopped and all(one.result is Result.NOT_SENT for one in outcomes.values()):
            raise self._stopped
        return [outcomes[change.key] for change in changes]

    def _create(self, changes: Sequence[Change]) -> list[Outcome]:
        if self._stopped is not None:
            return [_not_sent(change.key, self._stopped) for change in changes]
        try:
            answer = self._api.write("POST", f"{self._tasks}/batch/create", self._inputs(changes))
            refused = _refusals(answer)
            outcomes = _outcomes(changes, answer, refused)
            rules = (one for one in refused.values() if isinstance(one, NeedsAttention))
            self._stopped = next(rules, None)
        except Refused as error:
            if len(changes) > 1:
                # One bad row can spoil a batch, of which nothing is applied then.
                return [one for change in changes for one in self._create([change])]
            outcomes = [_failed(changes[0].key, error)]
        except CrmLoopError as error:
            self._stopped = error
            return self._told([_failed(change.key, error) for change in changes])
        return self._with_ids(self._told(outcomes))

    def _told(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """With HubSpot's name of the call that they are about."""
        return [replace(one, request_id=self._api.request_id) for one in outcomes]

    def _inputs(self, changes: Sequence[Change]) -> Json:
        terms = self._terms
        return {
            "inputs": [
                new_task(
                    change.key,
                    change.fields,
                    due_at(change.fields, terms.zone, hour=terms.due_hour),
                    key_field=terms.key_field,
                )
                for change in changes
            ]
        }

    def _with_ids(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Read back which record has the key that HubSpot would not take twice."""
        clashes = [one.key for one in outcomes if one.result is Result.ALREADY_THERE]
        if not clashes:
            return list(outcomes)
        try:
            sought = [Sought(key=key) for key in clashes]
            found = look_up(self._api, sought, self._terms.place, self._terms.zone)
        except CrmLoopError:
            found = {}
        return [
            _held(one, found.get(one.key)) if one.result is Result.ALREADY_THERE else one
            for one in outcomes
        ]

    def _alter(self, change: Change) -> Outcome:
        if self._stopped is not None:
            return _not_sent(change.key, self._stopped)
        (outcome,) = self._told([self._altered(change)])
        return outcome

    def _altered(self, change: Change) -> Outcome:
        path = f"{self._tasks}/{change.crm_id}"
        try:
            if change.op is Op.DELETE:
                self._api.write("DELETE", path)
            else:
                self._api.write("PATCH", path, {"properties": self._body(change)})
        except NotFound:
            return Outcome(key=change.key, result=Result.GONE, crm_id=change.crm_id)
        except Refused as refused:
            return _failed(change.key, refused)
        except CrmLoopError as error:
            self._stopped = error
            return _failed(change.key, error)
        return Outcome(key=change.key, result=Result.DONE, crm_id=change.crm_id)

    def _body(self, change: Change) -> Json:
        if change.op is Op.CLOSE:
            return CLOSED
        return body_properties(change.fields.body, change.key, key_field=self._terms.key_field)


def _refusals(answer: Json) -> dict[str, CrmLoopError]:
    """Why single rows were refused, by their trace id."""
    return {
        str(key): row_error(error)
        for error in answer.get("errors") or ()
        for key in (error.get("context") or {}).get("objectWriteTraceId") or ()
    }


def _outcomes(
    changes: Sequence[Change], answer: Json, refused: Mapping[str, CrmLoopError]
) -> list[Outcome]:
    """Tell the rows of an answer apart; what it does not mention may have been applied."""
    made = {_key_of(row): str(row["id"]) for row in results(answer) if row.get("id")}
    outcomes = []
    for key in (change.key for change in changes):
        if key in made:
            outcomes.append(Outcome(key=key, result=Result.DONE, crm_id=made[key]))
        elif key in refused:
            outcomes.append(_failed(key, refused[key]))
        else:
            outcomes.append(Outcome(key=key, result=Result.UNKNOWN))
    return outcomes


def _key_of(row: Json) -> str | None:
    return row.get("objectWriteTraceId") or key_of(row.get("properties") or {})


def _held(outcome: Outcome, found: Found | None) -> Outcome:
    if found is None:
        return replace(outcome, result=Result.UNKNOWN)
    result = Result.GONE if found.deleted else Result.ALREADY_THERE
    return replace(outcome, result=result, crm_id=found.crm_id)


def _not_sent(key: str, because: CrmLoopError) -> Outcome:
    return Outcome(key=key, result=Result.NOT_SENT, code=because.code)


def _failed(key: str, error: CrmLoopError) -> Outcome:
    match error:
        case Clash():
            return Outcome(key=key, result=Result.ALREADY_THERE)
        case Refused():
            return Outcome(key=key, result=Result.REFUSED, code=error.code, text=error.happened)
        case Ambiguous():
            return Outcome(key=key, result=Result.UNKNOWN, code=error.code)
    return _not_sent(key, error)
