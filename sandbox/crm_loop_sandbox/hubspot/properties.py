"""What the portal knows of one property, and how the properties API shows it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class PropertyDef:
    """A property definition; `computed` ones are filled by HubSpot and refuse to be written."""

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    group: str = ""
    options: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    description: str = ""
    computed: bool = False
    unique: bool = False
    custom: bool = False
    created: str = "1970-01-01T00:00:00Z"

    def shape(self) -> dict[str, Any]:
        return {
            "updatedAt": self.created,
            "createdAt": self.created,
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": self._options(),
            "displayOrder": -1,
            "calculated": self.computed,
            "externalOptions": self.name == "hubspot_owner_id",
            "referencedObjectType": "OWNER" if self.name == "hubspot_owner_id" else None,
            "archived": False,
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": not self.custom,
            "modificationMetadata": {
                "archivable": self.custom,
                "readOnlyDefinition": not self.custom,
                "readOnlyOptions": not self.custom,
                "readOnlyValue": self.computed,
            },
            "formField": False,
            "dataSensitivity": "non_sensitive",
        }

    def _options(self) -> list[dict[str, Any]]:
        return [
            {
                "label": self.labels.get(value, value),
                "value": value,
                "displayOrder": order,
                "hidden": False,
            }
            for order, value in enumerate(self.options)
        ]


@dataclass(slots=True, kw_only=True)
class PropertyGroup:
    name: str
    label: str
    display_order: int = -1

    def shape(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "label": self.label,
            "displayOrder": self.display_order,
            "archived": False,
        }
