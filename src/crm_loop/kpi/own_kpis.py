"""The organisation's own KPIs, and what of the CRM they may name."""

from collections.abc import Mapping

from crm_loop.errors import WrongUsage
from crm_loop.kpi.catalogue import SHOWN, Kpi, catalogue
from crm_loop.kpi.custom import CustomKpi, parse
from crm_loop.kpi.profiles import too_many
from crm_loop.kpi.setting import Setting
from crm_loop.loop_records import Form, Insight
from crm_loop.store import State

RULE, LOAD = "own_kpi", "kpi_load"


def own_fields(state: State) -> frozenset[str]:
    """Fields of the CRMs' own that are pulled, by the names that the settings give them."""
    rows = state.connections.all()
    return frozenset(name for row in rows for name in row.settings.get("deal_fields") or ())


def switched_on(state: State) -> tuple[dict[str, CustomKpi], dict[str, str]]:
    """KPIs that are switched on, and by file why some of them cannot be measured any more.

    A field that nobody pulls any longer must not keep everything else from being measured.
    """
    found: dict[str, CustomKpi] = {}
    broken: dict[str, str] = {}
    fields = own_fields(state)
    for name, text in state.frozen.definitions().items():
        try:
            found |= parse(text, name, own=fields)
        except WrongUsage as wrong:
            broken[name] = wrong.happened
    return found, broken


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
    count = too_many(SHOWN[setting.organisation.profile], list(setting.custom))
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
