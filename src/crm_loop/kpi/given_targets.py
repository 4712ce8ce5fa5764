"""Targets that somebody gave: set here or quotas of the CRMs, in the company's currency."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.targets import Key
from crm_loop.loop_records import Member, Target
from crm_loop.money import adds_up, converted
from crm_loop.records import Subject
from crm_loop.store import State


def given_on(state: State, members: Sequence[Member], as_of: date) -> dict[str, Target]:
    """Targets in force on a day by an id that warnings name, quotas of the CRMs with theirs."""
    targets = {f"target-{n}": one for n, one in enumerate(state.figures.targets(as_of))}
    return targets | _quotas(state, members, as_of)


def _quotas(state: State, members: Sequence[Member], as_of: date) -> dict[str, Target]:
    """Quotas of the CRMs in force on that day, by record id; they are the company's."""
    people = {(c, user): m.person for m in members for c, user in m.accounts.items()}
    return {
        quota.id: Target(
            person=people[connection, quota.owner_id],
            kpi=quota.kpi,
            period_start=quota.period_start,
            period_end=quota.period_end,
            value=float(quota.amount),
            set_by="company",
            source="crm",
            currency=quota.currency,
        )
        for connection, quota in state.crm.read(Subject.QUOTAS)
        if (connection, quota.owner_id) in people
        and quota.period_start <= as_of <= quota.period_end
    }


def comparable(
    targets: Mapping[str, Target],
    currency: str,
    rates: Mapping[str, Mapping[str, float]],
    kpis: Sequence[Kpi],
) -> tuple[Iterable[Target], dict[Key, Sequence[str]]]:
    """Targets in the corporate currency, at the plan's rates; without a rate there is none."""
    money = {kpi.id for kpi in kpis if kpi.unit == "money"}
    together = {code: rate for known in rates.values() for code, rate in known.items()}
    foreign: dict[Key, list[str]] = {}
    usable = []
    for id_, one in targets.items():
        if one.kpi not in money or adds_up(one.currency, currency):
            usable.append(one)
            continue
        value = converted(one.value, one.currency, currency, together)
        if value is None:
            foreign.setdefault((one.person, one.kpi), []).append(f"missing_fx:{id_}")
        else:
            usable.append(replace(one, value=value, currency=currency))
    return usable, dict(foreign)
