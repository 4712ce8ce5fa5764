"""What people do in HubSpot's own screens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crm_loop_sandbox.hubspot.loading_sales import contact_of, lead_of
from crm_loop_sandbox.hubspot.markup import paragraphs
from crm_loop_sandbox.hubspot.moments import parse, to_ms
from crm_loop_sandbox.hubspot.neutral import ACTIVITY_KINDS, Neutral
from crm_loop_sandbox.hubspot.object_types import (
    ACTIVITIES,
    COMPANY,
    CONTACT,
    DEAL,
    LEAD,
    MEETING,
    NOTE,
    TASK,
    ObjectType,
)
from crm_loop_sandbox.hubspot.ours import find_by_key
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.rows import Row, Source
from crm_loop_sandbox.hubspot.table import Table
from crm_loop_sandbox.hubspot.writing import Hand, Join, Writer
from crm_loop_sandbox.world.leads import LeadStory
from crm_loop_sandbox.world.story import Deed

_DEFAULT_MINUTES = 30
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class _Target:
    table: Table
    row: Row

    @property
    def kind(self) -> ObjectType:
        return self.table.kind


class Screens:
    """Applies deeds with the same side effects as the API has."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._neutral = Neutral(portal)
        self._writer = Writer(portal)
        self._deeds: dict[str, Callable[[Deed, _Target, Hand], None]] = {
            "edit": self._edit,
            "reassign": self._edit,
            "close": self._close,
            "reopen": self._reopen,
            "delete": self._delete,
            "undelete": self._undelete,
            "comment": self._comment,
        }

    def act(self, deed: Deed) -> str | None:
        """The native id, or None when the record is gone."""
        hand = self._hand(deed)
        if deed.do == "create":
            return str(self._create(deed, hand).id)
        target = self._find(deed)
        if target is None or (target.row.archived is not None) is not (deed.do == "undelete"):
            return None
        self._deeds[deed.do](deed, target, hand)
        return str(target.row.id)

    def _hand(self, deed: Deed) -> Hand:
        owner = self._portal.owners.named(deed.actor_email)
        source = Source("CRM_UI", None, None) if owner is None else owner.source
        return Hand(actor="people", source=source, at=to_ms(deed.at))

    def _find(self, deed: Deed) -> _Target | None:
        if deed.key is not None:
            found = find_by_key(self._portal, deed.key)
            return None if found is None else _Target(*found)
        if deed.ref is not None and deed.ref in self._portal.refs:
            type_id, row_id = self._portal.refs[deed.ref]
            table = self._portal.tables[type_id]
            return _Target(table, table.rows[row_id])
        return self._by_id(deed)

    def _by_id(self, deed: Deed) -> _Target | None:
        if deed.id is None or not deed.id.isdecimal():
            return None
        kinds = {"deal": (DEAL,), "task": (TASK,)}.get(deed.object, ACTIVITIES)
        tables = (self._portal.table(kind) for kind in kinds)
        found = (
            _Target(table, table.rows[int(deed.id)])
            for table in tables
            if int(deed.id) in table.rows
        )
        return next(found, None)

    def _create(self, deed: Deed, hand: Hand) -> Row:
        if deed.object == "lead":
            return self._enquiry(deed, hand)
        kind = self._new_kind(deed)
        properties = self._fields(kind, deed, None)
        owner = self._portal.owners.named(deed.actor_email)
        if owner is not None and owner.active:
            properties.setdefault("hubspot_owner_id", owner.text_id)
        if kind is not DEAL:
            properties.setdefault("hs_timestamp", str(hand.at))
        joins = self._joins(kind, deed.fields)
        row = self._writer.create(kind, properties, hand, joins=joins, name=deed.ref)
        if deed.ref is not None:
            self._portal.name(self._portal.table(kind), row.id, deed.ref)
        return row

    def _enquiry(self, deed: Deed, hand: Hand) -> Row:
        """A contact; where the account has leads, one hangs on it. Its name is the contact's."""
        given = {name: value for name, value in deed.fields.items() if name != "owner"}
        owner = deed.fields["owner"]
        story = LeadStory(ref=deed.ref or "", at=deed.at, owner_ref=owner, **given)
        properties = contact_of(self._portal, story)
        contact = self._writer.create(CONTACT, properties, hand, name=f"contact of {story.ref}")
        self._portal.name(self._portal.table(CONTACT), contact.id, story.ref)
        if self._portal.tier.leads:
            primary = self._portal.link_types.primary((LEAD.id, CONTACT.id))
            join = Join(CONTACT, contact.id, frozenset({primary or 0}))
            properties = lead_of(self._portal, story)
            self._writer.create(LEAD, properties, hand, joins=[join], name=story.ref)
        return contact

    def _new_kind(self, deed: Deed) -> ObjectType:
        if deed.object == "activity":
            return ACTIVITY_KINDS[str(deed.fields.get("kind", "call"))]
        return DEAL if deed.object == "deal" else TASK

    def _fields(self, kind: ObjectType, deed: Deed, row: Row | None) -> dict[str, str]:
        if kind is DEAL:
            return self._neutral.deal(deed.fields)
        if deed.object == "task" or "due" in deed.fields:
            return self._neutral.task(deed.fields)
        start = parse((row.props if row else {}).get("hs_timestamp", "")) or to_ms(deed.at)
        minutes = _minutes(row, start)
        return self._neutral.activity(kind, deed.fields, start=start, minutes=minutes)

    def _edit(self, deed: Deed, target: _Target, hand: Hand) -> None:
        changes = self._fields(target.kind, deed, target.row)
        if changes:
            self._writer.update(target.kind, target.row, changes, hand)
        for join in self._joins(target.kind, deed.fields):
            self._writer.join(target.kind, target.row.id, join, hand)
        if deed.fields.get("deleted"):
            self._delete(deed, target, hand)

    def _close(self, deed: Deed, target: _Target, hand: Hand) -> None:
        changes = _closed(target.kind) | self._fields(target.kind, deed, target.row)
        if target.kind is DEAL:
            changes.setdefault("dealstage", self._portal.pipelines.sales.won())
        self._writer.update(target.kind, target.row, changes, hand)

    def _reopen(self, deed: Deed, target: _Target, hand: Hand) -> None:
        changes = self._fields(target.kind, deed, target.row)
        if target.kind is DEAL:
            changes.setdefault("dealstage", self._portal.pipelines.sales.first_open())
        if target.kind is TASK:
            changes.setdefault("hs_task_status", "NOT_STARTED")
        self._writer.update(target.kind, target.row, changes, hand)

    def _delete(self, deed: Deed, target: _Target, hand: Hand) -> None:
        del deed
        self._writer.archive(target.kind, target.row, hand)

    def _undelete(self, deed: Deed, target: _Target, hand: Hand) -> None:
        del deed
        self._writer.restore(target.kind, target.row, hand)

    def _comment(self, deed: Deed, target: _Target, hand: Hand) -> None:
        """A note beside the record: on the deal itself, or on the deals of an activity."""
        text = str(deed.fields.get("body") or deed.fields.get("text") or "")
        properties = {"hs_timestamp": str(hand.at), "hs_note_body": paragraphs(text)}
        deals = (
            [target.row.id]
            if target.kind is DEAL
            else self._portal.linked(target.kind, target.row.id, DEAL)
        )
        joins = [Join(DEAL, deal_id, frozenset()) for deal_id in deals]
        self._writer.create(NOTE, properties, hand, joins=joins)

    def _joins(self, kind: ObjectType, fields: Mapping[str, Any]) -> list[Join]:
        named = [fields.get(name) for name in ("deal", "deal_ref", "company", "company_ref")]
        many = [*(fields.get("contacts") or ()), *(fields.get("contact_refs") or ())]
        kinds = {one.id: one for one in (DEAL, COMPANY, CONTACT) if one is not kind}
        joins = []
        for ref in (*named, *many):
            type_id, row_id = self._portal.refs.get(str(ref), ("", 0))
            if type_id in kinds:
                joins.append(Join(kinds[type_id], row_id, frozenset()))
        return joins


def _closed(kind: ObjectType) -> dict[str, str]:
    if kind is TASK:
        return {"hs_task_status": "COMPLETED"}
    return {"hs_meeting_outcome": "COMPLETED"} if kind is MEETING else {}


def _minutes(row: Row | None, start: int) -> int:
    props = row.props if row else {}
    if (duration := props.get("hs_call_duration", "")).isdecimal():
        return int(duration) // _MINUTE_MS
    end = parse(props.get("hs_meeting_end_time", ""))
    return _DEFAULT_MINUTES if end is None else (end - start) // _MINUTE_MS
