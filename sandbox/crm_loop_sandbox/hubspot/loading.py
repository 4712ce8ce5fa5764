"""Makes the records of a new account from the world's stories."""

from collections.abc import Iterable
from datetime import timedelta
from operator import attrgetter

import orjson

from crm_loop_sandbox.hubspot import computed
from crm_loop_sandbox.hubspot.loading_activities import load_activities, load_quotas
from crm_loop_sandbox.hubspot.loading_sales import load_sales
from crm_loop_sandbox.hubspot.moments import day_start, iso, to_ms
from crm_loop_sandbox.hubspot.neutral import Neutral, day_after
from crm_loop_sandbox.hubspot.object_types import COMPANY, CONTACT, DEAL, USER
from crm_loop_sandbox.hubspot.owners import Owner
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.rows import Row, Source
from crm_loop_sandbox.world.story import DealStory, Human, Step, World

_FACE = "hubspot"
_IMPORT = Source("IMPORT", None, None)
_HOUR_MS = 3_600_000


def load(portal: Portal, world: World) -> None:
    """Fill an empty portal."""
    computed.install(portal)
    _load_people(portal, world)
    _load_companies(portal, world)
    _load_contacts(portal, world)
    _load_deals(portal, world)
    load_sales(portal, world)
    load_activities(portal, world)
    load_quotas(portal, world)


def born(world: World) -> int:
    """When everything without a date of its own was made."""
    first = [deal.steps[0].at for deal in world.deals if deal.steps]
    return to_ms(min([*first, world.start - timedelta(days=365)]))


def settled(world: World, at: int) -> int:
    """A moment of the story as a moment before the world's start."""
    start = to_ms(world.start)
    return at if at <= start else start - _HOUR_MS


def _load_people(portal: Portal, world: World) -> None:
    at = born(world)
    used: set[int] = set()
    for human in world.people:
        if _FACE in human.faces:
            portal.owners.add(_owner(portal, human, used, iso(at)))
    table = portal.table(USER)
    taken: set[int] = set()
    rows = []
    for human in world.people:
        if _FACE not in human.faces:
            continue
        row_id = portal.ids.of_world(table, human.ref, taken)
        rows.append(Row(row_id, at=at, source=_IMPORT, props=_user(portal, human)))
    table.add_all(rows)


def _owner(portal: Portal, human: Human, used: set[int], created: str) -> Owner:
    team_id = str(portal.ids.small("team", human.team))
    return Owner(
        id=_unused(portal.ids.small("owner", human.ref), used),
        user_id=_unused(portal.ids.small("user", human.ref), used),
        ref=human.ref,
        email=human.email,
        given_name=human.given_name,
        family_name=human.family_name,
        created=created,
        active=human.active,
        teams=((team_id, human.team),) if human.team else (),
    )


def _unused(number: int, used: set[int]) -> int:
    while number in used:
        number += 1
    used.add(number)
    return number


def _user(portal: Portal, human: Human) -> dict[str, str]:
    owner = portal.owners.named(human.ref)
    away = [
        {
            "startTimestamp": day_start(start, portal.zone),
            "endTimestamp": day_start(day_after(end), portal.zone),
        }
        for start, end in human.leave
    ]
    props = {
        "hs_email": human.email,
        "hs_given_name": human.given_name,
        "hs_family_name": human.family_name,
        "hs_job_title": human.role,
        "hs_standard_time_zone": human.time_zone,
        "hs_deactivated": "false" if human.active else "true",
        "hs_out_of_office_hours": orjson.dumps(away).decode() if away else "",
    }
    if owner is not None:
        props |= {"hs_internal_user_id": str(owner.user_id), "hubspot_owner_id": owner.text_id}
    return {name: value for name, value in props.items() if value}


def _load_companies(portal: Portal, world: World) -> None:
    table, taken, at = portal.table(COMPANY), set[int](), born(world)
    rows = []
    for company in world.companies:
        if _FACE not in company.faces:
            continue
        owner = portal.owners.named(company.owner_ref)
        props = {
            "name": company.name,
            "industry": company.industry or "",
            "country": company.country or "",
            "hubspot_owner_id": owner.text_id if owner else "",
        }
        row_id = portal.ids.of_world(table, company.ref, taken)
        rows.append(Row(row_id, at=at, source=_IMPORT, props=_set_only(props)))
        portal.name(table, row_id, company.ref)
    table.add_all(rows)


def _load_contacts(portal: Portal, world: World) -> None:
    """Contacts belong to the owner of their company."""
    table, taken, at = portal.table(CONTACT), set[int](), born(world)
    owners = {one.ref: portal.owners.named(one.owner_ref) for one in world.companies}
    rows = []
    for contact in world.contacts:
        if _FACE not in contact.faces:
            continue
        row_id = portal.ids.of_world(table, contact.ref, taken)
        owner = owners.get(contact.company_ref)
        props = {
            "firstname": contact.given_name,
            "lastname": contact.family_name,
            "email": contact.email,
            "hubspot_owner_id": owner.text_id if owner else "",
            "hubspot_owner_assigneddate": iso(at) if owner else "",
        }
        rows.append(Row(row_id, at=at, source=_IMPORT, props=_set_only(props)))
        portal.name(table, row_id, contact.ref)
        _join_company(portal, (CONTACT.id, COMPANY.id), row_id, contact.company_ref)
    table.add_all(rows)


def _set_only(props: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in props.items() if value}


def _join_company(portal: Portal, pair: tuple[str, str], row_id: int, ref: str | None) -> None:
    known = portal.refs.get(ref or "")
    if known is None:
        return
    portal.links.join(pair, row_id, known[1])
    primary = portal.link_types.primary(pair)
    if primary is not None:
        portal.links.label(pair, (row_id, known[1]), frozenset({primary}))


def _load_deals(portal: Portal, world: World) -> None:
    table, taken = portal.table(DEAL), set[int]()
    neutral = Neutral(portal)
    sources = {human.ref: _source(portal, human) for human in world.people}
    rows = []
    for story in world.deals:
        if _FACE not in story.faces or not story.steps:
            continue
        row = _deal(neutral, world, story, sources)
        row.id = portal.ids.of_world(table, story.ref, taken)
        portal.name(table, row.id, story.ref)
        _join_deal(portal, row.id, story.steps)
        rows.append(row)
    table.add_all(rows)


def _source(portal: Portal, human: Human) -> Source:
    owner = portal.owners.named(human.ref)
    return _IMPORT if owner is None else owner.source


def _deal(neutral: Neutral, world: World, story: DealStory, sources: dict[str, Source]) -> Row:
    first, *later = sorted(story.steps, key=attrgetter("at"))
    at = to_ms(first.at)
    props = {"pipeline": "default", **_set_only(_native(neutral, first))}
    row = Row(0, at=at, source=sources.get(first.actor_ref or "", _IMPORT), props=props)
    _archive(world, row, first)
    for step in later:
        changes = _native(neutral, step)
        if changes:
            source = sources.get(step.actor_ref or "", _IMPORT)
            row.revise(changes, at=to_ms(step.at), source=source)
        _archive(world, row, step)
    row.updated = settled(world, row.updated)
    if row.updated < at:
        row.created, row.props["createdate"] = row.updated, iso(at)
    return row


def _native(neutral: Neutral, step: Step) -> dict[str, str]:
    """What a save changed, and when the owner was assigned if it named one."""
    native = neutral.deal(step.fields)
    if native.get("hubspot_owner_id"):
        native["hubspot_owner_assigneddate"] = iso(to_ms(step.at))
    return native


def _archive(world: World, row: Row, step: Step) -> None:
    deleted = step.fields.get("deleted")
    if deleted is not None:
        row.archived = settled(world, to_ms(step.at)) if deleted else None


def _join_deal(portal: Portal, row_id: int, steps: Iterable[Step]) -> None:
    """The company and the contacts that were set last."""
    last: dict[str, object] = {}
    for step in steps:
        last |= step.fields
    company, contacts = last.get("company"), last.get("contacts")
    _join_company(
        portal, (DEAL.id, COMPANY.id), row_id, company if isinstance(company, str) else None
    )
    for ref in contacts if isinstance(contacts, list | tuple) else ():
        if ref in portal.refs:
            portal.links.join((DEAL.id, CONTACT.id), row_id, portal.refs[ref][1])
