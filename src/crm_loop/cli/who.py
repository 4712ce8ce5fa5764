"""Names instead of addresses and codes, for tables that people read."""

from collections.abc import Mapping

from crm_loop.bootstrap import App


def people(house: App, organisation: str) -> Mapping[str, str]:
    """What everybody is called, by e-mail address."""
    with house.begin(organisation) as state:
        return {member.person: member.name for member in state.people.members()}


def kpis(house: App, organisation: str, language: str) -> Mapping[str, str]:
    """What every KPI is called: those of the catalogue and the organisation's own."""
    from crm_loop.kpi.catalogue import catalogue
    from crm_loop.kpi.own_kpis import switched_on

    with house.begin(organisation) as state:
        own = [one.kpi for one in switched_on(state)[0].values()]
    return {kpi.id: kpi.names[language] for kpi in [*catalogue().values(), *own]}
