"""`crm-loop learn`: what was seen after which kinds of step."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from rich.console import Console

from crm_loop.bootstrap import App
from crm_loop.calendars import local_date
from crm_loop.cli.frame import Answer, Call, command


@command("learn")
def learn(app: App, call: Call) -> Answer:
    """Learn from the last full week if that was not done yet, and show what may be shown."""
    from crm_loop.cycle.learning import learn_from

    learn_from(app.begin, call.organisation, as_of=_yesterday(app, call))
    return told(app, call)


def told(app: App, call: Call) -> Answer:
    """What was learned and may be shown; nothing is learned for it."""
    from crm_loop.kpi.catalogue import catalogue
    from crm_loop.learn.phrases import (
        Reader,
        compared_lines,
        may_show,
        step_lines,
        together_lines,
        within_lines,
    )

    turn = app.turn(call.organisation)
    own, language = turn.own(), call.language(app)
    with app.begin(call.organisation) as state:
        week = state.learnings.last_week()
        learned, together = state.learnings.learned(), state.learnings.together()
        compared, within = state.learnings.compared(), state.learnings.within()
    names = {kpi.id: kpi.names[language] for kpi in catalogue().values()}
    reader = Reader(language, own.profile, names)
    lines = [*step_lines(learned, reader), *compared_lines(compared, reader)]
    lines += [*together_lines(together, reader), *within_lines(within, reader)]
    full = own.profile == "full"
    steps = may_show(learned, own.profile)
    data = {
        "week": week,
        "profile": own.profile,
        "steps": [_plain(one, own.profile) for one in steps],
        "held_back": len(learned) - len(steps),
        "compared": [asdict(one) for one in compared if full and one.may_be_used],
        "together": [_together(one) for one in together if full],
        "within": asdict(within) if within and full else None,
        "text": "\n".join(lines),
    }
    return Answer(
        data=data, show=lambda console: _show(console, lines), as_of=_yesterday(app, call)
    )


def _yesterday(app: App, call: Call) -> date:
    turn = app.turn(call.organisation)
    return local_date(turn.now, turn.own().time_zone) - timedelta(days=1)


def _plain(one: Any, profile: str) -> dict[str, Any]:
    known = {
        "step": one.step,
        "kpi": one.kpi,
        "uses": one.n,
        "reps": one.reps,
        "label": one.verdict,
    }
    if profile != "full":
        return known
    return known | {"mean": one.mean, "sd": one.sd, "p_positive": one.p}


def _together(one: Any) -> dict[str, Any]:
    return {
        "team": one.team,
        "what": one.what,
        "n": one.n,
        "spearman": one.rho,
        "p": one.p,
        "interval95": None if one.low is None else [one.low, one.high],
        "label": one.label,
    }


def _show(console: Console, lines: list[str]) -> None:
    for line in lines:
        console.print(line, highlight=False)
