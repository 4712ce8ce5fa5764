"""What this org has: objects and fields as its own description shows them to our user."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from crm_loop.connector.contract import Capabilities
from crm_loop.records import Subject
from crm_loop_salesforce.names import KEY_FIELD, NEEDED, SUBJECT_OBJECT, TASK
from crm_loop_salesforce.transport import Api

#: Seen by describe only where the field may be read; the rest does not exist for us.
_KEY_FLAGS = ("externalId", "unique", "createable")


class Org:
    """One org's description, asked for once a connector."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._described: dict[str, Mapping[str, Any]] = {}

    @cached_property
    def objects(self) -> frozenset[str]:
        found = self._api.get("sobjects")["sobjects"]
        return frozenset(one["name"] for one in found if one.get("queryable", True))

    @cached_property
    def organization(self) -> Mapping[str, Any]:
        fields = "Id, Name, FiscalYearStartMonth, TimeZoneSidKey"
        query = f"SELECT {fields} FROM Organization"  # noqa: S608 - fixed text
        found: Mapping[str, Any] = self._api.get("query", {"q": query})["records"][0]
        return found

    def fields(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """The fields of an object that our user can see, by name."""
        if name not in self._described:
            read = self._api.get(f"sobjects/{name}/describe")
            self._described[name] = {field["name"]: field for field in read["fields"]}
        return self._described[name]

    def readable(self, name: str, wanted: Sequence[str]) -> list[str]:
        """Those of the wanted fields that exist here; paths over a relationship are taken."""
        known = self.fields(name)
        return [field for field in wanted if "." in field or field in known]

    @property
    def has_key_field(self) -> bool:
        return KEY_FIELD in self.fields(TASK)

    @property
    def has_unique_key(self) -> bool:
        field = self.fields(TASK).get(KEY_FIELD, {})
        return all(field.get(flag) for flag in _KEY_FLAGS)

    def default_status(self) -> str:
        """The status a new task gets here; admins rename them."""
        values = self.fields(TASK)["Status"].get("picklistValues", ())
        defaults = [value["value"] for value in values if value.get("defaultValue")]
        active = [value["value"] for value in values if value.get("active", True)]
        return str((defaults or active or ["Not Started"])[0])

    def currency(self) -> str | None:
        """The corporate currency where the org holds several; None says: one, not named."""
        if "CurrencyType" not in self.objects:
            return None
        query = "SELECT IsoCode FROM CurrencyType WHERE IsCorporate = true"
        rows = self._api.get("query", {"q": query})["records"]
        return str(rows[0]["IsoCode"]) if rows else None

    def capabilities(self) -> Capabilities:
        missing = self._missing()
        url = self._api.instance_url
        return Capabilities(
            account_id=self._api.org_id or str(self.organization["Id"]),
            account_name=str(self.organization["Name"]),
            time_zone=str(self.organization.get("TimeZoneSidKey") or "UTC"),
            currency=self.currency() or "",
            fiscal_start=self.organization.get("FiscalYearStartMonth"),
            subjects=frozenset(Subject) - {Subject(name) for name in missing},
            missing=missing,
            unique_key=self.has_unique_key,
            key_field=self.has_key_field,
            managers=True,
            private_tasks=True,
            can_delete=True,
            deal_url=f"{url}/lightning/r/Opportunity/{{id}}/view",
            task_url=f"{url}/lightning/r/Task/{{id}}/view",
        )

    def _missing(self) -> dict[str, str]:
        """Subjects that cannot be pulled, with the reason: object or field not visible."""
        missing = {}
        for subject, name in SUBJECT_OBJECT.items():
            if name not in self.objects:
                missing[subject.value] = f"no_object:{name}"
            elif hidden := sorted(set(NEEDED[subject]) - self.fields(name).keys()):
                missing[subject.value] = f"no_field:{name}.{hidden[0]}"
        return missing
