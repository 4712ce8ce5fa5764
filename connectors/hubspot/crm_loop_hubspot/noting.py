"""A rep's figures, kept in a property of the memo beside which our page draws them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from crm_loop.connector.contract import Outcome, Result
from crm_loop.connector.publishing import Figure
from crm_loop.errors import CrmLoopError, Refused
from crm_loop_hubspot.batches import pieces
from crm_loop_hubspot.errors import MissingScope, NotFound
from crm_loop_hubspot.listing import PAGE, by_id
from crm_loop_hubspot.translate.kinds import PAYLOAD, TASKS
from crm_loop_hubspot.transport import Api

_NOTED = replace(TASKS, properties=(PAYLOAD,), history=(), links=())


def has_payload(api: Api) -> bool:
    """Whether tasks of this portal have the property."""
    try:
        api.get(api.paths.properties(TASKS.name, PAYLOAD))
    except (NotFound, MissingScope):
        return False
    return True


def note(api: Api, wanted: Mapping[str, Sequence[Figure]]) -> list[Outcome]:
    """Keep figures with the memos of these ids; one outcome for each that had others.

    A memo that is gone, or that HubSpot refuses to change, keeps nobody else's figures out.
    """
    texts = {id_: payload_of(figures) for id_, figures in wanted.items()}
    standing = {str(row["id"]): row.get("properties") or {} for row in by_id(api, _NOTED, [*texts])}
    changed = [
        id_
        for id_, text in texts.items()
        if id_ in standing and (standing[id_].get(PAYLOAD) or "") != text
    ]
    return [
        outcome
        for piece in pieces(changed, PAGE)
        for outcome in _written(api, {id_: texts[id_] for id_ in piece})
    ]


def payload_of(figures: Sequence[Figure]) -> str:
    """The figures as our page reads them; empty where there are none."""
    if not figures:
        return ""
    kpis = [
        {
            "code": one.kpi,
            "label": one.label,
            "unit": one.unit,
            "currency": one.currency,
            "way": "up" if one.higher_is_better else "down",
            "actual": _number(one.actual),
            "target": _number(one.target),
        }
        for one in figures
    ]
    told = {"as_of": max(one.as_of for one in figures).isoformat(), "kpis": kpis}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _number(value: Decimal | None) -> float | int | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _written(api: Api, texts: Mapping[str, str]) -> list[Outcome]:
    inputs: list[dict[str, Any]] = [
        {"id": id_, "properties": {PAYLOAD: text}} for id_, text in texts.items()
    ]
    try:
        api.write("POST", f"{api.paths.objects(TASKS.name)}/batch/update", {"inputs": inputs})
    except Refused as refused:
        if len(texts) > 1:
            # One bad row can spoil a batch, of which nothing is applied then.
            return [one for id_, text in texts.items() for one in _written(api, {id_: text})]
        result = Result.GONE if isinstance(refused, NotFound) else Result.REFUSED
        return [_outcome(id_, result, refused) for id_ in texts]
    return [_outcome(id_, Result.DONE) for id_ in texts]


def _outcome(id_: str, result: Result, error: CrmLoopError | None = None) -> Outcome:
    code = error.code if error else None
    return Outcome(key=id_, result=result, crm_id=id_, code=code)
