"""What the portal knows of one property, and how the properties API shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class PropertyDef:
    """A property definition.

    `computed` ones are filled by HubSpot and refuse to be written; of these, `calculated` ones
    are worked out from other values.
    """

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    group: str = ""
    options: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    description: str = ""
    computed: bool = False
    calculated: bool = False
    unique: bool = False
    custom: bool = False
    created: str = "1970-01-01T00:00:00Z"

    def shape(self) -> dict[str, Any]:
        owner = self.name == "hubspot_owner_id"
        return {
            "updatedAt": self.created,
            "createdAt": self.created,
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": option_shapes({one: self.labels.get(one, one) for one in self.options}),
            "displayOrder": -1,
            "calculated": self.calculated,
            "externalOptions": owner,
            **({"referencedObjectType": "OWNER"} if owner else {}),
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


def option_shapes(options: Mapping[str, str]) -> list[dict[str, Any]]:
    """Options from labels by value."""
    return [
        {"label": label, "value": value, "displayOrder": order, "hidden": False}
        for order, (value, label) in enumerate(options.items())
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
