"""A package that was accepted changes the org: objects, fields, permission sets."""

from collections.abc import Mapping

from crm_loop_sandbox.salesforce import schema
from crm_loop_sandbox.salesforce.metadata.packages import Component, Name, Package, grants
from crm_loop_sandbox.salesforce.org import Org
from crm_loop_sandbox.salesforce.package_files import field_of, table_of
from crm_loop_sandbox.salesforce.schema import Field, Table

#: What goes with an object, because its name begins with the object's.
_OF_OBJECT = ("CustomField", "ListView", "Layout", "CustomTab", "CustomObjectTranslation")


def apply(org: Org, package: Package) -> None:
    """All of it; nothing can fail any more."""
    for name in package.removed:
        _forget(org, name)
    org.components |= package.components
    org.reshape(_schema(org))
    _permission_sets(org)
    org.kernel.scratch["sf.deployed"] = True


def _forget(org: Org, name: Name) -> None:
    org.components.pop(name, None)
    if name.type != "CustomObject":
        return
    for other in list(org.components):
        owner = other.name.partition(".")[0].partition("-")[0]
        if other.type in _OF_OBJECT and owner == name.name:
            del org.components[other]


def _schema(org: Org) -> dict[str, Table]:
    """What the org had when it was made, and what was deployed since."""
    options = org.kernel.options
    tables = {name: Table(t, label=t.label, private=t.private, activities=t.activities)
              for name, t in org.at_first.items() if not name.endswith("__Share")}  # fmt: skip
    for (type_, name), component in sorted(org.components.items()):
        if type_ == "CustomObject":
            tables[name] = table_of(component.root, _fields(org.components, name))
    activity = _fields(org.components, "Activity")
    if activity:
        tables["Activity"] = Table(tables.get("Activity", Table({})) | activity)
    return schema.build(
        package="full",
        edition=options.edition,
        currencies=org.currencies,
        packaged=schema.with_shares(tables),
    )


def _fields(components: Mapping[Name, Component], object_: str) -> dict[str, Field]:
    found = (
        field_of(component.root)
        for (type_, name), component in components.items()
        if type_ == "CustomField" and name.partition(".")[0] == object_
    )
    return {field.name: field for field in found}


def _permission_sets(org: Org) -> None:
    """A row for each set that was deployed; the rows of sets that are gone go too."""
    sets = {name: one for (type_, name), one in org.components.items() if type_ == "PermissionSet"}
    org.granted = {name: grants(one) for name, one in sets.items()}
    for row in list(org.rows("PermissionSet")):
        if row["Name"] not in sets:
            org.drop("PermissionSet", row)
    known = {row["Name"] for row in org.rows("PermissionSet")}
    for name in sorted(sets.keys() - known):
        row = org.blank("PermissionSet")
        row |= {"Id": org.new_id("PermissionSet", name), "Name": name,
                "Label": sets[name].find("label"), "SystemModstamp": org.now}  # fmt: skip
        org.put("PermissionSet", row)
