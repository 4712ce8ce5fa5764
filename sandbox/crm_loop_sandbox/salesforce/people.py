"""What people do on Salesforce's own screens."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from crm_loop_sandbox.salesforce import sessions
from crm_loop_sandbox.salesforce.conversion import convert
from crm_loop_sandbox.salesforce.loading import Loader
from crm_loop_sandbox.salesforce.loading_more import LEAD_STATUSES
from crm_loop_sandbox.salesforce.org import Org, Row
from crm_loop_sandbox.salesforce.writing import Hand, Writer
from crm_loop_sandbox.world.story import ActivityStory, Deed

_TABLES = {"deal": "Opportunity", "task": "Task", "activity": "Event", "lead": "Lead"}
_LEAD_NAMES = {"given_name": "FirstName", "family_name": "LastName", "company": "Company",
               "email": "Email", "source": "LeadSource"}  # fmt: skip
_TASK_NAMES = {"subject": "Subject", "body": "Description", "owner": "OwnerId", "deal": "WhatId"}


class Screens:
    """Does one simulated act as one person."""

    def __init__(self, org: Org, loader: Loader) -> None:
        self.org = org
        self.loader = loader
        self.writer = Writer(org)

    def act(self, deed: Deed) -> str | None:
        hand = Hand("people", self._user(deed.actor_email))
        if deed.do == "create":
            return self._create(deed, hand)
        found = self._found(deed)
        if found is None:
            return None
        if deed.do == "merge":
            losers = deed.fields.get("merge") or ()
            row = self.writer.merge(found[0], found[1]["Id"], list(losers), hand)
            return str(row["Id"])
        if deed.do == "convert":
            return str(convert(self.writer, found[1], hand)["Id"])
        table, row = found
        return self._change(deed, table, row, hand)

    def _change(self, deed: Deed, table: str, row: Row, hand: Hand) -> str | None:
        record_id = str(row["Id"])
        if deed.do == "delete":
            self.writer.delete(table, record_id, hand)
        elif deed.do == "undelete":
            self.writer.undelete(table, record_id, hand)
        elif deed.do in ("close", "reopen") and table == "Task":
            status = self._status(closed=deed.do == "close")
            self.writer.update(table, record_id, {"Status": status}, hand)
        elif table == sessions.SESSION:
            if "body" in deed.fields:
                sessions.retype(self.writer, row, str(deed.fields["body"]), hand)
            if own := self._native(table, deed.fields):
                self.writer.update(table, record_id, own, hand)
        else:
            fields = self._native(table, deed.fields)
            if deed.do == "comment":
                fields = {"Description": f"{row.get('Description') or ''}\n{deed.fields['body']}"}
            if fields:
                self.writer.update(table, record_id, _with_marker(fields, row, deed), hand)
        return record_id

    def _status(self, *, closed: bool) -> str:
        """The status that means this here; admins rename them."""
        rows = sorted(self.org.tables["TaskStatus"].values(), key=lambda row: row["SortOrder"])
        return next(str(row["ApiName"]) for row in rows if row["IsClosed"] is closed)

    def _create(self, deed: Deed, hand: Hand) -> str:
        if deed.object == "activity":
            table, fields = self._activity(deed)
        else:
            table = _TABLES.get(deed.object, deed.object)
            fields = self._native(table, deed.fields)
            fields.setdefault("OwnerId", hand.user)
            if table == "Opportunity":
                fields.setdefault("CloseDate", self.org.now[:10])
        row = self.writer.create(table, fields, hand)
        if deed.ref:
            self.loader.refs[deed.ref] = row["Id"]
        return str(row["Id"])

    def _activity(self, deed: Deed) -> tuple[str, dict[str, Any]]:
        given = dict(deed.fields)
        story = ActivityStory(
            ref=deed.ref or "act",
            kind=given.get("kind", "meeting"),
            owner_ref=given.get("owner") or given.get("owner_ref") or "",
            start=given.get("start") or deed.at,
            minutes=int(given.get("minutes") or 30),
            logged_at=deed.at,
            status=given.get("status", "held"),
            faces=frozenset({"salesforce"}),
            deal_ref=given.get("deal") or given.get("deal_ref"),
            company_ref=given.get("company") or given.get("company_ref"),
            outbound=bool(given.get("outbound", True)),
            contact_refs=tuple(given.get("contacts") or ()),
            subject=given.get("subject", ""),
        )
        fields = self.loader.native.activity(story)
        table = str(fields.pop("table"))
        writable = {n: v for n, v in fields.items() if self.org.schema[table][n].createable}
        owner = self.loader.refs.get(story.owner_ref) or self._user(deed.actor_email)
        return table, writable | {"OwnerId": owner}

    def _found(self, deed: Deed) -> tuple[str, Row] | None:
        if deed.key is not None:
            return self._by_key(deed.key)
        record_id = deed.id or self.loader.refs.get(deed.ref or "")
        row = self.org.get(record_id)
        if row is None or (row.get("IsDeleted") and deed.do != "undelete"):
            return None
        return type(row).__name__, row

    def _by_key(self, key: str) -> tuple[str, Row] | None:
        from crm_loop_sandbox.salesforce.ours import keyed_rows  # noqa: PLC0415 - reads rows

        found = self.org.by_key(key)
        if found is not None:
            return found
        return next(((table, row) for k, table, row in keyed_rows(self.org) if k == key), None)

    def _native(self, table: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Neutral names become native ones; native names are taken as they are."""
        if table == "Opportunity":
            known = self.org.schema[table]
            as_they_are = {n: v for n, v in fields.items() if n in known}
            return self.loader.native.deal(fields) | as_they_are
        native: dict[str, Any] = {}
        if table == "Lead":
            fields = {_LEAD_NAMES.get(name, name): value for name, value in fields.items()}
            native["Status"] = LEAD_STATUSES[str(fields["status"])]
        for name, value in fields.items():
            if name == "due":
                native["ActivityDate"] = value.isoformat() if isinstance(value, date) else value
            elif name == "start":
                native["StartDateTime"] = _text(value)
            elif name in ("owner", "deal"):
                native[_TASK_NAMES[name]] = self.loader.refs.get(value, value)
            elif name in _TASK_NAMES and _TASK_NAMES[name] in self.org.schema[table]:
                native[_TASK_NAMES[name]] = value
            elif name in self.org.schema[table]:
                native[name] = value
        return native

    def _user(self, email: str) -> str:
        wanted = email.lower()
        for row in self.org.tables["User"].values():
            if str(row["Email"]).lower() == wanted:
                return str(row["Id"])
        return self.org.integration_user


def _with_marker(fields: dict[str, Any], row: Row, deed: Deed) -> dict[str, Any]:
    """Whoever writes above a last line that is a key leaves that line where it is."""
    marked = str(row.get("Description") or "").rstrip().endswith(deed.key or "\n")
    text = str(fields.get("Description") or "").rstrip()
    if "Description" not in fields or not marked or text.endswith(deed.key or "\n"):
        return fields
    return fields | {"Description": f"{text}\n{deed.key}"}


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
