"""How long each kind of row is kept, and taking away what is older.

Every table is named once, here: with how long its rows stay, or with why they stay for as long
as what they belong to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Table,
    and_,
    delete,
    exists,
    false,
    or_,
    select,
    tuple_,
)

from crm_loop.calendars import week_of
from crm_loop.store.tables.columns import metadata

#: Records of the CRM, figures and what was learned from them: 25 months.
RECORDS = timedelta(days=761)
#: What was said and agreed in 1on1s, and the audit trail: 13 months.
TALKS = timedelta(days=396)
#: Rows from before anybody was signed in belong to no organisation.
NOBODY = ""
#: The house's own work: 30 days.
WORK = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """`business`: for records and weeks. `real`: for the house's own work."""

    business: datetime
    real: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When a row is over: its `column` (a moment, a day or an ISO week) is older than `keep`.

    `if_true` names a flag that has to be set as well. `child_of` is a column and the table that
    it points into: what it belonged to is no longer kept. `real`: the moment is of real time.
    """

    keep: timedelta
    column: str | None = None
    if_true: str | None = None
    child_of: tuple[str, str] | None = None
    real: bool = False

    def over(self, table: Table, now: Now) -> ColumnElement[bool]:
        conditions: list[ColumnElement[bool]] = [false()]
        if self.column is not None:
            conditions.append(self._old(table, self.column, now))
        if self.child_of is not None:
            conditions.append(_orphan(table, *self.child_of))
        if "removed_at" in table.c:
            # Gone from the CRM; kept that long so that past figures stay what they were.
            conditions.append(table.c.removed_at < now.business - RECORDS)
        return or_(*conditions)

    def _old(self, table: Table, name: str, now: Now) -> ColumnElement[bool]:
        column, limit = table.c[name], (now.real if self.real else now.business) - self.keep
        if name == "week":
            # ISO weeks sort as text.
            old = column < week_of(limit.date())
        else:
            old = column < (limit.date() if isinstance(column.type, Date) else limit)
        return old if self.if_true is None else and_(old, table.c[self.if_true])


#: In this order: what belongs to a record goes after it.
RULES: Mapping[str, Rule] = {
    "crm_deal": Rule(keep=RECORDS, column="modified_at", if_true="is_closed"),
    "crm_deal_change": Rule(keep=RECORDS, child_of=("deal_id", "crm_deal")),
    "crm_contact_role": Rule(keep=RECORDS, child_of=("deal_id", "crm_deal")),
    "crm_split": Rule(keep=RECORDS, child_of=("deal_id", "crm_deal")),
    "crm_quote": Rule(keep=RECORDS, child_of=("deal_id", "crm_deal")),
    "crm_activity": Rule(keep=RECORDS, column="start"),
    "crm_participant": Rule(keep=RECORDS, child_of=("activity_id", "crm_activity")),
    "crm_task": Rule(keep=RECORDS, column="modified_at", if_true="is_closed"),
    "crm_lead": Rule(keep=RECORDS, column="modified_at"),
    "crm_lead_change": Rule(keep=RECORDS, column="at"),
    "crm_account": Rule(keep=RECORDS),
    "crm_person": Rule(keep=RECORDS),
    "crm_stage": Rule(keep=RECORDS),
    "crm_quota": Rule(keep=RECORDS, column="period_end"),
    "crm_absence": Rule(keep=RECORDS, column="end"),
    "crm_rate": Rule(keep=RECORDS),
    "crm_fiscal_period": Rule(keep=RECORDS, column="end"),
    "kpi_value": Rule(keep=RECORDS, column="as_of"),
    "kpi_records": Rule(keep=RECORDS, column="as_of"),
    "kpi_frozen": Rule(keep=RECORDS, column="period_end"),
    "kpi_restatement": Rule(keep=RECORDS, column="period_end"),
    "pipeline_day": Rule(keep=RECORDS, column="day"),
    "insight": Rule(keep=RECORDS, column="as_of"),
    "target": Rule(keep=RECORDS, column="period_end"),
    "target_change": Rule(keep=RECORDS, column="period_end"),
    "target_proposal": Rule(keep=RECORDS, column="period_end"),
    "learn_observation": Rule(keep=RECORDS, column="week"),
    "learn_step": Rule(keep=RECORDS, column="week"),
    "learn_session": Rule(keep=RECORDS, column="week"),
    "learn_rhythm": Rule(keep=RECORDS, column="week"),
    "learn_commitment": Rule(keep=RECORDS, column="week"),
    "learn_together": Rule(keep=RECORDS, column="week"),
    "learn_compared": Rule(keep=RECORDS, column="week"),
    "learn_within": Rule(keep=RECORDS, column="week"),
    "learn_stage": Rule(keep=RECORDS, column="week"),
    "self_assessment": Rule(keep=RECORDS, column="answered_on"),
    "agenda": Rule(keep=TALKS, column="week"),
    "overview": Rule(keep=TALKS, column="week"),
    "suggestion": Rule(keep=TALKS, column="week"),
    "action": Rule(keep=TALKS, column="week"),
    "hand_task": Rule(keep=TALKS, column="created_at"),
    "cycle": Rule(keep=TALKS, column="week"),
    "figure_flag": Rule(keep=TALKS, column="flagged_on"),
    "talk_view": Rule(keep=TALKS, column="week"),
    "write": Rule(keep=TALKS, column="week"),
    "one_on_one_capture": Rule(keep=TALKS, column="week"),
    "private_note": Rule(keep=TALKS, column="week"),
    "console_session": Rule(keep=WORK, column="seen_at", real=True),
    "console_link": Rule(keep=WORK, column="ends_at", real=True),
    "console_token": Rule(keep=WORK, column="ends_at", real=True),
    "key_pair": Rule(keep=WORK, column="made_at", real=True),
    "console_consent": Rule(keep=WORK, column="asked_at", real=True),
    "sign_in_failure": Rule(keep=WORK, column="at", real=True),
    "job": Rule(keep=WORK, column="done_at", real=True),
    "job_wait": Rule(keep=WORK, child_of=("job", "job")),
    # A moment that is forgotten would be fired again only if it were made up; none is that old.
    "schedule_slot": Rule(keep=TALKS, column="slot"),
}

#: Tables without a rule of their own, and why.
STAYS: Mapping[str, str] = {
    "organisation": "the house itself",
    "connection": "an account, for as long as it is connected",
    "secret": "the token of an account",
    "erased": "who must not come back",
    "data_key": "what an organisation's secrets open with",
    "note": "where a connector stands",
    "pull_cursor": "where reading stands",
    "heartbeat": "when the scheduler ticked last, and what the last look at a trail found",
    "api_window": "the day of an account",
    "api_grant": "the next call of an account",
    "api_place": "calls that are on their way",
    "console_user": "who may sign in",
    "console_identity": "who somebody is at the identity provider",
    "setup_step": "what was decided when setting up",
    "member": "who is whose manager now",
    "one_on_one_slot": "when 1on1s are",
    "talk_event": "when 1on1s are in another calendar",
    "stage_map": "what stages mean",
    "agenda_template": "how an admin plans 1on1s",
    "kpi_definition": "KPIs that an admin has defined",
    "pair_rest": "who rests now",
    "pair_rule": "what a manager has switched on",
    "audit": "taken away in whole pieces, so that the chain can still be followed",
    "audit_text": "goes with the entries that name it",
}


def take_away(connection: Connection, organisation: str, name: str, now: Now, most: int) -> int:
    """Delete at most so many rows of one table that are over; how many they were."""
    table = metadata.tables[name]
    mine = table.c.organisation.in_((organisation, NOBODY))
    keys = tuple_(*table.primary_key.columns)
    some = select(*table.primary_key.columns).where(mine, RULES[name].over(table, now)).limit(most)
    return connection.execute(delete(table).where(keys.in_(some))).rowcount


def _orphan(table: Table, column: str, parent_name: str) -> ColumnElement[bool]:
    parent = metadata.tables[parent_name]
    same = [parent.c.organisation == table.c.organisation, parent.c.id == table.c[column]]
    if "connection" in table.c:
        same.append(parent.c.connection == table.c.connection)
    return and_(table.c[column].is_not(None), ~exists(select(parent.c.id).where(*same)))
