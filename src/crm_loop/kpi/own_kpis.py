"""The organisation's own KPIs, and what of the CRM they may name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_loop.errors import WrongUsage
from crm_loop.kpi.catalogue import Kpi, as_counted, catalogue
from crm_loop.kpi.choice import checked as checked_choice
from crm_loop.kpi.choice import with_own
from crm_loop.kpi.custom import CustomKpi, parse
from crm_loop.kpi.custom_fields import SETTINGS, SUBJECTS
from crm_loop.kpi.profiles import too_many
from crm_loop.kpi.setting import Setting
from crm_loop.loop_records import Form, Insight, Role
from crm_loop.store import State

RULE, LOAD = "own_kpi", "kpi_load"


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the connected CRMs show: fields of their own, and kinds that none of them has."""

    own: Mapping[str, frozenset[str]]
    hidden: frozenset[str]
    lost: frozenset[str]


def _shown(state: State) -> _Shown:
    own, lost = own_fields(state)
    return _Shown(own, hidden_kinds(state), lost)


def own_fields(state: State) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """Fields of the CRMs' own that are pulled, by kind and the names that the settings give them.

    Beside them those, as kind.name, behind which no CRM that names them shows a field.
    """
    pulled: dict[str, set[str]] = {kind: set() for kind in SETTINGS}
    named: set[str] = set()
    for row in state.connections.all():
        unknown = set(row.facts.get("unknown_fields") or ())
        for kind, setting in SETTINGS.items():
            names = set(row.settings.get(setting) or ())
            named |= {f"{kind}.{name}" for name in names}
            pulled[kind] |= {name for name in names if f"{kind}.{name}" not in unknown}
    shown = {f"{kind}.{name}" for kind, names in pulled.items() for name in names}
    return {kind: frozenset(names) for kind, names in pulled.items()}, frozenset(named - shown)


def hidden_kinds(state: State) -> frozenset[str]:
    """Kinds of records that no connected CRM shows us; none while nobody has looked."""
    missing = [set(row.facts.get("missing") or ()) for row in state.connections.all()]
    lost = set.intersection(*missing) if missing else set()
    return frozenset(kind for kind, subject in SUBJECTS.items() if subject.value in lost)


def switched_on(
    state: State, *, without: str | None = None
) -> tuple[dict[str, CustomKpi], dict[str, str]]:
    """KPIs that are switched on, and by file why some of them cannot be measured any more.

    A field that nobody pulls any longer must not keep everything else from being measured. A KPI
    may serve one of another file; of two files with the same KPI the later name is left out.
    `without` is a file that is not looked at.
    """
    shown = _shown(state)
    waiting = {n: text for n, text in state.frozen.definitions().items() if n != without}
    found: dict[str, CustomKpi] = {}
    while True:
        read, broken = _read(waiting, shown, found)
        found |= read
        if not read or not broken:
            return found, broken
        waiting = {name: waiting[name] for name in broken}


def _parsed(
    text: str, name: str, shown: _Shown, others: Mapping[str, CustomKpi]
) -> dict[str, CustomKpi]:
    return parse(text, name, own=shown.own, hidden=shown.hidden, lost=shown.lost, others=others)


def _read(
    files: Mapping[str, str], shown: "_Shown", others: Mapping[str, CustomKpi]
) -> tuple[dict[str, CustomKpi], dict[str, str]]:
    """The KPIs of files one after another, and why the other files have to wait."""
    found: dict[str, CustomKpi] = {}
    broken: dict[str, str] = {}
    for name, text in files.items():
        try:
            found |= _parsed(text, name, shown, {**others, **found})
        except WrongUsage as wrong:
            broken[name] = wrong.happened
    return found, broken


def checked(state: State, name: str, text: str) -> dict[str, CustomKpi]:
    """The KPIs of a file beside those of all others; WrongUsage where something is wrong."""
    others, _ = switched_on(state, without=name)
    return _parsed(text, name, _shown(state), others)


def switch_off(state: State, name: str) -> None:
    """Measure the KPIs of a file no longer; WrongUsage where none of that name is switched on."""
    known = state.frozen.definitions()
    if name not in known:
        raise WrongUsage(
            f"No file {name!r} of own KPIs is switched on.",
            code="kpi.file",
            kept="Nothing was switched off.",
            do=f"These files are: {', '.join(known) or '–'}.",
        )
    state.frozen.define(name, known[name], enabled=False)


def choose(state: State, role: str, wanted: Sequence[str], profile: str) -> tuple[str, ...]:
    """The KPIs of a role, checked with the organisation's own; WrongUsage says why not."""
    own, _ = switched_on(state)
    known = {**catalogue(), **{id_: one.kpi for id_, one in own.items()}}
    edges = [edge for one in own.values() for edge in one.edges]
    return checked_choice(role, wanted, known, profile=profile, edges=edges)


def known_kpis(state: State) -> dict[str, Kpi]:
    """The catalogue and the organisation's own as far as they can be measured, by id.

    Definitions are with the numbers that the house counts by.
    """
    own, _ = switched_on(state)
    rules = state.connections.organisation().counting
    known = {id_: as_counted(one, rules) for id_, one in catalogue().items()}
    return {**known, **{id_: one.kpi for id_, one in own.items()}}


def broken_files(setting: Setting) -> list[Insight]:
    """For the administrator: files of KPIs that are switched on and cannot be measured."""
    return [
        _insight(setting, RULE, name, {"file": name, "why": why})
        for name, why in sorted(setting.broken.items())
    ]


def load_warning(setting: Setting) -> list[Insight]:
    """For the administrator: more KPIs are shown than anybody can follow."""
    own = setting.organisation
    roles = {one.role for one in setting.reps} or {Role.AE}
    counts = [too_many(with_own(own, role, setting.custom), ()) for role in sorted(roles)]
    count = max((one for one in counts if one is not None), default=None)
    return [_insight(setting, LOAD, "kpis", {"kpis": count})] if count else []


def _insight(setting: Setting, rule: str, driver: str, facts: Mapping[str, object]) -> Insight:
    return Insight(
        person="",
        as_of=setting.as_of,
        rule=rule,
        driver=driver,
        form=Form.TEAM,
        facts=dict(facts),
    )
