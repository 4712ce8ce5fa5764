"""Metadata files against the types of the Metadata API, as JSON Schema.

`tests/crm_side/metadata.schema.json` is generated from the types that Salesforce publishes as
`@salesforce/types` (BSD-3-Clause), cut down to the types that this package uses.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from jsonschema import Draft7Validator
from salesforce_project import SPACE, File

_FILE = Path(__file__).parents[1] / "crm_side/metadata.schema.json"
#: Design XML of its own, which the API takes as one text.
_OPAQUE = {"LightningComponentBundle": "targetConfigs"}

Schema = Mapping[str, Any]


@cache
def _definitions() -> Mapping[str, Schema]:
    found: Mapping[str, Schema] = json.loads(_FILE.read_bytes())["definitions"]
    return found


def problems(file: File) -> Iterator[str]:
    """What the Metadata API would not take, one sentence each."""
    known = _definitions()
    if not file.root.tag.startswith(SPACE):
        yield "another namespace than the Metadata API's"
        return
    if file.type not in known:
        yield f"unknown type {file.type}"
        return
    value = _value(known[file.type], file.root, skip=_OPAQUE.get(file.type))
    validator = Draft7Validator({"$ref": f"#/definitions/{file.type}", "definitions": known})
    for error in validator.iter_errors(value):
        yield f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def _resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = _definitions()[schema["$ref"].rpartition("/")[2]]
    return schema


def _value(schema: Schema, element: ET.Element, *, skip: str | None = None) -> Any:
    """The element as the schema's JSON: only the schema knows what is a number or a list."""
    schema = _resolved(schema)
    properties = schema.get("properties")
    if properties is None:
        return _scalar(schema, element.text or "")
    found: dict[str, Any] = {}
    for child in element:
        name = child.tag.removeprefix(SPACE)
        if name == skip:
            continue
        kind = _resolved(properties.get(name, {}))
        if kind.get("type") == "array":
            found.setdefault(name, []).append(_value(kind["items"], child))
        elif name in found:
            found[name] = ["given twice"]
        else:
            found[name] = _value(kind, child) if kind else child.text
    return found


def _scalar(schema: Schema, text: str) -> Any:
    if schema.get("type") == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if schema.get("type") == "number":
        try:
            return float(text)
        except ValueError:
            return text
    return text
