"""Subjects that are small enough to be read whole every time: owners, stages, goals."""

from collections.abc import Iterator

from crm_loop.connector.contract import Batch, Cursor
from crm_loop.records import Person, Stage
from crm_loop_hubspot.listing import PAGE, listed, pages, results
from crm_loop_hubspot.translate import people as translate
from crm_loop_hubspot.translate.kinds import GOALS, Linked, Reading
from crm_loop_hubspot.transport import Api

#: There is no place to go on from: the next pull reads everything again.
_CURSOR: Cursor = {"read": "whole"}


def people(api: Api, reading: Reading) -> Iterator[Batch]:
    """Live and archived owners: reps who left still stand on deals."""
    found: dict[str, Person] = {}
    for archived in ("true", "false"):
        query = [("limit", str(PAGE)), ("archived", archived)]
        for owners, _ in pages(api, api.paths.owners, query, None):
            people = [translate.person(row, reading) for row in owners if translate.is_person(row)]
            found |= {person.id: person for person in people}
    rows = [found[person_id] for person_id in sorted(found)]
    yield Batch(rows=rows, cursor=_CURSOR, complete=True)


def stages_of(api: Api) -> list[Stage]:
    pipelines = results(api.get(api.paths.deal_pipelines))
    return [stage for pipeline in pipelines for stage in translate.stages(pipeline)]


def stages(api: Api, _reading: Reading) -> Iterator[Batch]:
    yield Batch(rows=stages_of(api), cursor=_CURSOR, complete=True)


def quotas(api: Api, reading: Reading) -> Iterator[Batch]:
    found = (
        translate.quota(Linked(row), reading) for rows, _ in listed(api, GOALS) for row in rows
    )
    rows = [quota for quota in found if quota is not None]
    yield Batch(rows=rows, cursor=_CURSOR, complete=True)
