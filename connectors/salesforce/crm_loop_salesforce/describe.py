"""What this org has: objects and fields as its own description shows them to our user."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_loop.connector.contract import Capabilities
from crm_loop.errors import NeedsAttention, Refused, Transient
from crm_loop.records import Subject
from crm_loop_salesforce import soql
from crm_loop_salesforce.batches import pieces
from crm_loop_salesforce.translate import names, own, own_fields, sources
from crm_loop_salesforce.translate.names import Table
from crm_loop_salesforce.transport import Api

#: With these, Salesforce itself refuses a second record with our key.
_UNIQUE = ("externalId", "unique", "createable")
#: Requests that one composite call may hold; five of them may be queries.
ASKED_AT_ONCE = 25
_WHICH_ORG = soql.select(names.ORGANIZATION_FIELDS, names.ORGANIZATION)
_WHICH_CURRENCY = soql.select([names.CURRENCY_CODE], names.CURRENCY, where=names.CORPORATE)


class Org:
    """One org's description, asked for once a connector."""

    def __init__(self, api: Api, settings: Mapping[str, Any] | None = None) -> None:
        self._api = api
        #: What an admin says counts for more than what the org says.
        self._settings = settings or {}
        self._described: dict[str, Mapping[str, Any]] = {}
        self._counted: dict[str, int] = {}
        #: Rows that came with the descriptions, by their query, until they are looked at.
        self._asked: dict[str, list[Mapping[str, Any]]] = {}

    @cached_property
    def objects(self) -> frozenset[str]:
        found = self._api.get("sobjects").get("sobjects", ())
        return frozenset(one["name"] for one in found if one.get("queryable", True))

    @cached_property
    def organization(self) -> Mapping[str, Any]:
        for row in self._asked.pop(_WHICH_ORG, None) or self._api.rows("query", _WHICH_ORG):
            return row
        raise Transient("Salesforce does not say which org this is.", code="crm.unreadable")

    @property
    def time_zone(self) -> str:
        told = self._settings.get("time_zone") or self.organization.get(names.TIME_ZONE)
        return str(told or "UTC")

    @property
    def zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    def fields(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """The fields of an object that our user can see, by name; hidden ones do not exist."""
        found: Mapping[str, Mapping[str, Any]] = self._describe(name)["fields"]
        return found

    def description(self, name: str) -> Mapping[str, Any]:
        """What the org says of an object as a whole."""
        return self._describe(name)

    def readable(self, name: str, wanted: Iterable[str]) -> list[str]:
        """Those of the wanted fields that exist here, paths over a relationship included."""
        known = self.fields(name)
        return [field for field in wanted if field in known or _leads_on(field, known)]

    def look_again(self) -> None:
        """Forget what was described: a permission has changed meanwhile."""
        self._described.clear()
        self.__dict__.pop("objects", None)

    def has(self, table: Table) -> bool:
        """Whether an object is there and shows what must be read of it."""
        return self._lack(table) is None

    def lacks(self, subject: Subject) -> str | None:
        """Why a subject cannot be pulled: `no_object:Name` or `no_field:Name.Field`."""
        return next(filter(None, map(self._lack, sources.tables(subject))), None)

    def _lack(self, table: Table) -> str | None:
        if table.name not in self.objects:
            return f"no_object:{table.name}"
        if hidden := sorted(set(table.needed) - self.fields(table.name).keys()):
            return f"no_field:{table.name}.{hidden[0]}"
        return None

    def keeps_deletions(self, name: str) -> bool:
        return name in self.objects and bool(self._describe(name).get("replicateable", True))

    def count(self, name: str) -> int:
        """About how many records there are; Salesforce's own count is a little old."""
        if self._counts is not None:
            return self._counts.get(name, 0)
        if name not in self._counted:
            query = f"SELECT COUNT() FROM {soql.identifier(name)}"  # noqa: S608 - checked
            self._counted[name] = int(self._api.get("query", params={"q": query})["totalSize"])
        return self._counted[name]

    @cached_property
    def _counts(self) -> Mapping[str, int] | None:
        """All counts in one call; None where our user may not see the org's limits."""
        wanted = [name for name in sources.every_table() if name in self.objects]
        try:
            found = self._api.get("limits/recordCount", params={"sObjects": ",".join(wanted)})
        except (NeedsAttention, Refused):
            return None
        return {str(one["name"]): int(one["count"]) for one in found.get("sObjects") or ()}

    def describe_all(self) -> None:
        """Describe everything that may be read and ask which org it is, as much as goes at once."""
        wanted = [name for name in sources.every_table() if name in self.objects]
        asks: list[tuple[str, Callable[[Mapping[str, Any]], None]]] = [
            (f"sobjects/{name}/describe", partial(self._keep, name))
            for name in wanted
            if name not in self._described
        ]
        queries = [] if "organization" in self.__dict__ else [_WHICH_ORG]
        if names.CURRENCY in self.objects:
            queries.append(_WHICH_CURRENCY)
        asks += [(f"query?q={quote(one)}", partial(self._keep_rows, one)) for one in queries]
        for part in pieces(asks, ASKED_AT_ONCE):
            answers = self._api.together([path for path, _ in part])
            for (_, keep), read in zip(part, answers, strict=True):
                if read is not None:
                    keep(read)

    def _keep_rows(self, query: str, read: Mapping[str, Any]) -> None:
        self._asked[query] = list(read.get("records") or ())

    def _hidden(self) -> list[str]:
        """What every org has and this user is not shown, of objects that are read all the same."""
        hidden = []
        for table in sources.all_tables():
            if table.name not in self.objects:
                hidden += [table.name] if table.name in names.EVERYWHERE else []
            elif self.has(table):
                known = self.fields(table.name)
                lost = [field for field in table.also if field not in known]
                hidden += [f"{table.name}.{field}" for field in lost if _is_standard(field)]
        return sorted(set(hidden))

    def _unknown_fields(self) -> list[str]:
        """Fields of the org's own that an admin has named and our user is not shown."""
        return sorted(
            f"{kind}.{name}"
            for kind, objects in own_fields.OBJECTS.items()
            for name, field in (self._settings.get(f"{kind}_fields") or {}).items()
            if not any(one in self.objects and self.readable(one, [field]) for one in objects)
        )

    def _lacks_for_keys(self) -> list[str]:
        """What is missing for tasks whose key Salesforce itself keeps unique."""
        if self.has_unique_key:
            return []
        what = "unique" if self.has_key_field else "no_field"
        return [f"{what}:{names.TASK}.{names.KEY_FIELD}"]

    def _lacks_for_objects(self) -> list[str]:
        """What is missing for agendas and figures in objects of our own."""
        found = [*self._lacks_for_keys(), *filter(None, map(self._lack, own.ALL))]
        shown = [table.name for table in own.ALL if self.has(table)]
        closed = [name for name in shown if not self._described[name].get("createable", True)]
        return [*found, *(f"no_create:{name}" for name in closed)]

    @property
    def has_key_field(self) -> bool:
        return bool(self.fields(names.TASK).get(names.KEY_FIELD, {}).get("createable"))

    @property
    def has_unique_key(self) -> bool:
        field = self.fields(names.TASK).get(names.KEY_FIELD, {})
        return all(field.get(flag) for flag in _UNIQUE)

    def default_status(self) -> str | None:
        """The status a new task gets here; admins rename them. None: let Salesforce choose."""
        values = self.fields(names.TASK).get(names.STATUS, {}).get("picklistValues", ())
        active = [value for value in values if value.get("active", True)]
        default = next((value for value in active if value.get("defaultValue")), None)
        return None if default is None else str(default["value"])

    def closed_status(self) -> str:
        """The first status here that means done; NeedsAttention where no such one is shown."""
        query = soql.select([names.API_NAME], names.TASK_STATUS, where=names.CLOSED_STATUS)
        for row in self._api.rows("query", query):
            return str(row[names.API_NAME])
        raise NeedsAttention(
            "Salesforce shows no task status that means done.",
            code="salesforce.no_closed_status",
            do="Let the integration user see the task statuses, then run the doctor.",
        )

    def currency(self) -> str | None:
        """The corporate currency where the org holds several; None says: one, not named."""
        if names.CURRENCY not in self.objects:
            return None
        rows = self._asked.pop(_WHICH_CURRENCY, None) or self._api.rows("query", _WHICH_CURRENCY)
        return next((str(row[names.CURRENCY_CODE]) for row in rows), None)

    def capabilities(self) -> Capabilities:
        self.describe_all()
        reasons = {subject: self.lacks(subject) for subject in Subject}
        url = self._api.instance_url
        lacking = {1: self._lacks_for_keys(), 2: self._lacks_for_objects()}
        level = next((one - 1 for one in (1, 2) if lacking[one]), 2)
        return Capabilities(
            account_id=self._api.org_id or str(self.organization["Id"]),
            account_name=str(self.organization["Name"]),
            time_zone=self.time_zone,
            currency=self.currency() or "",
            fiscal_start=self._settings.get("fiscal_start")
            or self.organization.get(names.FISCAL_START),
            subjects=frozenset(subject for subject, reason in reasons.items() if reason is None),
            missing={subject.value: reason for subject, reason in reasons.items() if reason},
            own_objects=level == 2,  # noqa: PLR2004 - the level with objects
            level=level,
            lacking=lacking.get(level + 1, ()),
            own_private=bool(self._settings.get("own_objects_private")),
            own_url=f"{url}/lightning/r/{own.SESSIONS.name}/{{id}}/view",
            hidden=self._hidden(),
            unknown_fields=self._unknown_fields(),
            unique_key=self.has_unique_key,
            key_field=self.has_key_field,
            managers=True,
            # What begins so is an Event, which has no outcome; what was logged as a to-do has one.
            assumed_meetings="00U",
            private_tasks=True,
            can_delete=bool(self._describe(names.TASK).get("deletable", True)),
            deal_url=f"{url}/lightning/r/Opportunity/{{id}}/view",
            task_url=f"{url}/lightning/r/Task/{{id}}/view",
            event_url=f"{url}/lightning/o/Event/new",
            # A page of a record opens by its id alone: an activity is a task or an event.
            urls={
                "account": f"{url}/lightning/r/Account/{{id}}/view",
                "quote": f"{url}/lightning/r/Quote/{{id}}/view",
                "lead": f"{url}/lightning/r/Lead/{{id}}/view",
                "activity": f"{url}/lightning/r/{{id}}/view",
            },
        )

    def _describe(self, name: str) -> Mapping[str, Any]:
        if name not in self._described:
            self._keep(name, self._api.get(f"sobjects/{name}/describe"))
        return self._described[name]

    def _keep(self, name: str, read: Mapping[str, Any]) -> None:
        fields = {field["name"]: field for field in read.get("fields", ())}
        self._described[name] = {**read, "fields": fields}


def _is_standard(field: str) -> bool:
    return "." not in field and field not in names.CONDITIONAL


def _leads_on(path: str, known: Mapping[str, Any]) -> bool:
    """Whether a path such as `UserRole.Name` starts from a lookup that is shown."""
    relation, dot, _ = path.partition(".")
    return bool(dot) and f"{relation}Id" in known
