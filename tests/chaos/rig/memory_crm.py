"""A CRM in memory that can lose answers, and small builders for what is written to it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from crm_loop.connector.contract import (
    Batch,
    Capabilities,
    Change,
    Cursor,
    Found,
    Op,
    Outcome,
    Result,
    Sought,
    TaskFields,
)
from crm_loop.errors import Transient
from crm_loop.loop_records import Intent, WriteKind
from crm_loop.records import Subject
from crm_loop.store import Begin
from crm_loop.write_back.writing import Writing

NOW = datetime(2026, 6, 15, 0, 0, tzinfo=UTC)
KEY = "cl1t" + "0" * 40


class MemoryCrm:
    """Holds tasks by key. `script` says what happens to each call of `apply`, in order."""

    def __init__(self, *, unique: bool = True) -> None:
        self.tasks: dict[str, list[TaskFields]] = {}
        self.deleted: set[str] = set()
        self.closed: set[str] = set()
        self.script: list[str] = []
        self.unique = unique
        self.sent: list[str] = []

    def capabilities(self) -> Capabilities:
        raise AssertionError

    def provision(self) -> Sequence[str]:
        return ()

    def clock(self) -> datetime:
        return NOW

    def pull(self, subject: Subject, cursor: Cursor | None) -> Iterator[Batch]:
        yield Batch()

    def look_up(self, sought: Sequence[Sought]) -> dict[str, Found]:
        return {one.key: self._found(one.key) for one in sought if self.tasks.get(one.key)}

    def _found(self, key: str) -> Found:
        copies = [
            Found(
                key=key,
                crm_id=id_of(number),
                fields=fields,
                deleted=key in self.deleted,
                is_closed=key in self.closed,
            )
            for number, fields in enumerate(self.tasks[key])
        ]
        return replace(copies[0], copies=len(copies), others=tuple(copies[1:]))

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        what = self.script.pop(0) if self.script else "fine"
        if what == "busy":
            raise Transient("Busy.")
        return [self._one(change, what) for change in changes]

    def _one(self, change: Change, what: str) -> Outcome:
        self.sent.append(change.key)
        if what == "refuse":
            return Outcome(key=change.key, result=Result.REFUSED, text="due date required")
        if what == "lost before":
            return Outcome(key=change.key, result=Result.UNKNOWN)
        if change.op is Op.CREATE and change.key in self.tasks and self.unique:
            return Outcome(key=change.key, result=Result.ALREADY_THERE, crm_id=id_of(0))
        if change.op is Op.UPDATE:
            self.tasks[change.key][0] = change.fields
        elif change.op is Op.CLOSE:
            self.closed.add(change.key)
        elif change.op is Op.DELETE:
            copies = self.tasks[change.key]
            copies.pop([id_of(number) for number in range(len(copies))].index(change.crm_id))
        else:
            self.tasks.setdefault(change.key, []).append(change.fields)
        result = Result.UNKNOWN if what == "lost after" else Result.DONE
        return Outcome(key=change.key, result=result, crm_id=change.crm_id or id_of(0))


def id_of(number: int) -> str:
    return f"id-{number}"


def an_intent(*, body: str = "memo", key: str = KEY, not_before: datetime = NOW) -> Intent:
    return Intent(
        key=key,
        connection="salesforce",
        kind=WriteKind.MEMO,
        person="rep@example.com",
        owner_id="005",
        subject="1on1メモ",
        body=body,
        due=date(2026, 6, 16),
        reason="one_on_one.memo",
        not_before=not_before,
    )


def a_writing(
    begin: Begin, crm: MemoryCrm, *, now: datetime = NOW, clock: datetime = NOW
) -> Writing:
    return Writing(
        connector=crm,
        begin=begin,
        organisation="acme",
        connection="salesforce",
        unique_key=crm.unique,
        clock=lambda: clock,
        now=now,
        lease=timedelta(seconds=30),
    )
