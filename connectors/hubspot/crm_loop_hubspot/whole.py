"""Subjects that are small enough to be read whole every time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from crm_loop.connector.contract import Batch, Cursor
from crm_loop.records import Person, Record, Split, Stage
from crm_loop_hubspot.batches import pieces
from crm_loop_hubspot.errors import MissingScope, NotFound
from crm_loop_hubspot.listing import PAGE, listed, pages, results
from crm_loop_hubspot.search import every_with_value
from crm_loop_hubspot.translate import deals, sales
from crm_loop_hubspot.translate import people as translate
from crm_loop_hubspot.translate.kinds import (
    CONTACTS,
    DEALS,
    LEADS,
    USERS,
    Reading,
    Row,
)
from crm_loop_hubspot.transport import Api

#: There is no place to go on from: the next pull reads everything again.
_CURSOR: Cursor = {"read": "whole"}


@dataclass(frozen=True, slots=True)
class Roster:
    """Owners, and users and names of teams by user id, all as HubSpot shows them."""

    owners: Sequence[Row]
    users: Mapping[str, Row]
    teams: Mapping[str, str]


def roster(api: Api) -> Roster:
    owners = owners_of(api)
    teams = {} if any(row.get("teams") for row in owners) else _teams(api)
    return Roster(owners, _users(api), teams)


def people(known: Roster, reading: Reading) -> Iterator[Batch]:
    """Live and archived owners: reps who left still stand on deals."""
    found: dict[str, Person] = {}
    for row in known.owners:
        if translate.is_person(row):
            person = translate.person(row, reading, translate.Known(known.users, known.teams))
            found[person.id] = person
    yield _all([found[person_id] for person_id in sorted(found)])


def owners_of(api: Api) -> list[Row]:
    """Archived ones first, so that whoever came back is among the live."""
    rows: list[Row] = []
    for archived in ("true", "false"):
        query = [("limit", str(PAGE)), ("archived", archived)]
        rows += [row for owners, _ in pages(api, api.paths.owners, query, None) for row in owners]
    return rows


def _users(api: Api) -> dict[str, Row]:
    """Users by the id that owners know them by; none where they are hidden from us."""
    try:
        rows = [row for users, _ in listed(api, USERS) for row in users]
    except (MissingScope, NotFound):
        return {}
    return translate.users_by_id(rows)


def _teams(api: Api) -> dict[str, str]:
    """Names of teams by user, for portals whose owners do not tell."""
    try:
        answer = api.get(api.paths.teams)
    except (MissingScope, NotFound):
        return {}
    return translate.teams_by_user(results(answer))


def stages_of(api: Api) -> list[Stage]:
    pipelines = results(api.get(api.paths.deal_pipelines))
    return [stage for pipeline in pipelines for stage in translate.stages(pipeline)]


def stages(found: Sequence[Stage]) -> Iterator[Batch]:
    yield _all(found)


def rates(api: Api, reading: Reading) -> Iterator[Batch]:
    found = [row for rows, _ in pages(api, api.paths.exchange_rates, [], None) for row in rows]
    yield _all(list(sales.rates(found, reading)))


def splits(api: Api, _reading: Reading) -> Iterator[Batch]:
    """The splits of every deal that has some; their making does not change the deal."""
    found: list[Split] = []
    for ids in every_with_value(api, DEALS, "hs_is_deal_split", "true"):
        asked = [partial(_splits_of, api, piece) for piece in pieces(ids, PAGE)]
        found += [
            split for rows in api.together(asked) for row in rows for split in deals.splits(row)
        ]
    yield _all(found)


def _splits_of(api: Api, ids: Sequence[str]) -> list[Row]:
    return results(api.ask(api.paths.splits, {"inputs": [{"id": one} for one in ids]}))


def absences(known: Roster, reading: Reading) -> Iterator[Batch]:
    """Whole days that users show as out of office."""
    living = [owner for owner in known.owners if not owner.get("archived")]
    yield _all([one for owner in living for one in translate.absences(owner, known.users, reading)])


def leads_from(api: Api) -> str:
    """The object that leads are kept in: contacts where the leads object is absent or empty."""
    try:
        answer = api.get(api.paths.objects(LEADS.name), [("limit", "1")])
    except (MissingScope, NotFound):
        return CONTACTS.name
    return LEADS.name if results(answer) else CONTACTS.name


def _all(rows: Sequence[Record]) -> Batch:
    return Batch(rows=rows, cursor=_CURSOR, complete=True)
