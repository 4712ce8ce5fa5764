"""The Salesforce package's source files, read for checks that need no org."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

HOME = Path(__file__).parents[2] / "connectors/salesforce"
SPACE = "{http://soap.sforce.com/2006/04/metadata}"
UNITS = ("force-app", "i18n-ja", "analytics", "auth")
#: Of a project's folder, what its checks look at.
SOURCES = (*UNITS, "sfdx-project.json")


@dataclass(frozen=True, slots=True)
class File:
    """One `*-meta.xml` with its type and its root element."""

    path: Path
    type: str
    root: ET.Element

    @property
    def name(self) -> str:
        """The full name: what stands before the suffix of the type."""
        return self.path.name.removesuffix("-meta.xml").rpartition(".")[0]

    def text(self, path: str) -> str:
        return (self.root.findtext(inside(path)) or "").strip()

    def texts(self, path: str) -> list[str]:
        return [(one.text or "").strip() for one in self.root.iterfind(inside(path))]

    def each(self, path: str) -> Iterator["Part"]:
        return (Part(one) for one in self.root.iterfind(inside(path)))


@dataclass(frozen=True, slots=True)
class Part:
    """An element inside a file."""

    element: ET.Element

    def text(self, path: str) -> str:
        return (self.element.findtext(inside(path)) or "").strip()

    def each(self, path: str) -> Iterator["Part"]:
        return (Part(one) for one in self.element.iterfind(inside(path)))

    def has(self, path: str) -> bool:
        return self.element.find(inside(path)) is not None


def inside(path: str) -> str:
    return "/".join(SPACE + part for part in path.split("/"))


@dataclass(frozen=True)
class Project:
    """A project's folder with its package directories."""

    home: Path

    @cached_property
    def files(self) -> list[File]:
        found = sorted(p for unit in UNITS for p in (self.home / unit).rglob("*-meta.xml"))
        return [_read(path) for path in found]

    def of(self, type_: str) -> list[File]:
        return [file for file in self.files if file.type == type_]

    @cached_property
    def objects(self) -> dict[str, File]:
        return {file.name: file for file in self.of("CustomObject")}

    @cached_property
    def fields(self) -> dict[str, File]:
        """By `Object.Field`; fields of Activity are those of Task and of Event."""
        found = {f"{file.path.parts[-3]}.{file.name}": file for file in self.of("CustomField")}
        activity = {n.partition(".")[2]: f for n, f in found.items() if n.startswith("Activity.")}
        return found | {f"{o}.{n}": f for o in ("Task", "Event") for n, f in activity.items()}

    @cached_property
    def labels(self) -> dict[str, str]:
        found = (label for file in self.of("CustomLabels") for label in file.each("labels"))
        return {label.text("fullName"): label.text("value") for label in found}

    @cached_property
    def bundles(self) -> dict[str, Path]:
        """Folders of Lightning web components, by name."""
        homes = (path for unit in UNITS for path in (self.home / unit).rglob("lwc/*"))
        return {path.name: path for path in homes if path.is_dir() and path.name[0] != "_"}

    def sources(self) -> Iterator[Path]:
        """Every script and template that is installed."""
        for home in self.bundles.values():
            yield from (
                path for path in sorted(home.glob("*.*")) if path.suffix in (".js", ".html")
            )

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads((self.home / "sfdx-project.json").read_bytes())
        return found

    def knows(self, object_name: str, field: str) -> bool:
        """Whether a field is there; what is not custom is the platform's."""
        return not field.endswith("__c") or f"{object_name}.{field}" in self.fields


def _read(path: Path) -> File:
    root = ET.fromstring(path.read_bytes())  # noqa: S314 - our own files
    return File(path, root.tag.removeprefix(SPACE), root)
