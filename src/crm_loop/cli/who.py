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
    from crm_loop.kpi.custom import parse

    with house.begin(organisation) as state:
        files = state.frozen.definitions()
    own = [one.kpi for name, text in files.items() for one in parse(text, name).values()]
    return {kpi.id: kpi.names[language] for kpi in [*catalogue().values(), *own]}
