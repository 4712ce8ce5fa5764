"""What a deploy refuses although every file is well-formed: one function per rule.

Each takes the project and yields one sentence per breach.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator

from salesforce_project import File, Part, Project

Breaches = Iterator[str]
Rule = Callable[[Project], Breaches]

KEY_LENGTH = 64
LIST_VIEW_LABEL = 40
#: Operators of a list view by the kind of field.
_ANY = {"equals", "notEqual"}
_ORDERED = _ANY | {"lessThan", "greaterThan", "lessOrEqual", "greaterOrEqual"}
_TEXT = _ANY | {"contains", "notContain", "startsWith"}
_OPERATORS = {
    "Picklist": _ANY | {"contains", "notContain", "startsWith"},
    "Checkbox": _ANY,
    "Lookup": _TEXT,
    "MasterDetail": _TEXT,
    "Text": _TEXT,
    "Date": _ORDERED,
    "DateTime": _ORDERED,
    "Number": _ORDERED,
    "Percent": _ORDERED,
    "Currency": _ORDERED,
}
_PAGE_TARGETS = {
    "HomePage": "lightning__HomePage",
    "RecordPage": "lightning__RecordPage",
    "AppPage": "lightning__AppPage",
}
_LABEL = re.compile(r"@salesforce/label/c\.(\w+)")
_SCHEMA = re.compile(r"@salesforce/schema/(\w+)(?:\.(\w+))?")
_CUSTOM = re.compile(r"\b(\w+)__([cr])\b")
_QUERY = re.compile(r"gql`(.*?)`", re.DOTALL)
_SECRET = re.compile(r"-----BEGIN|3MVG9\w{20,}|client_secret|consumerSecret|consumerKey")


def rule_01_permission_sets_grant_what_exists(project: Project) -> Breaches:
    """No required, master-detail or missing field; what is computed is never editable."""
    for file in project.of("PermissionSet"):
        for granted in file.each("fieldPermissions"):
            name = granted.text("field")
            field = project.fields.get(name)
            if field is None:
                yield f"{file.name}: there is no field {name}"
            elif field.text("required") == "true" or field.text("type") == "MasterDetail":
                yield f"{file.name}: {name} is required, so it cannot be granted"
            elif granted.text("editable") == "true" and _is_computed(field):
                yield f"{file.name}: {name} is computed, so nobody edits it"
        for granted in file.each("objectPermissions"):
            name = granted.text("object")
            if name.endswith("__c") and name not in project.objects:
                yield f"{file.name}: there is no object {name}"


def _is_computed(field: File) -> bool:
    return field.text("type") == "AutoNumber" or bool(field.text("formula"))


def rule_02_details_follow_their_master(project: Project) -> Breaches:
    masters = {
        name.partition(".")[0]: field
        for name, field in project.fields.items()
        if field.text("type") == "MasterDetail"
    }
    for name, object_ in project.objects.items():
        if (object_.text("sharingModel") == "ControlledByParent") is not (name in masters):
            yield f"{name}: the sharing model does not fit its fields"
    for field in masters.values():
        for given in ("required", "deleteConstraint"):
            if field.text(given):
                yield f"{field.name}: a master-detail field has no {given}"


def rule_03_numbers_say_how_they_look(project: Project) -> Breaches:
    for name, object_ in project.objects.items():
        for named in object_.each("nameField"):
            numbered = named.text("type") == "AutoNumber"
            if numbered and not (named.text("displayFormat") and named.text("startingNumber")):
                yield f"{name}: an automatic number needs displayFormat and startingNumber"


def rule_04_names_stand_in_file_names(project: Project) -> Breaches:
    for name, object_ in project.objects.items():
        if object_.text("fullName"):
            yield f"{name}: an object file says its name by its place only"
    for file in (*project.of("CustomField"), *project.of("ListView")):
        if file.text("fullName") != file.name:
            yield f"{file.path.name}: holds {file.text('fullName')}"


def rule_05_object_tabs_hold_no_more(project: Project) -> Breaches:
    for file in project.of("CustomTab"):
        held = {child.tag.rpartition("}")[2] for child in file.root}
        if held != {"customObject", "motif"}:
            yield f"{file.name}: holds {', '.join(sorted(held))}"
        if file.name not in project.objects:
            yield f"{file.name}: there is no such object"


def rule_06_apps_override_what_there_is(project: Project) -> Breaches:
    pages = {file.name: file for file in project.of("FlexiPage")}
    tabs = {file.name for file in project.of("CustomTab")}
    for app in project.of("CustomApplication"):
        for name in app.texts("tabs"):
            if not name.startswith("standard-") and name not in tabs:
                yield f"{app.name}: there is no tab {name}"
        for override in app.each("actionOverrides"):
            yield from _override(app.name, override, pages)


def _override(app: str, override: Part, pages: dict[str, File]) -> Breaches:
    action, where = override.text("actionName"), override.text("pageOrSobjectType")
    page = pages.get(override.text("content"))
    if page is None:
        yield f"{app}: there is no page {override.text('content')}"
    elif page.text("type") == "HomePage":
        if (action, where) != ("Tab", "standard-home"):
            yield f"{app}: a home page stands for the tab standard-home"
    elif (action, where) != ("View", page.text("sobjectType")):
        yield f"{app}: {page.name} is the view of {page.text('sobjectType')}"


def rule_07_pages_name_things_once(project: Project) -> Breaches:
    for page in project.of("FlexiPage"):
        parts = list(page.root.iter())
        for kind in ("identifier", "name"):
            scope = parts if kind == "identifier" else page.each("flexiPageRegions")
            names = Counter(_named(one, kind) for one in scope)
            for name, times in names.items():
                if name and times > 1:
                    yield f"{page.name}: {kind} {name} {times} times"
        for item in page.texts("flexiPageRegions/itemInstances/fieldInstance/fieldItem"):
            if not item.startswith("Record."):
                yield f"{page.name}: {item} is no Record.Field"


def _named(one: object, kind: str) -> str:
    if isinstance(one, Part):
        return one.text(kind)
    text = getattr(one, "text", "") or ""
    return text.strip() if str(getattr(one, "tag", "")).endswith(f"}}{kind}") else ""


def rule_08_pages_show_components_made_for_them(project: Project) -> Breaches:
    made = {file.name: set(file.texts("targets/target")) for file in _bundles(project)}
    for name in project.bundles.keys() - made.keys():
        yield f"{name}: has no js-meta.xml"
    for page in project.of("FlexiPage"):
        path = "flexiPageRegions/itemInstances/componentInstance/componentName"
        for name in page.texts(path):
            if ":" in name and not name.startswith("c:"):
                continue
            targets = made.get(name.removeprefix("c:"))
            if targets is None:
                yield f"{page.name}: there is no component {name}"
            elif _PAGE_TARGETS[page.text("type")] not in targets:
                yield f"{page.name}: {name} is not made for a {page.text('type')}"


def _bundles(project: Project) -> list[File]:
    return project.of("LightningComponentBundle")


def rule_09_components_name_what_exists(project: Project) -> Breaches:
    fields = {name.partition(".")[2] for name in project.fields}
    # A lookup is followed, and children are listed, by a name that ends differently.
    related = {name.removesuffix("__c") + "__r" for name in fields}
    known = project.objects.keys() | fields | related
    for path in project.sources():
        text = path.read_text("utf-8")
        for name in _LABEL.findall(text):
            if name not in project.labels:
                yield f"{path.name}: there is no label {name}"
        for object_, field in _SCHEMA.findall(text):
            if f"{object_}.{field}" not in project.fields if field else object_ not in known:
                yield f"{path.name}: there is no {object_}.{field}".rstrip(".")
        for stem, kind in _CUSTOM.findall(text):
            if f"{stem}__{kind}" not in known:
                yield f"{path.name}: there is no {stem}__{kind}"
    yield from _queries(project)
    yield from _translations(project)


def _queries(project: Project) -> Breaches:
    """Fields in a query belong to the object that is asked for, or to one it leads to."""
    for path in project.sources():
        for query in _QUERY.findall(path.read_text("utf-8")):
            asked = re.search(r"query \{\s*(\w+)\(", query)
            if asked is None:
                yield f"{path.name}: a query that asks for nothing"
                continue
            object_ = asked[1]
            for name in set(re.findall(r"\b(\w+__c)\b", query)) - {object_}:
                if not any(project.knows(one, name) for one in _reached(project, object_)):
                    yield f"{path.name}: {object_} has no {name}"


def _reached(project: Project, object_: str) -> list[str]:
    """An object and what its lookups lead to."""
    own = [f for n, f in project.fields.items() if n.startswith(f"{object_}.")]
    return [object_, *filter(None, (field.text("referenceTo") for field in own))]


def _translations(project: Project) -> Breaches:
    for file in project.of("Translations"):
        told = {label.text("name") for label in file.each("customLabels")}
        if not told:
            continue
        for name in sorted(project.labels.keys() ^ told):
            yield f"{file.name}: the label {name} is in one of the two languages only"
    translated = {
        f"{file.path.parent.name.partition('-')[0]}.{file.name}"
        for file in project.of("CustomFieldTranslation")
    }
    own = {name for name in project.fields if name.partition(".")[0] not in ("Task", "Event")}
    for name in sorted(own ^ translated):
        yield f"{name}: is in one of the two languages only"
    for file in project.of("CustomFieldTranslation"):
        object_ = file.path.parent.name.partition("-")[0]
        field = project.fields.get(f"{object_}.{file.name}")
        path = "valueSet/valueSetDefinition/value/label"
        wanted = set() if field is None else set(field.texts(path))
        for value in sorted(wanted ^ set(file.texts("picklistValues/masterLabel"))):
            yield f"{object_}.{file.name}: the value {value} is in one language only"


def rule_10_keys_are_unique_and_long_enough(project: Project) -> Breaches:
    for name, field in project.fields.items():
        if field.text("externalId") != "true":
            continue
        if field.text("unique") != "true":
            yield f"{name}: a key that is not unique"
        if int(field.text("length") or 0) < KEY_LENGTH:
            yield f"{name}: shorter than {KEY_LENGTH} characters"


def rule_11_list_views_and_lookups_fit(project: Project) -> Breaches:
    for view in project.of("ListView"):
        object_ = view.path.parts[-3]
        if len(view.text("label")) >= LIST_VIEW_LABEL:
            yield f"{view.name}: the label is too long"
        for column in view.texts("columns"):
            if not project.knows(object_, column):
                yield f"{view.name}: {object_} has no {column}"
        for asked in view.each("filters"):
            yield from _filter(project, view.name, f"{object_}.{asked.text('field')}", asked)
    yield from _lookups(project)
    yield from _reports(project)


def _lookups(project: Project) -> Breaches:
    for name, field in project.fields.items():
        target = field.text("referenceTo")
        if target.endswith("__c") and target not in project.objects:
            yield f"{name}: leads to {target}, which is not there"
        if (field.text("type") in ("Lookup", "MasterDetail")) is not bool(target):
            yield f"{name}: a lookup, and nothing else, leads somewhere"
    for layout in project.of("Layout"):
        object_ = layout.path.name.partition("-")[0]
        for item in layout.texts("layoutSections/layoutColumns/layoutItems/field"):
            if not project.knows(object_, item):
                yield f"{layout.name}: {object_} has no {item}"


def _filter(project: Project, view: str, name: str, asked: Part) -> Breaches:
    field = project.fields.get(name)
    if field is None:
        yield f"{view}: there is no {name} to filter by"
        return
    if asked.text("operation") not in _OPERATORS.get(field.text("type"), _ANY):
        yield f"{view}: {asked.text('operation')} does not fit {name}"
    values = {value.text or "" for value in field.root.iter() if value.tag.endswith("}fullName")}
    if field.text("type") == "Picklist" and asked.text("value") not in values:
        yield f"{view}: {name} never is {asked.text('value')}"


def _reports(project: Project) -> Breaches:
    reports = {f"{file.path.parent.name}/{file.name}": file for file in project.of("Report")}
    types = {f"{file.name}__c" for file in project.of("ReportType")}
    for name, report in reports.items():
        kind = report.text("reportType")
        if kind not in types and kind.removeprefix("CustomEntity$") not in project.objects:
            yield f"{name}: there is no report type {kind}"
        for column in re.findall(r">(\w+__c)\.(\w+__c)<", report.path.read_text("utf-8")):
            if ".".join(column) not in project.fields:
                yield f"{name}: there is no column {'.'.join(column)}"
    for board in project.of("Dashboard"):
        path = "dashboardGridLayout/dashboardGridComponents/dashboardComponent/report"
        for name in board.texts(path):
            if name not in reports:
                yield f"{board.name}: there is no report {name}"


def rule_12_nothing_is_newer_than_the_package(project: Project) -> Breaches:
    newest = float(project.settings["sourceApiVersion"])
    for bundle in _bundles(project):
        if not 0 < float(bundle.text("apiVersion") or 0) <= newest:
            yield f"{bundle.name}: is of version {bundle.text('apiVersion')}, not up to {newest}"
    for manifest in project.home.rglob("package.xml"):
        if "node_modules" not in manifest.parts and "*" in manifest.read_text("utf-8"):
            yield f"{manifest.name}: takes whatever there is"


def rule_13_no_secret_is_in_it(project: Project) -> Breaches:
    templates = project.home / "auth"
    places = [file.path for file in project.files] + list(project.sources())
    for path in places:
        text = path.read_text("utf-8")
        if templates not in path.parents and _SECRET.search(text):
            yield f"{path.name}: holds what looks like a secret"
        if templates in path.parents and re.search(r"-----BEGIN|3MVG9", text):
            yield f"{path.name}: a template holds no certificate of anybody"


RULES: list[Rule] = [rule for name, rule in sorted(globals().items()) if name.startswith("rule_")]
