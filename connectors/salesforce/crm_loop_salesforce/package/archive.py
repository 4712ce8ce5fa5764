"""A zip that the Metadata API takes, made of files in the source format."""

import io
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from crm_loop_salesforce.transport import API_VERSION

_SPACE = "http://soap.sforce.com/2006/04/metadata"
_META = "-meta.xml"
#: Type by the folder that holds it.
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
#: Folders whose components come in many files and go into one: the whole, and its parts by kind.
_PARTS = {
    "objects": {"field": "fields", "listView": "listViews"},
    "objectTranslations": {"fieldTranslation": "fields"},
}
_SUFFIX = {"objects": "object", "objectTranslations": "objectTranslation"}
_ROOT = {"objects": "CustomObject", "objectTranslations": "CustomObjectTranslation"}
#: A standard object is not ours to name: only what we add to it.
_STANDARD = frozenset({"Activity"})

ET.register_namespace("", _SPACE)

Files = Iterable[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Archive:
    """The entries of a zip by path, and the full names of its components by type."""

    entries: Mapping[str, bytes] = field(repr=False)
    members: Mapping[str, Sequence[str]]

    def zipped(self) -> bytes:
        """Equal contents give equal bytes."""
        return _zip({**self.entries, "package.xml": manifest(self.members)})


def archive(files: Files) -> Archive:
    """Put the parts of objects together and name every component."""
    entries: dict[str, bytes] = {}
    members: dict[str, set[str]] = defaultdict(set)
    wholes: dict[PurePosixPath, list[tuple[str, ET.Element]]] = defaultdict(list)
    for name, content in files:
        path = PurePosixPath(name)
        folder = path.parts[0]
        if folder in _PARTS:
            wholes[PurePosixPath(folder, path.parts[1])].append((path.name, _parsed(content)))
            continue
        entries[_entry(path)] = content
        for type_, member in _named(path, content):
            members[type_].add(member)
    for place, parts in wholes.items():
        folder, owner = place.parts
        entries[f"{folder}/{owner}.{_SUFFIX[folder]}"] = _whole(folder, parts)
        for type_, member in _named_whole(folder, owner, parts):
            members[type_].add(member)
    return Archive(entries, {type_: sorted(found) for type_, found in sorted(members.items())})


def manifest(members: Mapping[str, Sequence[str]]) -> bytes:
    root = ET.Element(_tag("Package"))
    for type_, names in sorted(members.items()):
        types = ET.SubElement(root, _tag("types"))
        for name in names:
            ET.SubElement(types, _tag("members")).text = name
        ET.SubElement(types, _tag("name")).text = type_
    ET.SubElement(root, _tag("version")).text = API_VERSION
    return _written(root)


def removal(members: Mapping[str, Sequence[str]]) -> bytes:
    """A zip that takes these components out and brings nothing."""
    return _zip({"package.xml": manifest({}), "destructiveChanges.xml": manifest(members)})


def _entry(path: PurePosixPath) -> str:
    """Where a file lies in the zip: a component keeps its side file, others are one file."""
    if path.parts[0] == "lwc":
        return str(path)
    plain = path.name.removesuffix(_META)
    if plain.endswith("Folder"):
        return str(path.with_name(plain.rpartition(".")[0] + _META))
    return str(path.with_name(plain))


def _named(path: PurePosixPath, content: bytes) -> Iterable[tuple[str, str]]:
    folder = path.parts[0]
    stem = path.name.removesuffix(_META).rpartition(".")[0]
    if folder == "lwc":
        yield TYPES[folder], path.parts[1]
    elif folder == "labels":
        for label in _parsed(content).iterfind(_tag("labels")):
            yield "CustomLabel", label.findtext(_tag("fullName")) or ""
    elif folder in ("reports", "dashboards") and path.parent.name != folder:
        yield TYPES[folder], f"{path.parent.name}/{stem}"
    else:
        yield TYPES[folder], stem


def _named_whole(
    folder: str, owner: str, parts: Sequence[tuple[str, ET.Element]]
) -> Iterable[tuple[str, str]]:
    if owner not in _STANDARD or folder != "objects":
        yield TYPES[folder], owner
    if folder != "objects":
        return
    for _, root in parts:
        type_ = root.tag.rpartition("}")[2]
        if type_ != "CustomObject":
            yield type_, f"{owner}.{root.findtext(_tag('fullName'))}"


def _whole(folder: str, parts: Sequence[tuple[str, ET.Element]]) -> bytes:
    """One element with everything in it; the API wants equal elements side by side."""
    children: list[ET.Element] = []
    for name, root in parts:
        kind = name.removesuffix(_META).rpartition(".")[2]
        inside = _PARTS[folder].get(kind)
        if inside is None:
            children += list(root)
            continue
        part = ET.Element(_tag(inside))
        part.extend(list(root))
        children.append(part)
    whole = ET.Element(_tag(_ROOT[folder]))
    whole.extend(sorted(children, key=lambda child: child.tag))
    return _written(whole)


def _parsed(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314 - the package's own files


def _written(root: ET.Element) -> bytes:
    ET.indent(root, "    ")
    text: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return text + b"\n"


def _tag(name: str) -> str:
    return f"{{{_SPACE}}}{name}"


def _zip(entries: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(entries):
            target.writestr(zipfile.ZipInfo(name), entries[name], zipfile.ZIP_DEFLATED)
    return packed.getvalue()
