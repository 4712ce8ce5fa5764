"""The organisation's own KPIs, and what of the CRM they may name."""

from collections.abc import Mapping, Sequence

from crm_loop.errors import WrongUsage
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.choice import checked as checked_choice
from crm_loop.kpi.choice import with_own
from crm_loop.kpi.custom import CustomKpi, parse
from crm_loop.kpi.profiles import too_many
from crm_loop.kpi.setting import Setting
from crm_loop.loop_records import Form, Insight, Role
from crm_loop.store import State

RULE, LOAD = "own_kpi", "kpi_load"


def own_fields(state: State) -> frozenset[str]:
    """Fields of the CRMs' own that are pulled, by the names that the settings give them."""
    rows = state.connections.all()
    return frozenset(name for row in rows for name in row.settings.get("deal_fields") or ())


def switched_on(
    state: State, *, without: str | None = None
) -> tuple[dict[str, CustomKpi], dict[str, str]]:
    """KPIs that are switched on, and by file why some of them cannot be measured any more.

    A field that nobody pulls any longer must not keep everything else from being measured. A KPI
    may serve one of another file; of two files with the same KPI the later name is left out.
    `without` is a file that is not looked at.
    """
    fields = own_fields(state)
    waiting = {n: text for n, text in state.frozen.definitions().items() if n != without}
    found: dict[str, CustomKpi] = {}
    while True:
        read, broken = _read(waiting, fields, found)
        found |= read
        if not read or not broken:
            return found, broken
        waiting = {name: waiting[name] for name in broken}


def _read(
    files: Mapping[str, str], fields: frozenset[str], others: Mapping[str, CustomKpi]
) -> tuple[dict[str, CustomKpi], dict[str, str]]:
    """The KPIs of files one after another, and why the other files have to wait."""
    found: dict[str, CustomKpi] = {}
    broken: dict[str, str] = {}
    for name, text in files.items():
        try:
            found |= parse(text, name, own=fields, others={**others, **found})
        except WrongUsage as wrong:
            broken[name] = wrong.happened
    return found, broken


def checked(state: State, name: str, text: str) -> dict[str, CustomKpi]:
    """The KPIs of a file beside those of all others; WrongUsage where something is wrong."""
    others, _ = switched_on(state, without=name)
    return parse(text, name, own=own_fields(state), others=others)


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
    """The catalogue and the organisation's own as far as they can be measured, by id."""
    own, _ = switched_on(state)
    return {**catalogue(), **{id_: one.kpi for id_, one in own.items()}}


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
