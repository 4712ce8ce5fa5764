"""A deployed zip, read: its components by type and name, and what is to be removed."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NamedTuple
from xml.etree import ElementTree as ET

SPACE = "{http://soap.sforce.com/2006/04/metadata}"
#: Type by folder; in some folders one file holds parts that have names of their own.
TYPES = {
    "applications": "CustomApplication",
    "dashboards": "Dashboard",
    "externalClientApps": "ExternalClientApplication",
    "extlClntAppGlobalOauthSets": "ExtlClntAppGlobalOauthSettings",
    "extlClntAppOauthPolicies": "ExtlClntAppOauthConfigurablePolicies",
    "extlClntAppOauthSettings": "ExtlClntAppOauthSettings",
    "extlClntAppPolicies": "ExtlClntAppConfigurablePolicies",
    "flexipages": "FlexiPage",
    "labels": "CustomLabels",
    "layouts": "Layout",
    "lwc": "LightningComponentBundle",
    "objectTranslations": "CustomObjectTranslation",
    "objects": "CustomObject",
    "permissionsets": "PermissionSet",
    "reportTypes": "ReportType",
    "reports": "Report",
    "tabs": "CustomTab",
    "translations": "Translations",
}
_PARTS = {
    "objects": {"fields": "CustomField", "listViews": "ListView"},
    "labels": {"labels": "CustomLabel"},
}
_MANIFESTS = ("package.xml", "destructiveChanges.xml", "destructiveChangesPost.xml")
#: Only what is added to these is a component.
STANDARD = frozenset({"Activity", "Task", "Event"})


class Name(NamedTuple):
    """Type and full name of a component."""

    type: str
    name: str


@dataclass(slots=True)
class Component:
    """`root` is its metadata; `text` what its scripts say, where it has any."""

    root: ET.Element
    text: str = ""

    def find(self, path: str) -> str:
        return (self.root.findtext(below(path)) or "").strip()

    def each(self, path: str) -> Iterator[ET.Element]:
        return self.root.iterfind(below(path))

    def texts(self, path: str) -> list[str]:
        return [(one.text or "").strip() for one in self.each(path)]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a component is not taken; a `warning` keeps nothing back."""

    what: Name
    text: str
    warning: bool = False


@dataclass(slots=True)
class Package:
    """What a zip brings and removes, and what is wrong with it as a zip."""

    components: dict[Name, Component] = field(default_factory=dict)
    removed: list[Name] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def below(path: str) -> str:
    return "/".join(SPACE + part for part in path.split("/"))


def text_of(element: ET.Element, path: str) -> str:
    return (element.findtext(below(path)) or "").strip()


def read_zip(content: bytes) -> Package:
    """Raises ValueError where it is no zip or holds no package.xml."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            files = {name: packed.read(name) for name in packed.namelist() if name[-1] != "/"}
    except zipfile.BadZipFile as wrong:
        raise ValueError(str(wrong)) from None
    if "package.xml" not in files:
        raise ValueError("No package.xml found")
    found = Package()
    for path in sorted(files):
        if path not in _MANIFESTS:
            _read(found, PurePosixPath(path), files[path])
    for manifest in _MANIFESTS[1:]:
        if manifest in files:
            found.removed += _named(files[manifest])
    _compare(found, set(_named(files["package.xml"])))
    return found


def _read(found: Package, path: PurePosixPath, content: bytes) -> None:
    folder = path.parts[0]
    type_ = TYPES.get(folder)
    if type_ is None:
        found.problems.append(Problem(Name("", str(path)), "Unknown folder in the package"))
        return
    if folder == "lwc":
        _bundle(found, path, content)
        return
    try:
        root = ET.fromstring(content)  # noqa: S314 - what a test or a demonstration sends
    except ET.ParseError as wrong:
        found.problems.append(Problem(Name(type_, path.stem), f"Error parsing file: {wrong}"))
        return
    for name, part in _components(folder, type_, path, root):
        found.components[name] = Component(part)


def _bundle(found: Package, path: PurePosixPath, content: bytes) -> None:
    name = Name(TYPES["lwc"], path.parts[1])
    kept = found.components.setdefault(name, Component(ET.Element("none")))
    if path.name.endswith("-meta.xml"):
        kept.root = ET.fromstring(content)  # noqa: S314 - the same
    else:
        kept.text += content.decode("utf-8")


def _components(
    folder: str, type_: str, path: PurePosixPath, root: ET.Element
) -> Iterator[tuple[Name, ET.Element]]:
    stem = path.name.removesuffix("-meta.xml") if path.name.endswith("-meta.xml") else path.stem
    if folder in ("reports", "dashboards") and len(path.parts) > 2:  # noqa: PLR2004 - folder, name
        stem = f"{path.parts[1]}/{stem}"
    if stem not in STANDARD and folder != "labels":
        yield Name(type_, stem), root
    for tag, part_type in _PARTS.get(folder, {}).items():
        for part in root.iterfind(SPACE + tag):
            own = text_of(part, "fullName")
            yield Name(part_type, own if folder == "labels" else f"{stem}.{own}"), part


def _named(manifest: bytes) -> list[Name]:
    root = ET.fromstring(manifest)  # noqa: S314 - the same
    return [
        Name(text_of(types, "name"), (member.text or "").strip())
        for types in root.iterfind(below("types"))
        for member in types.iterfind(below("members"))
    ]


def _compare(found: Package, named: set[Name]) -> None:
    """Manifest and files have to tell the same."""
    for one in sorted(named - found.components.keys()):
        text = f"An object '{one.name}' of type {one.type} was named in package.xml, "
        found.problems.append(Problem(one, text + "but was not found in zipped directory"))
    for one in sorted(found.components.keys() - named):
        found.problems.append(Problem(one, "File is not named in package.xml"))


def grants(permission_set: Component) -> Mapping[tuple[str, str], bool]:
    """Object and field that may be read; whether they may be edited too."""
    found = {}
    for one in permission_set.each("fieldPermissions"):
        object_, _, name = text_of(one, "field").partition(".")
        if text_of(one, "readable") == "true":
            found[object_, name] = text_of(one, "editable") == "true"
    return found
