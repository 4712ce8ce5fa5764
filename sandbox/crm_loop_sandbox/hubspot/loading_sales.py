"""Makes leads, quotes and shared credit from the world's stories."""

from datetime import datetime

from crm_loop_sandbox.hubspot.moments import day_of, iso, to_ms
from crm_loop_sandbox.hubspot.object_types import COMPANY, CONTACT, DEAL, DEAL_SPLIT, LEAD, QUOTE
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.rows import Row, Source
from crm_loop_sandbox.world.leads import LeadStory, leads_of
from crm_loop_sandbox.world.recipe import chance
from crm_loop_sandbox.world.story import DealStory, Human, World

_FACE = "hubspot"
#: A deal that got at least this likely has been quoted.
_QUOTED_FROM = 0.6
_MONTH_MS = 30 * 86_400_000
#: One deal of so many is sold together with a colleague, who gets this part of the credit.
_SHARED_OF, _COLLEAGUES_PART = 12, "0.3"
_LEAD_STAGES = {"open": "new", "working": "attempting", "lost": "unqualified"}
_LEAD_STATUSES = {"open": "NEW", "working": "IN_PROGRESS", "lost": "UNQUALIFIED"}


def load_sales(portal: Portal, world: World) -> None:
    """After people, companies, contacts and deals."""
    _load_leads(portal, world)
    _load_quotes(portal, world)
    if portal.tier.deal_splits:
        _load_splits(portal, world)


def _source(portal: Portal, ref: str | None) -> Source:
    owner = portal.owners.named(ref)
    return Source("IMPORT", None, None) if owner is None else owner.source


def _load_leads(portal: Portal, world: World) -> None:
    """Each is a contact; where the account has leads, a lead hangs on it."""
    contacts, leads = portal.table(CONTACT), portal.table(LEAD)
    people: list[Row] = []
    rows: list[Row] = []
    taken, used = set(contacts.rows), set[int]()
    for story in leads_of(world, _FACE):
        at, source = to_ms(story.at), _source(portal, story.owner_ref)
        contact_id = portal.ids.of_world(contacts, f"contact of {story.ref}", taken)
        people.append(Row(contact_id, at=at, source=source, props=contact_of(portal, story)))
        if not portal.tier.leads:
            portal.name(contacts, contact_id, story.ref)
            continue
        lead_id = portal.ids.of_world(leads, story.ref, used)
        rows.append(Row(lead_id, at=at, source=source, props=lead_of(portal, story)))
        portal.name(leads, lead_id, story.ref)
        pair = (LEAD.id, CONTACT.id)
        portal.links.join(pair, lead_id, contact_id)
        primary = portal.link_types.primary(pair)
        portal.links.label(pair, (lead_id, contact_id), frozenset({primary or 0}))
    contacts.add_all(people)
    leads.add_all(rows)


def _owned(portal: Portal, story: LeadStory) -> dict[str, str]:
    owner = portal.owners.named(story.owner_ref)
    if owner is None:
        return {}
    at = iso(to_ms(story.at))
    return {"hubspot_owner_id": owner.text_id, "hubspot_owner_assigneddate": at}


def contact_of(portal: Portal, story: LeadStory) -> dict[str, str]:
    return {
        "firstname": story.given_name,
        "lastname": story.family_name,
        "email": story.email,
        "company": story.company,
        "lifecyclestage": "lead",
        "hs_lead_status": _LEAD_STATUSES[story.status],
        **_owned(portal, story),
    }


def lead_of(portal: Portal, story: LeadStory) -> dict[str, str]:
    return {
        "hs_lead_name": f"{story.company} {story.family_name}",
        "hs_lead_type": "NEW_BUSINESS",
        "hs_pipeline": "lead-pipeline-id",
        "hs_pipeline_stage": f"{_LEAD_STAGES[story.status]}-stage-id",
        "hs_lead_source": story.source,
        "hs_associated_company_name": story.company,
        **_owned(portal, story),
    }


def _load_quotes(portal: Portal, world: World) -> None:
    table, taken = portal.table(QUOTE), set[int]()
    likely = {
        number for number, stage in enumerate(world.stages) if _QUOTED_FROM <= stage.probability < 1
    }
    rows = []
    for story in world.deals:
        step = next((one for one in story.steps if one.fields.get("stage") in likely), None)
        known = portal.refs.get(story.ref)
        if step is None or known is None or _FACE not in story.faces:
            continue
        deal = portal.table(DEAL).rows[known[1]]
        row_id = portal.ids.of_world(table, f"quote:{story.ref}", taken)
        source = _source(portal, step.actor_ref)
        made = Row(row_id, at=to_ms(step.at), source=source, props=_quote(portal, deal, step.at))
        made.archived = deal.archived
        rows.append(made)
        _join(portal, row_id, deal)
    table.add_all(rows)


def _quote(portal: Portal, deal: Row, at: datetime) -> dict[str, str]:
    until = to_ms(at) + _MONTH_MS
    props = {
        "hs_title": f"{deal.props.get('dealname', '')} 1",
        # Sent to the customer without anybody's approval, as in most small accounts.
        "hs_status": "APPROVAL_NOT_NEEDED",
        "hs_quote_amount": deal.props.get("amount", ""),
        "hs_currency": deal.props.get("deal_currency_code", "") or portal.currency,
        "hs_expiration_date": day_of(until, portal.zone).isoformat(),
    }
    return {name: value for name, value in props.items() if value}


def _join(portal: Portal, row_id: int, deal: Row) -> None:
    portal.links.join((QUOTE.id, DEAL.id), row_id, deal.id)
    for company in portal.linked(DEAL, deal.id, COMPANY):
        portal.links.join((QUOTE.id, COMPANY.id), row_id, company)


def _load_splits(portal: Portal, world: World) -> None:
    table, taken = portal.table(DEAL_SPLIT), set[int]()
    people = {human.ref: human for human in world.people}
    rows = []
    for story in world.deals:
        known = portal.refs.get(story.ref)
        shared = chance(world.seed, "split", story.ref).randrange(_SHARED_OF) == 0
        if known is None or not shared or _FACE not in story.faces:
            continue
        owner, mate = _pair(story, people)
        if owner is None or mate is None:
            continue
        whole = portal.table(DEAL).rows[known[1]]
        for ref, part in ((owner, "0.7"), (mate, _COLLEAGUES_PART)):
            row_id = portal.ids.of_world(table, f"split:{story.ref}:{ref}", taken)
            found = portal.owners.named(ref)
            props = {
                "hubspot_owner_id": found.text_id if found else "",
                "hs_deal_split_percentage": part,
            }
            row = Row(row_id, at=whole.created, source=_source(portal, owner), props=props)
            row.archived = whole.archived
            rows.append(row)
            portal.links.join((DEAL.id, DEAL_SPLIT.id), whole.id, row_id)
    table.add_all(rows)


def _pair(story: DealStory, people: dict[str, Human]) -> tuple[str | None, str | None]:
    """Who owns the deal last, and the first colleague of the same team who sells."""
    owner: str | None = None
    for step in story.steps:
        owner = step.fields.get("owner", owner)
    human = people.get(owner or "")
    if human is None:
        return None, None
    mates = (
        one.ref
        for one in people.values()
        if one.team == human.team
        and one.role == "AE"
        and one.ref != human.ref
        and one.active
        and _FACE in one.faces
    )
    return human.ref, next(mates, None)
