"""Reads the objects and fields of a package from its metadata files (source format)."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from crm_loop_sandbox.salesforce.objects.parts import COMMON
from crm_loop_sandbox.salesforce.schema import Field, Table, fields_of, with_shares

_NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
#: Metadata types in the words of the data API.
TYPES = {
    "Text": "string",
    "AutoNumber": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Html": "textarea",
    "Checkbox": "bool",
    "Date": "date",
    "DateTime": "datetime",
    "Currency": "currency",
    "Percent": "percent",
    "Number": "double",
    "Picklist": "picklist",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
    "Lookup": "ref",
    "MasterDetail": "ref",
}
#: Long texts cannot be filtered on.
_LONG = ("LongTextArea", "Html")


def read_package(folder: Path) -> dict[str, Table]:
    """Custom objects below a folder and the fields for activities; NotADirectoryError if none."""
    homes = sorted(path for path in folder.rglob("objects") if path.is_dir())
    if not homes:
        raise NotADirectoryError(20, "No objects folder below it", str(folder))
    found = [_table(place) for home in homes for place in sorted(home.iterdir()) if place.is_dir()]
    return with_shares({name: table for name, table in found if not name.endswith("__mdt")})


def _table(place: Path) -> tuple[str, Table]:
    own = [_field(file) for file in sorted((place / "fields").glob("*.field-meta.xml"))]
    fields = {field.name: field for field in own}
    about = place / f"{place.name}.object-meta.xml"
    if not about.exists():
        return place.name, Table(fields)
    return place.name, table_of(_root(about), fields, name=place.name)


def table_of(root: ET.Element, fields: Mapping[str, Field], *, name: str = "") -> Table:
    """An object as the data API shows it, from its metadata and its own fields."""
    own = list(fields.values())
    detail = any("c" in field.flags and "!" in field.flags for field in own if field.targets)
    common = COMMON if detail else COMMON + "\nOwnerId ref:User"
    numbered = _text(root, "nameField/type") == "AutoNumber"
    named = "Name string(80) r" if numbered else "Name string(80)"
    private = _text(root, "sharingModel") == "Private"
    label = _text(root, "label") or name
    known = fields_of(f"{common}\n{named}") | dict(fields)
    activities = _text(root, "enableActivities") == "true"
    return Table(known, label=label, private=private, activities=activities)


def field_of(root: ET.Element, *, name: str = "") -> Field:
    """A field as the data API shows it."""
    kind = _text(root, "type") or "Text"
    formula = _text(root, "formula") or ""
    children = _text(root, "relationshipName")
    target = _text(root, "referenceTo")
    return Field(
        name=_text(root, "fullName") or name,
        type=TYPES.get(kind, "string"),
        length=int(_text(root, "length") or 0),
        targets=(target,) if target else (),
        flags="".join(_flags(root, kind, formula)),
        children=(children or "",) if target else (),
        label=_text(root, "label") or "",
        scale=int(_text(root, "scale") or 2),
        values=tuple(_values(root)),
        formula=formula,
    )


def _field(file: Path) -> Field:
    return field_of(_root(file), name=file.name.partition(".")[0])


def _flags(root: ET.Element, kind: str, formula: str) -> Iterator[str]:
    if formula or kind == "AutoNumber":
        yield "rf" if formula else "r"
    if kind == "MasterDetail":
        yield "!c"
    marks = {"required": "!", "unique": "u", "externalId": "e"}
    yield from (mark for name, mark in marks.items() if _text(root, name) == "true")
    if kind in _LONG:
        yield "n"
    if _text(root, "valueSet/restricted") == "true":
        yield "R"


def _values(root: ET.Element) -> Iterator[str]:
    for value in root.iterfind(_path("valueSet/valueSetDefinition/value/fullName")):
        yield value.text or ""


def _root(file: Path) -> ET.Element:
    return ET.parse(file).getroot()  # noqa: S314 - the package's own files, named by the user


def _text(root: ET.Element, path: str) -> str | None:
    return root.findtext(_path(path))


def _path(path: str) -> str:
    return "/".join(_NAMESPACE + part for part in path.split("/"))
