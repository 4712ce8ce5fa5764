"""Why the platform would not take a package: against the org as it is and the package itself."""

import re
from collections.abc import Callable, Iterator, Mapping

from crm_loop_sandbox.salesforce.metadata.packages import (
    STANDARD,
    Component,
    Name,
    Package,
    Problem,
    text_of,
)
from crm_loop_sandbox.salesforce.org import Org
from crm_loop_sandbox.salesforce.package_files import TYPES

Problems = Iterator[Problem]
_LABEL = re.compile(r"@salesforce/label/c\.(\w+)")


class Sight:
    """What is there once a package has been applied: of the org, and of the package."""

    def __init__(self, org: Org, package: Package) -> None:
        self.org = org
        self.components = {
            name: one
            for name, one in (org.components | package.components).items()
            if name not in package.removed
        }

    def has(self, type_: str, name: str) -> bool:
        return Name(type_, name) in self.components

    def has_object(self, name: str) -> bool:
        return name in self.org.schema or self.has("CustomObject", name)

    def field(self, object_: str, name: str) -> Component | None:
        """A field that came by a deploy; those of activities stand under one name."""
        home = "Activity" if object_ in STANDARD else object_
        return self.components.get(Name("CustomField", f"{home}.{name}"))

    def has_field(self, object_: str, name: str) -> bool:
        known = self.org.schema.get(object_)
        return (known is not None and name in known) or self.field(object_, name) is not None

    def of(self, type_: str) -> Iterator[tuple[str, Component]]:
        return ((name, one) for (kind, name), one in self.components.items() if kind == type_)


def problems(org: Org, package: Package) -> list[Problem]:
    """Everything that keeps the package out, and warnings."""
    sight = Sight(org, package)
    found = list(package.problems)
    for name, component in package.components.items():
        check = _CHECKS.get(name.type)
        if check is not None:
            found += check(sight, name, component)
    for name in package.removed:
        found += _removal(sight, org, name)
    return found


def _field(sight: Sight, name: Name, field: Component) -> Problems:
    kind = field.find("type")
    if kind not in TYPES:
        yield Problem(name, f"Invalid field type: {kind}")
    target = field.find("referenceTo")
    if target and not sight.has_object(target):
        yield Problem(name, f"referenceTo value of '{target}' does not resolve to a valid sObject")


def _permission_set(sight: Sight, name: Name, given: Component) -> Problems:
    for one in given.each("fieldPermissions"):
        full = text_of(one, "field")
        object_, _, own = full.partition(".")
        if not sight.has_field(object_, own):
            yield Problem(name, f"In field: field - no CustomField named {full} found")
            continue
        field = sight.field(object_, own)
        if field is None:
            continue
        if field.find("required") == "true" or field.find("type") == "MasterDetail":
            yield Problem(name, f"You cannot deploy to a required field: {full}")
        elif field.find("formula") and text_of(one, "editable") == "true":
            yield Problem(name, f"Field {full} is not editable")
    for one in given.each("objectPermissions"):
        if not sight.has_object(text_of(one, "object")):
            text = f"In field: object - no CustomObject named {text_of(one, 'object')} found"
            yield Problem(name, text)
    for one in given.each("applicationVisibilities"):
        if not sight.has("CustomApplication", text_of(one, "application")):
            yield Problem(name, "In field: application - no CustomApplication found")


def _of_object(sight: Sight, name: Name, _component: Component) -> Problems:
    object_ = name.name.partition("-")[0]
    if not sight.has_object(object_) and object_ not in STANDARD:
        yield Problem(name, f"Entity Enumeration Or ID: bad value: {object_}")


def _page(sight: Sight, name: Name, page: Component) -> Problems:
    path = "flexiPageRegions/itemInstances/componentInstance/componentName"
    for one in page.texts(path):
        if ":" not in one and not sight.has("LightningComponentBundle", one):
            yield Problem(name, f"We couldn't retrieve the design time component for {one}")


def _app(sight: Sight, name: Name, app: Component) -> Problems:
    for tab in app.texts("tabs"):
        if not tab.startswith("standard-") and not sight.has("CustomTab", tab):
            yield Problem(name, f"In field: tab - no CustomTab named {tab} found")
    for page in app.texts("actionOverrides/content"):
        if not sight.has("FlexiPage", page):
            yield Problem(name, f"In field: content - no FlexiPage named {page} found")


def _bundle(sight: Sight, name: Name, bundle: Component) -> Problems:
    if bundle.root.tag == "none":
        yield Problem(name, "No *.js-meta.xml found")
    for label in sorted(set(_LABEL.findall(bundle.text))):
        if not sight.has("CustomLabel", label):
            yield Problem(name, f"Invalid reference c.{label} of type label")


def _report(sight: Sight, name: Name, report: Component) -> Problems:
    kind = report.find("reportType")
    if not kind:
        return
    known = sight.has("ReportType", kind.removesuffix("__c"))
    if not known and not sight.has_object(kind.removeprefix("CustomEntity$")):
        yield Problem(name, f"reportType: Invalid value specified: {kind}")


def _dashboard(sight: Sight, name: Name, board: Component) -> Problems:
    path = "dashboardGridLayout/dashboardGridComponents/dashboardComponent/report"
    for report in board.texts(path):
        if not sight.has("Report", report):
            yield Problem(name, f"no Report named {report} found")
    dynamic = board.find("dashboardType") == "LoggedInUser"
    if dynamic and sight.org.kernel.options.edition == "minimal":
        yield Problem(name, "You have reached the limit of dynamic dashboards for this org")


def _translation(sight: Sight, name: Name, _component: Component) -> Problems:
    """An org takes texts of a language that it has switched on."""
    language = name.name.rpartition("-")[2]
    spoken = {row["LanguageLocaleKey"] for row in sight.org.tables["Organization"].values()}
    if language not in spoken:
        yield Problem(name, f"Not available for deploy for this organization: {language}")
    if name.type == "CustomObjectTranslation":
        yield from _of_object(sight, name, _component)


_CHECKS: Mapping[str, Callable[[Sight, Name, Component], Problems]] = {
    "CustomField": _field,
    "PermissionSet": _permission_set,
    "CustomTab": _of_object,
    "Layout": _of_object,
    "FlexiPage": _page,
    "CustomApplication": _app,
    "LightningComponentBundle": _bundle,
    "Report": _report,
    "Dashboard": _dashboard,
    "Translations": _translation,
    "CustomObjectTranslation": _translation,
}


def _removal(sight: Sight, org: Org, name: Name) -> Problems:
    if name not in org.components:
        yield Problem(name, f"No {name.type} named: {name.name} found", warning=True)
        return
    used = _USES.get(name.type)
    if used is not None and (by := used(sight, org, name.name)):
        yield Problem(name, f"This {name.type} is referenced elsewhere: {by}")


def _page_uses(sight: Sight, _org: Org, component: str) -> str:
    path = "flexiPageRegions/itemInstances/componentInstance/componentName"
    return ", ".join(n for n, page in sight.of("FlexiPage") if component in page.texts(path))


def _app_uses(sight: Sight, _org: Org, page: str) -> str:
    apps = sight.of("CustomApplication")
    return ", ".join(n for n, app in apps if page in app.texts("actionOverrides/content"))


def _script_uses(sight: Sight, _org: Org, label: str) -> str:
    bundles = sight.of("LightningComponentBundle")
    return ", ".join(n for n, one in bundles if label in _LABEL.findall(one.text))


def _user_has(_sight: Sight, org: Org, permission_set: str) -> str:
    sets = {r["Id"] for r in org.rows("PermissionSet") if r["Name"] == permission_set}
    rows = org.rows("PermissionSetAssignment")
    return "assigned to users" if any(r["PermissionSetId"] in sets for r in rows) else ""


def _lookup_uses(sight: Sight, _org: Org, object_: str) -> str:
    return ", ".join(
        n
        for n, field in sight.of("CustomField")
        if field.find("referenceTo") == object_ and sight.has("CustomObject", n.partition(".")[0])
    )


_USES: Mapping[str, Callable[[Sight, Org, str], str]] = {
    "LightningComponentBundle": _page_uses,
    "FlexiPage": _app_uses,
    "CustomLabel": _script_uses,
    "PermissionSet": _user_has,
    "CustomObject": _lookup_uses,
}
