"""What objects an org has: the lines of `objects` read into fields."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from crm_loop_sandbox.salesforce.objects import OBJECTS
from crm_loop_sandbox.salesforce.packaged import (
    ACTIVITY_KEYS,
    ACTIVITY_LINKS,
    PACKAGED,
    PUBLIC,
    WITH_ACTIVITIES,
)

#: Objects that carry a currency where the org has several.
_MONEY = frozenset(
    {"Opportunity", "OpportunityHistory", "OpportunitySplit", "ForecastingQuota", "Account",
     "Contact", "Lead", "Campaign", "Quote", "Task", "Event", "User"}
)  # fmt: skip
#: What an org without options lacks.
_MINIMAL_LACKS = frozenset(
    {"ForecastingQuota", "ForecastingType", "OpportunityFieldHistory", "CurrencyType",
     "DatedConversionRate", "OpportunitySplit", "OpportunitySplitType", "Quote", "EmailMessage"}
)  # fmt: skip
_CURRENCIES = frozenset({"CurrencyType", "DatedConversionRate"})
ACTIVITIES = ("Task", "Event")


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `children` are the names under which the targets list the records."""

    name: str
    type: str
    length: int
    targets: tuple[str, ...]
    flags: str
    children: tuple[str, ...] = ()
    label: str = ""
    scale: int = 2
    values: tuple[str, ...] = ()
    formula: str = ""

    @property
    def createable(self) -> bool:
        return "r" not in self.flags

    @property
    def updateable(self) -> bool:
        return "r" not in self.flags and "c" not in self.flags

    @property
    def required(self) -> bool:
        return "!" in self.flags

    @property
    def filterable(self) -> bool:
        return "n" not in self.flags and self.type != "address"

    @property
    def unique(self) -> bool:
        return "u" in self.flags

    @property
    def external(self) -> bool:
        return "e" in self.flags

    @property
    def restricted(self) -> bool:
        return "R" in self.flags

    @property
    def relationship(self) -> str | None:
        if not self.targets:
            return None
        if self.name.endswith("__c"):
            return self.name.removesuffix("__c") + "__r"
        return self.name.removesuffix("Id")


class Table(dict[str, Field]):
    """The fields of one object by name, and what the object is called."""

    def __init__(
        self,
        fields: Mapping[str, Field],
        *,
        label: str = "",
        private: bool = False,
        activities: bool = False,
    ) -> None:
        super().__init__(fields)
        self.label = label
        self.private = private
        self.activities = activities


def build(
    *, package: str, edition: str, currencies: bool, packaged: Mapping[str, Table] | None = None
) -> dict[str, Table]:
    """The objects of an org with a package (or not), of an edition, with currencies (or not).

    `packaged` are the objects of a package read from its files, with the fields that it adds to
    activities under the name Activity; without it the sandbox's own list is taken.
    """
    more = added(package, packaged)
    found: dict[str, Table] = {}
    for name, text in OBJECTS.items():
        if name in _CURRENCIES and not currencies:
            continue
        if edition == "minimal" and name in _MINIMAL_LACKS:
            continue
        lines = text
        if currencies and edition != "minimal" and name in _MONEY:
            lines += "\nCurrencyIsoCode picklist"
        fields = fields_of(lines)
        if name in ACTIVITIES:
            fields |= more.get("Activity", {})
            fields["WhatId"] = _also_about(fields["WhatId"], more, f"{name}s")
        found[name] = Table(fields)
    return found | {name: table for name, table in more.items() if name != "Activity"}


def _also_about(field: Field, added: Mapping[str, Table], children: str) -> Field:
    """Activities may be about records of the package that take activities."""
    more = tuple(name for name, table in added.items() if table.activities)
    named = field.children + (children,) * len(more)
    return replace(field, targets=field.targets + more, children=named)


def added(package: str, packaged: Mapping[str, Table] | None) -> Mapping[str, Table]:
    """What a package brings: its objects, and under the name Activity its fields there."""
    if package == "none":
        return {}
    if packaged is None:
        own = {
            name: Table(
                fields_of(lines), private=name not in PUBLIC, activities=name in WITH_ACTIVITIES
            )
            for name, lines in PACKAGED.items()
        }
        own["Activity"] = Table(fields_of(ACTIVITY_KEYS + ACTIVITY_LINKS))
        packaged = with_shares(own)
    if package == "full":
        return packaged
    # Activity fields alone: a lookup to an object that is not there is not there either.
    alone = {n: f for n, f in packaged.get("Activity", Table({})).items() if not f.targets}
    return {"Activity": Table(alone)}


def with_shares(tables: Mapping[str, Table]) -> dict[str, Table]:
    """Each private object of a package comes with an object of its share rows."""
    shares = {
        name.removesuffix("__c") + "__Share": Table(
            fields_of(
                f"Id id r\nIsDeleted bool r\nParentId ref:{name}>Shares !c\n"
                "UserOrGroupId ref:User !c\nAccessLevel picklist !\nRowCause picklist c\n"
                "LastModifiedDate datetime r\nLastModifiedById ref:User r\n"
            ),
            label=f"{table.label} Share",
        )
        for name, table in tables.items()
        if table.private and "OwnerId" in table
    }
    return {**tables, **shares}


def fields_of(text: str) -> dict[str, Field]:
    return {field.name: field for field in _fields(text)}


def _fields(text: str) -> Iterator[Field]:
    for line in filter(None, map(str.strip, text.splitlines())):
        yield _field(line)


@lru_cache(maxsize=1024)
def _field(line: str) -> Field:
    name, kind, *flags = line.split()
    base, _, rest = kind.partition("(")
    base, _, targets = base.partition(":")
    named = [target.partition(">") for target in filter(None, targets.split("|"))]
    return Field(
        name,
        base,
        int(rest.rstrip(")")) if rest else 0,
        tuple(target for target, _, _ in named),
        "".join(flags),
        tuple(children for _, _, children in named),
    )
