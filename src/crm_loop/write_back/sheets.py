"""Memos in a CRM's objects of ours: the ledger goes on as with tasks, the records are sheets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from crm_loop.connector.contract import (
    Batch,
    Capabilities,
    Change,
    Connector,
    Cursor,
    Found,
    Op,
    Outcome,
    Result,
    Sought,
    TaskFields,
)
from crm_loop.connector.publishing import Publisher, Sheet, SheetItem, Written
from crm_loop.loop_records import Agenda, KeyKind, Suggestion, SuggestionState, key_of
from crm_loop.records import Subject

#: Suggested steps that stand in a memo.
_SHARED = (SuggestionState.LET_THROUGH, SuggestionState.TAKEN)
_WRITTEN = (Op.CREATE, Op.UPDATE)
_THEMES = ("theme", "theme2_growth")


@dataclass(frozen=True, slots=True)
class WithSheets:
    """A connector whose memos are sheets; everything else stays as it is.

    `memos` gives the sheets for those keys that name memos, `shown` the memo as people see it
    with all that they have typed. A memo that was written as a task before stays a task.
    """

    connector: Connector
    publisher: Publisher
    memos: Callable[[Sequence[str]], Mapping[str, Sheet]]
    shown: Callable[[Written], str]

    def capabilities(self) -> Capabilities:
        return self.connector.capabilities()

    def provision(self) -> Sequence[str]:
        return self.connector.provision()

    def clock(self) -> datetime:
        return self.connector.clock()

    def pull(self, subject: Subject, cursor: Cursor | None) -> Iterator[Batch]:
        return self.connector.pull(subject, cursor)

    def look_up(self, sought: Sequence[Sought]) -> dict[str, Found]:
        """Memos among the sheets, then everything that was not found there."""
        memos = self.memos([one.key for one in sought])
        sheets = self.publisher.read_sheets(list(memos)) if memos else {}
        found = {
            key: _found(written, memos[key], self.shown(written)) for key, written in sheets.items()
        }
        left = [one for one in sought if one.key not in found]
        return found | (self.connector.look_up(left) if left else {})

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Sheets first: what stops them stops everything, and then nothing was sent."""
        memos = self.memos([one.key for one in changes])
        standing = [one.key for one in changes if one.key in memos and one.op is not Op.CREATE]
        there = self.publisher.read_sheets(standing) if standing else {}
        ours = [
            one for one in changes if one.key in memos and (one.op is Op.CREATE or one.key in there)
        ]
        outcomes = self._written([one for one in ours if one.op in _WRITTEN], memos)
        outcomes |= self._withdrawn([one for one in ours if one.op is Op.DELETE])
        # A sheet is no to-do that somebody would have to tick.
        outcomes |= {
            one.key: Outcome(key=one.key, result=Result.DONE, crm_id=one.crm_id)
            for one in ours
            if one.op is Op.CLOSE
        }
        mine = {one.key for one in ours}
        others = [one for one in changes if one.key not in mine]
        if others:
            outcomes |= {one.key: one for one in self.connector.apply(others)}
        return [outcomes[one.key] for one in changes]

    def _written(self, changes: Sequence[Change], memos: Mapping[str, Sheet]) -> dict[str, Outcome]:
        if not changes:
            return {}
        sheets = [
            replace(memos[one.key], summary=one.fields.body, crm_id=one.crm_id) for one in changes
        ]
        return {one.key: one for one in self.publisher.publish_sheets(sheets)}

    def _withdrawn(self, changes: Sequence[Change]) -> dict[str, Outcome]:
        if not changes:
            return {}
        keys = {str(one.crm_id): one.key for one in changes}
        outcomes = self.publisher.withdraw_sheets(list(keys))
        return {keys[one.key]: replace(one, key=keys[one.key]) for one in outcomes}


def _found(written: Written, sheet: Sheet, body: str) -> Found:
    fields = TaskFields(
        owner_id=written.owner_id or sheet.rep_id,
        subject=sheet.name,
        body=body,
        due=sheet.day or sheet.starts_at.date(),
    )
    return Found(
        key=written.key,
        crm_id=written.crm_id,
        fields=None if written.deleted else fields,
        deleted=written.deleted,
        modified_at=written.modified_at,
        modified_by=written.modified_by,
    )


def sheet_of(
    agenda: Agenda,
    suggestions: Sequence[Suggestion],
    *,
    rep: str,
    manager: str,
    organisation: str,
    time_zone: str,
) -> Sheet:
    """An agenda as it stands in the CRM; `rep` and `manager` are users there."""
    return Sheet(
        key=agenda.key,
        name=agenda.subject,
        rep_id=rep,
        manager_id=manager,
        starts_at=agenda.starts_at,
        summary=agenda.text,
        day=agenda.starts_at.astimezone(ZoneInfo(time_zone)).date(),
        items=[*_themes(agenda, organisation), *_steps(agenda, suggestions, organisation)],
    )


def _themes(agenda: Agenda, organisation: str) -> Iterator[SheetItem]:
    """What the talk is about, a deal named where it is one of this CRM's."""
    topics = [topic for block in agenda.blocks if block.code in _THEMES for topic in block.topics]
    for order, topic in enumerate(topics, 1):
        deals = [one for one in topic.records if one.object == "deal"]
        only = deals[0] if len(deals) == 1 and deals[0].connection == agenda.connection else None
        yield SheetItem(
            key=key_of(organisation, agenda.connection, KeyKind.ITEM, agenda.key, topic.key),
            title=topic.fact,
            reason=topic.reason,
            order=order,
            deal_id=only.id if only else None,
        )


def _steps(
    agenda: Agenda, suggestions: Sequence[Suggestion], organisation: str
) -> Iterator[SheetItem]:
    shared = [one for one in suggestions if one.state in _SHARED]
    for order, one in enumerate(shared, len(_THEMES) + 1):
        same = one.deal is not None and one.deal.connection == agenda.connection
        yield SheetItem(
            key=key_of(organisation, agenda.connection, KeyKind.ITEM, agenda.key, one.slot),
            title=one.text,
            order=order,
            deal_id=one.deal.id if one.deal and same else None,
        )
