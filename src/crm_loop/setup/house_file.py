"""What an admin has decided, as one file: read, checked against what is there, compared; pure.

Targets, people and own KPIs have files of their own.
"""

import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import holidays
import tomlkit

from crm_loop.errors import CrmLoopError, WrongUsage
from crm_loop.loop_records import SlotLine
from crm_loop.setup import company_days, house_counting, house_roles
from crm_loop.store.connections import Organisation
from crm_loop.wording.places import no_toml

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
PLACES = ("S1", "S2", "S3", "S4", "won", "lost")
MINUTES = (15, 30)
LONGEST_PURPOSE = 60
_TABLES = ("house", house_counting.TABLE, "kpis", "templates", "talks", "stages")

Place = tuple[str, str, str]
"""Connection, pipeline and stage as the CRM calls them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything that the file says; `stages` is where each stage of a CRM belongs."""

    organisation: Organisation
    slots: Sequence[SlotLine]
    stages: Mapping[Place, str]
    templates: house_roles.Plans = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the file is checked against: who leads somebody, stages of the CRMs, profiles, KPIs."""

    managers: Collection[str]
    stages: Collection[Place]
    profiles: Collection[str]
    roles: house_roles.Checks = house_roles.AS_GIVEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One setting; `old` is empty where there was none, `new` where there is none any more."""

    what: str
    old: str
    new: str


def render(house: House, labels: Mapping[Place, str]) -> str:
    """The file, with what people call each stage beside it."""
    document = tomlkit.document()
    own = tomlkit.table()
    for name, value in _organisation(house.organisation).items():
        own.add(name, value)
    document.add("house", own)
    document.add(house_counting.TABLE, house_counting.table(house.organisation.counting))
    for name, table in house_roles.tables(house.organisation, house.templates).items():
        document.add(name, table)
    document.add("talks", _tables([_talk(one) for one in house.slots]))
    stages = _tables([_stage(place, house.stages[place]) for place in sorted(house.stages)])
    for table, place in zip(stages, sorted(house.stages), strict=True):
        if labels.get(place):
            table.comment(labels[place].replace("\n", " "))
    document.add("stages", stages)
    return tomlkit.dumps(document)


def _tables(rows: Sequence[Mapping[str, Any]]) -> Any:
    found = tomlkit.aot()
    for row in rows:
        table = tomlkit.table()
        for name, value in row.items():
            table.add(name, value)
        found.append(table)
    return found


def _organisation(own: Organisation) -> dict[str, Any]:
    return {
        "time_zone": own.time_zone,
        "language": own.language,
        "currency": own.currency,
        "country": own.country,
        "fiscal_year_begins": own.fiscal_start,
        "profile": own.profile,
        "purpose": own.purpose,
        "second_approver": own.second_approver,
        "closed": company_days.render(own.holidays).splitlines(),
    }


def _talk(line: SlotLine) -> dict[str, Any]:
    return {
        "manager": line.manager,
        "day": WEEKDAYS[line.weekday],
        "first": line.first.isoformat("minutes"),
        "minutes": line.minutes,
        "spacing": line.spacing_minutes,
    }


def _stage(place: Place, canonical: str) -> dict[str, Any]:
    connection, pipeline, stage = place
    return {"connection": connection, "pipeline": pipeline, "stage": stage, "is": canonical}


def parse(text: str, before: House, around: Around, name: str = "house.toml") -> House:
    """What the file says; where it says nothing, everything stays as it was.

    WrongUsage names the setting, or the line where it is no TOML.
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _complaint(no_toml(name, text, error)) from None
    reader = _Reader(name, around)
    reader.known("", given, _TABLES)
    own = reader.organisation(given.get("house", {}), before.organisation)
    own = house_counting.with_rules(given, own, text, name)
    return House(
        organisation=house_roles.with_kpis(given, own, around.roles, name),
        templates=house_roles.plans(given, before.templates, around.roles, name),
        slots=reader.slots(given["talks"]) if "talks" in given else before.slots,
        stages={**before.stages, **reader.stages(given.get("stages", []))},
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one file; complains with the place at which something is wrong."""

    file: str
    around: Around

    def known(self, where: str, given: object, names: Collection[str]) -> Mapping[str, Any]:
        if not isinstance(given, dict):
            raise _wrong(self.file, f"{where} is no table")
        unknown = sorted(set(given) - set(names))
        if unknown:
            raise _wrong(self.file, f"unknown setting {where + unknown[0]!r}")
        return given

    def organisation(self, given: object, before: Organisation) -> Organisation:
        found = self.known("house.", given, _CHECKS)
        values = {}
        for name, value in found.items():
            field, check = _CHECKS[name]
            try:
                values[field] = check(value, self.around)
            except (ValueError, TypeError, AttributeError):
                raise _wrong(self.file, f"house.{name} cannot be {value!r}") from None
            except CrmLoopError as error:
                raise _wrong(self.file, f"house.{name}: {error.happened}") from None
        return replace(before, **values)

    def slots(self, given: object) -> list[SlotLine]:
        found = [self._slot(f"talks[{n}].", one) for n, one in enumerate(_listed(self.file, given))]
        if len({one.manager for one in found}) < len(found):
            raise _wrong(self.file, "a manager has two lines in talks")
        return sorted(found, key=lambda one: one.manager)

    def _slot(self, where: str, given: object) -> SlotLine:
        line = self.known(where, given, ("manager", "day", "first", "minutes", "spacing"))
        manager = str(line.get("manager", "")).lower()
        if manager not in self.around.managers:
            raise _wrong(self.file, f"{where}manager {manager!r} leads nobody")
        minutes = line.get("minutes", MINUTES[0])
        if minutes not in MINUTES:
            raise _wrong(self.file, f"{where}minutes has to be 15 or 30")
        try:
            return SlotLine(
                manager=manager,
                weekday=WEEKDAYS.index(line.get("day", "")),
                first=time.fromisoformat(line.get("first", "")),
                minutes=minutes,
                spacing_minutes=max(minutes, int(line.get("spacing", 30))),
            )
        except (ValueError, TypeError):
            raise _wrong(self.file, f"{where[:-1]} is no time of 1on1s") from None

    def stages(self, given: object) -> dict[Place, str]:
        found = {}
        for number, one in enumerate(_listed(self.file, given)):
            where = f"stages[{number}]."
            row = self.known(where, one, ("connection", "pipeline", "stage", "is"))
            place = tuple(str(row.get(name, "")) for name in ("connection", "pipeline", "stage"))
            if place not in self.around.stages:
                raise _wrong(self.file, f"{where}stage {place[2]!r} is none of the CRM's")
            if row.get("is") not in PLACES:
                raise _wrong(self.file, f"{where}is has to be one of {', '.join(PLACES)}")
            found[place[0], place[1], place[2]] = row["is"]
        return found


Check = Callable[[Any, Around], Any]


def _one_of(names: Callable[[Around], Collection[Any]]) -> Check:
    def check(value: Any, around: Around) -> Any:
        if value not in names(around):
            raise ValueError
        return value

    return check


def _currency(value: str, _around: Around) -> str:
    if not (value.isascii() and value.isalpha() and len(value) == len("JPY")):
        raise ValueError
    return value.upper()


def _purpose(value: str, _around: Around) -> str:
    if len(value) > LONGEST_PURPOSE:
        raise ValueError
    return value.strip()


def _zone(value: str, _around: Around) -> str:
    if value not in available_timezones():
        raise ValueError
    return ZoneInfo(value).key


def _closed(value: Sequence[str], _around: Around) -> frozenset[date]:
    return company_days.parse("\n".join(value))


#: Setting of the file, field of the organisation, and what makes sure of it.
_CHECKS: Mapping[str, tuple[str, Check]] = {
    "time_zone": ("time_zone", _zone),
    "language": ("language", _one_of(lambda _: ("ja", "en"))),
    "currency": ("currency", _currency),
    "country": ("country", _one_of(lambda _: holidays.list_supported_countries())),
    "fiscal_year_begins": ("fiscal_start", _one_of(lambda _: range(1, 13))),
    "profile": ("profile", _one_of(lambda around: around.profiles)),
    "purpose": ("purpose", _purpose),
    "second_approver": ("second_approver", lambda value, _: house_counting.flag(value)),
    "closed": ("holidays", _closed),
}


def changes(before: House, after: House) -> list[Change]:
    """Every setting that is another one, in the order of the file."""
    old, new = _flat(before), _flat(after)
    return [
        Change(what=what, old=old.get(what, ""), new=new.get(what, ""))
        for what in sorted(old.keys() | new.keys())
        if old.get(what, "") != new.get(what, "")
    ]


def _flat(house: House) -> dict[str, str]:
    own = _organisation(house.organisation)
    own["closed"] = ", ".join(own["closed"])
    found = {f"house.{name}": str(value) for name, value in own.items()}
    found |= house_counting.flat(house.organisation.counting)
    found |= house_roles.flat(house.organisation, house.templates)
    for line in house.slots:
        talk = _talk(line)
        found[f"talks.{line.manager}"] = (
            f"{talk['day']} {talk['first']}, {line.minutes} / {line.spacing_minutes}"
        )
    for place, canonical in house.stages.items():
        found[f"stages.{'.'.join(place)}"] = canonical
    return found


def _listed(file: str, given: object) -> list[Any]:
    if not isinstance(given, list):
        raise _wrong(file, "talks and stages are lists: [[talks]], [[stages]]")
    return given


def _wrong(file: str, what: str) -> WrongUsage:
    return _complaint(f"{file}: {what}.")


def _complaint(sentence: str) -> WrongUsage:
    return WrongUsage(
        sentence,
        code="setup.house_file",
        kept="Nothing was changed.",
        do="Correct it; crm-loop config export FILE shows how it is written.",
    )
