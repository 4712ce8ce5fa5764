"""1on1 sessions of an installed package: a memo on a record, and what people type beside it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from crm_loop_sandbox.salesforce.org import KEY_FIELD, Org, Row
from crm_loop_sandbox.salesforce.writing import Hand, Writer
from crm_loop_sandbox.world import memos

SESSION, ITEM = "CrmLoop_Session__c", "CrmLoop_Agenda_Item__c"


def sessions(org: Org) -> Iterator[tuple[str, Row]]:
    """Living sessions that carry a key of ours, by it."""
    for row in org.tables[SESSION].values() if SESSION in org.tables else ():
        if not row["IsDeleted"] and row[KEY_FIELD]:
            yield str(row[KEY_FIELD]), row


def day_of(org: Org, row: Row) -> Any:
    """The day of the talk where the company is."""
    at = row["Scheduled_At__c"]
    return None if at is None else datetime.fromisoformat(at).astimezone(org.zone).date()


def retype(writer: Writer, row: Row, after: str, hand: Hand) -> None:
    """Type into the fields, and turn topics down, what somebody would write into a plain memo."""
    before = str(row["Summary__c"] or "").split("\n")
    lines = after.split("\n")
    fields = dict(_typed(before, lines))
    if fields:
        writer.update(SESSION, row["Id"], fields, hand)
    for line in before:
        if line.strip() and line not in lines and not _asks(line):
            _dismiss(writer, row, line, hand)


def _typed(before: list[str], lines: list[str]) -> Iterator[tuple[str, str]]:
    for place, line in enumerate(lines):
        if line in before:
            continue
        label = next((one for one in memos.TOPIC if line.strip().startswith(one)), None)
        above = [*reversed(lines[:place])]
        if label is not None:
            yield "Rep_Topic__c", line.strip().removeprefix(label).strip()
        elif above and above[0].startswith(memos.AGREED):
            yield "Next_Step__c", line.strip()
        elif any(word in one for one in above[:2] for word in memos.SUPPORT):
            yield "Support_Asked__c", line.strip()


def _asks(line: str) -> bool:
    return any(line.strip().startswith(one) for one in memos.TOPIC)


def _dismiss(writer: Writer, session: Row, line: str, hand: Hand) -> None:
    for item in [*writer.org.tables[ITEM].values()]:
        title = item["Title__c"]
        if item["Session__c"] == session["Id"] and title and line.strip().endswith(title):
            writer.update(ITEM, item["Id"], {"Status__c": "dismissed"}, hand)
