"""Rows of the package's own objects: sessions, agenda items, KPIs and their figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

from crm_loop.connector.publishing import Figure, Sheet, SheetItem, Written
from crm_loop_salesforce.translate.activities import KEY_FIELD
from crm_loop_salesforce.translate.names import Table
from crm_loop_salesforce.translate.values import Row, day, moment

NAME_LENGTH, TITLE_LENGTH, LABEL_LENGTH = 80, 255, 80

SESSIONS = Table(
    "CrmLoop_Session__c",
    ("Id", KEY_FIELD, "OwnerId", "Rep__c", "Manager__c", "Scheduled_At__c", "Summary__c",
     "IsDeleted", "LastModifiedById", "SystemModstamp"),
    ("Rep_Topic__c", "Wanted_Response__c", "Next_Step__c", "Next_Step_Due__c", "Support_Asked__c"),
)  # fmt: skip
ITEMS = Table(
    "CrmLoop_Agenda_Item__c",
    ("Id", KEY_FIELD, "Session__c", "Title__c", "Status__c", "LastModifiedById"),
)
#: Our units as the package calls them; a share is shown in per cent.
_SHARE = "ratio"
_UNITS = {"money": "currency", _SHARE: "percent", "times": "count"}
#: Topics that somebody turned down, or put on the agenda.
DISMISSED = "dismissed"
OF_PEOPLE = f"(Status__c = '{DISMISSED}' OR {KEY_FIELD} = null)"
KPIS = Table("CrmLoop_KPI__c", ("Id", KEY_FIELD))
FIGURES = Table(
    "CrmLoop_KPI_Snapshot__c",
    ("Id", KEY_FIELD, "Rep__c", "KPI__c", "As_Of__c", "Actual__c", "Target__c", "Is_Latest__c"),
)


@dataclass(frozen=True, slots=True)
class Access:
    """The object of an object's share rows, and what a manager may do with what is shared."""

    table: str
    level: str


SESSION_ACCESS = Access("CrmLoop_Session__Share", "Edit")
FIGURE_ACCESS = Access("CrmLoop_KPI_Snapshot__Share", "Read")
ALL = (SESSIONS, ITEMS, KPIS, FIGURES)


def session_row(sheet: Sheet) -> Row:
    return {
        "attributes": {"type": SESSIONS.name},
        KEY_FIELD: sheet.key,
        "Name": sheet.name[:NAME_LENGTH],
        "OwnerId": sheet.rep_id,
        "Rep__c": sheet.rep_id,
        "Manager__c": sheet.manager_id,
        "Scheduled_At__c": sheet.starts_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "Summary__c": sheet.summary,
    }


def item_row(item: SheetItem, session_id: str | None) -> Row:
    """An item of a session; one that stands keeps its session, which cannot be written again."""
    own = {} if session_id is None else {"Session__c": session_id}
    return {
        "attributes": {"type": ITEMS.name},
        KEY_FIELD: item.key,
        **own,
        "Title__c": item.title[:TITLE_LENGTH],
        "Detail__c": item.detail,
        "Reason__c": item.reason,
        "Sort_Order__c": item.order,
        "Source__c": item.source,
        "Opportunity__c": item.deal_id,
    }


def kpi_row(figure: Figure) -> Row:
    return {
        "attributes": {"type": KPIS.name},
        KEY_FIELD: figure.kpi,
        "Name": (figure.name or figure.label)[:NAME_LENGTH],
        "Unit__c": _UNITS.get(figure.unit, figure.unit),
        "Direction__c": "up" if figure.higher_is_better else "down",
    }


def figure_row(figure: Figure, kpi_id: str) -> Row:
    return {
        "attributes": {"type": FIGURES.name},
        KEY_FIELD: figure.key,
        "OwnerId": figure.rep_id,
        "Rep__c": figure.rep_id,
        "KPI__c": kpi_id,
        "KPI_Label__c": figure.label[:LABEL_LENGTH],
        "As_Of__c": figure.as_of.isoformat(),
        "Period_Start__c": figure.period_start.isoformat(),
        "Period_End__c": figure.period_end.isoformat(),
        "Actual__c": _number(figure.actual, figure.unit),
        "Target__c": _number(figure.target, figure.unit),
        "Is_Latest__c": True,
    }


def _number(value: Decimal | None, unit: str) -> float | None:
    if value is None:
        return None
    return float(value * 100 if unit == _SHARE else value)


def share_row(access: Access, record_id: str, manager_id: str) -> Row:
    return {
        "attributes": {"type": access.table},
        "ParentId": record_id,
        "UserOrGroupId": manager_id,
        "AccessLevel": access.level,
        "RowCause": "Manual",
    }


def is_touched(row: Row, our_user: str) -> bool:
    """Whether somebody else wrote last."""
    return str(row["LastModifiedById"])[:15] != our_user[:15]


def written(row: Row, items: Sequence[Row], our_user: str) -> Written:
    """What stands on a session; `items` are those of its topics that people had to do with."""
    dismissed = [one for one in items if one["Status__c"] == DISMISSED]
    added = [one for one in items if not one[KEY_FIELD] and one["Status__c"] != DISMISSED]
    texts: dict[str, Any] = {
        "rep_topic": row.get("Rep_Topic__c"),
        "wanted_response": row.get("Wanted_Response__c"),
        "next_step": row.get("Next_Step__c"),
        "support_asked": row.get("Support_Asked__c"),
    }
    return Written(
        key=row[KEY_FIELD],
        crm_id=row["Id"],
        touched=is_touched(row, our_user),
        modified_at=moment(row["SystemModstamp"]),
        modified_by=row.get("LastModifiedById"),
        owner_id=row["OwnerId"],
        summary=str(row.get("Summary__c") or ""),
        deleted=bool(row.get("IsDeleted")),
        dismissed=tuple(str(one["Title__c"] or "") for one in dismissed),
        added=tuple(str(one["Title__c"] or "") for one in added),
        next_step_due=day(row.get("Next_Step_Due__c")),
        **texts,
    )
