"""Every change of a record goes through here: checks, side effects, history, journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crm_loop_sandbox.hubspot.effects import with_effects
from crm_loop_sandbox.hubspot.errors import (
    Problem,
    already_exists,
    invalid_values,
    missing_required,
)
from crm_loop_sandbox.hubspot.keys import key_of
from crm_loop_sandbox.hubspot.object_types import ObjectType
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.rows import Row, Source
from crm_loop_sandbox.hubspot.table import Table
from crm_loop_sandbox.hubspot.values import appended, clean

_MERGED = "hs_merged_object_ids"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who writes, when (milliseconds since 1970), and in which request. `actor`: api or people."""

    actor: str
    source: Source
    at: int
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """One association to make: labelled types, or none for the plain one."""

    to_kind: ObjectType
    to_id: int
    types: frozenset[int]


class Writer:
    """The only way in which records of a portal change while the sandbox runs."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def prepare(self, kind: ObjectType, properties: Mapping[str, Any]) -> dict[str, str]:
        """Check a new record without making it."""
        table = self._portal.table(kind)
        kept = appended(table, {}, clean(self._portal, table, properties))
        missing = [name for name in kind.required if not kept.get(name)]
        if missing:
            raise missing_required(kind.label, missing)
        self._refuse_clash(table, kept, None)
        return {name: value for name, value in kept.items() if value}

    def check(self, kind: ObjectType, row: Row, properties: Mapping[str, Any]) -> dict[str, str]:
        """Check a change of a record without applying it."""
        table = self._portal.table(kind)
        kept = appended(table, row.props, clean(self._portal, table, properties))
        self._refuse_clash(table, kept, row)
        return kept

    def create(
        self,
        kind: ObjectType,
        properties: Mapping[str, Any],
        hand: Hand,
        *,
        joins: Sequence[Join] = (),
        name: str | None = None,
    ) -> Row:
        """`name` derives the id; by default the record's key does."""
        table = self._portal.table(kind)
        sent = self.prepare(kind, properties)
        kept = with_effects(self._portal, kind, None, dict(sent), at=hand.at)
        props = {key: value for key, value in kept.items() if value}
        row = Row(0, at=hand.at, source=hand.source, props=props)
        key = key_of(kind.id, row)
        row.id = self._portal.ids.of_new(table, name or key)
        table.add(row)
        self._log("create", table, row, hand, fields=sent)
        self._portal.feed.created(kind.id, row, at=hand.at, source=hand.source)
        for join in joins:
            self.join(kind, row.id, join, hand)
        return row

    def update(
        self, kind: ObjectType, row: Row, properties: Mapping[str, Any], hand: Hand
    ) -> dict[str, str]:
        """Returns every property that was touched, side effects included."""
        table = self._portal.table(kind)
        sent = self.check(kind, row, properties)
        changes = with_effects(self._portal, kind, row, dict(sent), at=hand.at)
        table.unindex(row)
        before = row.revise(changes, at=hand.at, source=hand.source)
        table.index(row)
        was = {name: before.get(name, value) for name, value in sent.items()}
        self._log("update", table, row, hand, fields=sent, before=was)
        self._portal.feed.changed(kind.id, row, before, at=hand.at, source=hand.source)
        return changes

    def archive(self, kind: ObjectType, row: Row, hand: Hand) -> None:
        table = self._portal.table(kind)
        table.shelve(row, hand.at)
        self._log("delete", table, row, hand, fields={})
        self._tell(kind, "deletion", hand, objectId=row.id)

    def restore(self, kind: ObjectType, row: Row, hand: Hand) -> None:
        table = self._portal.table(kind)
        table.restore(row)
        row.updated = max(row.updated, hand.at)
        self._log("undelete", table, row, hand, fields={})
        self._tell(kind, "restore", hand, objectId=row.id)

    def merge(self, kind: ObjectType, row: Row, gone: Row, hand: Hand) -> None:
        """`row` lives on with what it lacked; the id of `gone` leads to it from now on."""
        table, links = self._portal.table(kind), self._portal.links
        blanks = {name: value for name, value in gone.props.items() if name not in row.props}
        earlier = (row.props.get(_MERGED), gone.props.get(_MERGED), str(gone.id))
        blanks[_MERGED] = ";".join(one for one in earlier if one)
        table.forget(gone)
        table.unindex(row)
        row.revise(blanks, at=hand.at, source=Source("MERGE_OBJECTS", hand.source.id, None))
        table.index(row)
        table.merged[gone.id] = row.id
        links.move(kind.id, gone.id, row.id)
        if (ref := table.refs.pop(gone.id, None)) is not None:
            self._portal.refs[ref] = (kind.id, row.id)
        self._log("merge", table, row, hand, fields={"merged_id": str(gone.id)})
        ids = {"objectId": row.id, "primaryObjectId": row.id, "newObjectId": row.id}
        self._tell(kind, "merge", hand, **ids, mergedObjectIds=[gone.id])

    def erase(self, kind: ObjectType, row: Row, hand: Hand) -> None:
        """Delete for good, as the law on personal data asks: the id is unknown afterwards."""
        table = self._portal.table(kind)
        self._log("delete", table, row, hand, fields={"erased": True})
        self._portal.links.drop(kind.id, row.id)
        table.forget(row)
        if (ref := table.refs.pop(row.id, None)) is not None:
            self._portal.refs.pop(ref, None)
        self._tell(kind, "privacyDeletion", hand, objectId=row.id)

    def join(self, kind: ObjectType, row_id: int, join: Join, hand: Hand) -> None:
        """Make the association or replace its labels; the first company becomes the primary."""
        pair = (kind.id, join.to_kind.id)
        links = self._portal.links
        is_first = not links.targets(pair, row_id)
        links.join(pair, row_id, join.to_id)
        types = join.types
        primary = self._portal.link_types.primary(pair)
        if is_first and primary is not None:
            types |= {primary}
        if types:
            links.label(pair, (row_id, join.to_id), types)
        self._log_join(kind, row_id, join, hand, more={"types": sorted(types)})
        self._tell_join(kind, row_id, join, hand, removed=False)

    def part(self, kind: ObjectType, row_id: int, join: Join, hand: Hand) -> None:
        if self._portal.links.part((kind.id, join.to_kind.id), row_id, join.to_id):
            self._log_join(kind, row_id, join, hand, more={"removed": True})
            self._tell_join(kind, row_id, join, hand, removed=True)

    def _tell(self, kind: ObjectType, happening: str, hand: Hand, **more: Any) -> None:
        self._portal.feed.happened(kind.id, happening, more, at=hand.at, source=hand.source)

    def _tell_join(
        self, kind: ObjectType, row_id: int, join: Join, hand: Hand, *, removed: bool
    ) -> None:
        """Both records are told of it, each in its own direction."""
        ends = ((kind, row_id, join.to_kind, join.to_id), (join.to_kind, join.to_id, kind, row_id))
        for from_kind, from_id, to_kind, to_id in ends:
            self._tell(
                from_kind,
                "associationChange",
                hand,
                associationType=f"{from_kind.label}_TO_{to_kind.label}",
                fromObjectId=from_id,
                toObjectId=to_id,
                associationRemoved=removed,
                isPrimaryAssociation=False,
            )

    def _refuse_clash(self, table: Table, kept: Mapping[str, str], row: Row | None) -> None:
        problems = []
        for name in sorted(table.unique_names & kept.keys()):
            holder = table.holder(name, kept[name])
            if not kept[name] or holder is None or holder is row:
                continue
            if name == "email":
                raise already_exists(table.kind.singular, holder.id)
            text = f"{table.kind.id} with id {holder.id} already has that value."
            more = {"propertyValue": kept[name], "existingObjectId": holder.id}
            problems.append(Problem(name, "CONFLICTING_UNIQUE_VALUE", text, more))
        if problems:
            raise invalid_values(problems)

    def _log(
        self,
        op: str,
        table: Table,
        row: Row,
        hand: Hand,
        *,
        fields: Mapping[str, Any],
        before: Mapping[str, Any] | None = None,
    ) -> None:
        self._portal.kernel.journal.append(
            at=datetime.fromtimestamp(hand.at / 1000, UTC),
            face="hubspot",
            actor=hand.actor,
            op=op,
            object=table.kind.plural,
            id=str(row.id),
            key=key_of(table.kind.id, row),
            fields=fields,
            before=before,
            request_id=hand.request_id,
        )

    def _log_join(
        self, kind: ObjectType, row_id: int, join: Join, hand: Hand, *, more: Mapping[str, Any]
    ) -> None:
        table = self._portal.table(kind)
        fields = {"to": join.to_kind.plural, "to_id": str(join.to_id), **more}
        self._log("associate", table, table.rows[row_id], hand, fields=fields)
