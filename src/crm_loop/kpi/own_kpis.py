"""The organisation's own KPIs, and what of the CRM they may name."""

from collections.abc import Mapping

from crm_loop.errors import WrongUsage
from crm_loop.kpi.custom import CustomKpi, parse
from crm_loop.kpi.setting import Setting
from crm_loop.loop_records import Form, Insight
from crm_loop.store import State

RULE = "own_kpi"


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


def broken_files(setting: Setting) -> list[Insight]:
    """For the administrator: files of KPIs that are switched on and cannot be measured."""
    return [_insight(setting, name, why) for name, why in sorted(setting.broken.items())]


def _insight(setting: Setting, name: str, why: str) -> Insight:
    facts: Mapping[str, str] = {"file": name, "why": why}
    return Insight(
        person="", as_of=setting.as_of, rule=RULE, driver=name, form=Form.TEAM, facts=facts
    )
