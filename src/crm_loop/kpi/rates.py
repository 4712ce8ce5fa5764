"""What one more call, meeting or proposal leads to, by everybody's own shrunk rates."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from crm_loop.kpi.backward import LeadTimes
from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.history import Past
from crm_loop.kpi.outlook import Outlook
from crm_loop.kpi.requirements import own_rates, own_sizes
from crm_loop.kpi.setting import Setting, scopes
from crm_loop.loop_records import Form, Insight
from crm_loop.statistics import shrinkage

RULE = "rates"
#: Counts that lead to one another are compared over a year.
_YEAR = timedelta(days=364)
#: A count that is part of another: first meetings of all meetings held, and of calls made.
_PARTS = {
    "meeting_first": ("new_meetings", "meetings_held"),
    "call_meeting": ("new_meetings", "calls"),
}
_STAGES = ("S1", "S2", "S3")


def rates(setting: Setting, history: Mapping[str, Past], outlook: Outlook) -> list[Insight]:
    """One insight for every rep, with or without a target; none where no deal has a size.

    Facts: `rates` (0..1 each) by step of the tree, `size` of an order in money, `shares` of what
    is begun now that still closes in the period, by stage (None where no day is left).
    """
    steps, size = own_rates(setting), own_sizes(setting, history)
    since, people = setting.as_of - _YEAR, [rep.person for rep in setting.reps]
    counted = sorted({kpi for both in _PARTS.values() for kpi in both})
    year = {kpi: history[kpi].sums(since, setting.as_of) for kpi in counted}
    parts = {name: become(year[part], year[of], people) for name, (part, of) in _PARTS.items()}
    found = []
    for scope, reps in scopes(setting, catalogue()["bookings"]).items():
        left = max(0, (scope.period.end - setting.as_of).days)
        # Nearly everybody has the team's lead times.
        team = _shares(outlook.team, left)
        for rep in reps:
            average = size.get(rep.person)
            if not average:
                continue
            leads = outlook.leads(rep.person)
            shares = team if leads is outlook.team else _shares(leads, left)
            own = {name: of[rep.person] for name, of in parts.items() if rep.person in of}
            known = {"rates": steps[rep.person] | own, "size": average, "shares": shares}
            found.append(
                Insight(
                    person=rep.person,
                    as_of=setting.as_of,
                    rule=RULE,
                    driver="bookings",
                    form=Form.STATED,
                    facts=known,
                )
            )
    return found


def _shares(leads: LeadTimes, left: int) -> dict[str, float | None]:
    return {stage: leads.closing_share(stage, left) for stage in _STAGES}


def become(
    part: Mapping[str, float], whole: Mapping[str, float], people: Sequence[str]
) -> dict[str, float]:
    """How much of one count becomes the other, by person, shrunk towards the team's; pure.

    Nothing where the team has fewer than ten cases. Where there is more of the part than of the
    whole, it does not come from there, and nothing is said either.
    """
    x, n = ([of.get(person, 0.0) for person in people] for of in (part, whole))
    if sum(n) < shrinkage.MIN_CASES or sum(x) > sum(n):
        return {}
    x = [min(a, b) for a, b in zip(x, n, strict=True)]
    prior = shrinkage.fit(x, n, elsewhere=sum(x) / sum(n))
    return {
        person: shrinkage.shrunk(prior, a, b) for person, a, b in zip(people, x, n, strict=True)
    }
