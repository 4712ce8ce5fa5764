"""What this org has: objects and fields as its own description shows them to our user."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_loop.connector.contract import Capabilities
from crm_loop.errors import Transient
from crm_loop.records import Subject
from crm_loop_salesforce import soql
from crm_loop_salesforce.translate import names
from crm_loop_salesforce.transport import Api

#: With these, Salesforce itself refuses a second record with our key.
_UNIQUE = ("externalId", "unique", "createable")


class Org:
    """One org's description, asked for once a connector."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._described: dict[str, Mapping[str, Any]] = {}

    @cached_property
    def objects(self) -> frozenset[str]:
        found = self._api.get("sobjects").get("sobjects", ())
        return frozenset(one["name"] for one in found if one.get("queryable", True))

    @cached_property
    def organization(self) -> Mapping[str, Any]:
        query = soql.select(names.ORGANIZATION_FIELDS, names.ORGANIZATION)
        for row in self._api.rows("query", query):
            return row
        raise Transient("Salesforce does not say which org this is.", code="crm.unreadable")

    @property
    def time_zone(self) -> str:
        return str(self.organization.get(names.TIME_ZONE) or "UTC")

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

    def readable(self, name: str, wanted: Sequence[str]) -> list[str]:
        """Those of the wanted fields that exist here; paths over a relationship are taken."""
        known = self.fields(name)
        return [field for field in wanted if "." in field or field in known]

    def look_again(self) -> None:
        """Forget what was described: a permission has changed meanwhile."""
        self._described.clear()
        self.__dict__.pop("objects", None)

    def lacks(self, subject: Subject) -> str | None:
        """Why a subject cannot be pulled: `no_object:Name` or `no_field:Name.Field`."""
        if subject not in names.NEEDED:
            return "not_read"
        for name, needed in names.NEEDED[subject].items():
            if name not in self.objects:
                return f"no_object:{name}"
            if hidden := sorted(set(needed) - self.fields(name).keys()):
                return f"no_field:{name}.{hidden[0]}"
        return None

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

    def currency(self) -> str | None:
        """The corporate currency where the org holds several; None says: one, not named."""
        if names.CURRENCY not in self.objects:
            return None
        query = soql.select([names.CURRENCY_CODE], names.CURRENCY, where=names.CORPORATE)
        found = (str(row[names.CURRENCY_CODE]) for row in self._api.rows("query", query))
        return next(found, None)

    def capabilities(self) -> Capabilities:
        reasons = {subject: self.lacks(subject) for subject in Subject}
        url = self._api.instance_url
        return Capabilities(
            account_id=self._api.org_id or str(self.organization["Id"]),
            account_name=str(self.organization["Name"]),
            time_zone=self.time_zone,
            currency=self.currency() or "",
            fiscal_start=self.organization.get(names.FISCAL_START),
            subjects=frozenset(subject for subject, reason in reasons.items() if reason is None),
            missing={subject.value: reason for subject, reason in reasons.items() if reason},
            unique_key=self.has_unique_key,
            key_field=self.has_key_field,
            managers=True,
            private_tasks=True,
            can_delete=bool(self._describe(names.TASK).get("deletable", True)),
            deal_url=f"{url}/lightning/r/Opportunity/{{id}}/view",
            task_url=f"{url}/lightning/r/Task/{{id}}/view",
        )

    def _describe(self, name: str) -> Mapping[str, Any]:
        if name not in self._described:
            read = self._api.get(f"sobjects/{name}/describe")
            fields = {field["name"]: field for field in read.get("fields", ())}
            self._described[name] = {**read, "fields": fields}
        return self._described[name]
