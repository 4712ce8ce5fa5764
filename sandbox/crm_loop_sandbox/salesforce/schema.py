"""What objects an org has: the lines of `objects` read into fields."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from crm_loop_sandbox.salesforce.objects import ACTIVITY_KEYS, OBJECTS

#: Objects that carry a currency where the org has several.
_MONEY = (
    "Opportunity",
    "OpportunityHistory",
    "ForecastingQuota",
    "Account",
    "Task",
    "Event",
    "User",
)
_MINIMAL_LACKS = frozenset(
    {"ForecastingQuota", "ForecastingType", "OpportunityFieldHistory", "CurrencyType",
     "DatedConversionRate"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str
    length: int
    targets: tuple[str, ...]
    flags: str

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
        return "n" not in self.flags

    @property
    def unique(self) -> bool:
        return "u" in self.flags

    @property
    def relationship(self) -> str | None:
        if not self.targets:
            return None
        return self.name.removesuffix("Id")


Table = Mapping[str, Field]


def build(*, package: str, edition: str, currencies: bool) -> dict[str, Table]:
    """The objects of an org with our package (or not), of an edition, with currencies (or not)."""
    found: dict[str, Table] = {}
    for name, text in OBJECTS.items():
        lacks_currency = name in ("CurrencyType", "DatedConversionRate") and not currencies
        if lacks_currency or (edition == "minimal" and name in _MINIMAL_LACKS):
            continue
        lines = text
        if package != "none" and name in ("Task", "Event"):
            lines += "\n" + ACTIVITY_KEYS
        if currencies and edition != "minimal" and name in _MONEY:
            lines += "\nCurrencyIsoCode picklist"
        found[name] = {field.name: field for field in _fields(lines)}
    return found


def _fields(text: str) -> Iterator[Field]:
    for line in filter(None, map(str.strip, text.splitlines())):
        yield _field(line)


@lru_cache(maxsize=1024)
def _field(line: str) -> Field:
    name, kind, *flags = line.split()
    base, _, rest = kind.partition("(")
    base, _, targets = base.partition(":")
    length = int(rest.rstrip(")")) if rest else 0
    return Field(name, base, length, tuple(filter(None, targets.split("|"))), "".join(flags))
