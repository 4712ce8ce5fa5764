"""One line about one process figure: how many, target, usual by today, landing; pure."""

import math
from collections.abc import Mapping, Sequence
from datetime import date

from crm_loop.calendars import Period, kind_of
from crm_loop.loop_records import FigureFlag, KpiValue, ProgressStatus
from crm_loop.one_on_one.flagging import SHOWN
from crm_loop.one_on_one.phrases import noun
from crm_loop.wording import Words
from crm_loop.wording.numbers import span, whole


def progress_line(
    values: Mapping[str, KpiValue],
    words: Words,
    crm: str,
    *,
    met_on: date,
    flags: Sequence[FigureFlag] = (),
) -> str:
    """The line, or nothing where no process figure of that day's period has a target.

    The first of these is shown; more than one figure is too many for a talk. One that the rep
    says is wrong rests, and is marked while it is looked into after that.
    """
    for kpi in SHOWN:
        value = values.get(kpi)
        own = [one for one in flags if one.kpi == kpi]
        if value is None or value.target is None or value.value is None:
            continue
        if any(one.rests(met_on) for one in own):
            continue
        checked = any(one.is_checked(met_on) for one in own)
        if kpi != "meetings_held":
            return _marked(_share(value, words, crm), words, checked=checked)
        if met_on <= value.period_end:
            return _marked(_meetings(value, words), words, checked=checked)
    return ""


def _marked(line: str, words: Words, *, checked: bool) -> str:
    return words.say("flag.checked", line=line) if checked and line else line


def _meetings(value: KpiValue, words: Words) -> str:
    kind = kind_of(value.period_start, value.period_end)
    period = Period(value.period_start, value.period_end, kind)
    target, done = whole(value.target or 0), whole(value.value or 0)
    reached = value.progress is ProgressStatus.ACHIEVED or done >= target
    key = "progress.meetings_reached" if reached else "progress.meetings"
    # Figures stand as digits here, for the eye that compares them.
    said = words.say(key, period=period, value=str(done), target=str(target))
    return said if reached else _spaced(words, said, _pace(value, words, kind))


def _pace(value: KpiValue, words: Words, kind: str) -> str:
    if value.expected_to_date is None:
        return ""
    expected = str(whole(value.expected_to_date))
    if value.projection is None:
        return words.say("progress.pace", expected=expected)
    low, middle, high = value.projection
    if whole(high) <= whole(value.value or 0.0):
        # Nothing more is expected: how it ends is what stands there already.
        return words.say("progress.pace", expected=expected)
    return words.say(
        "progress.landing",
        expected=expected,
        end=words.say("progress.month" if kind == "month" else "progress.period"),
        middle=str(whole(middle)),
        range=span(low, high, words.language),
    )


def _share(value: KpiValue, words: Words, crm: str) -> str:
    total = whole(value.denominator or 0)
    if not total or value.target is None:
        return ""
    # Guarded, so that binary noise adds no deal to the target.
    wanted = value.target * total
    more_is_better = value.kpi == "next_step_hygiene"
    target = math.ceil(wanted - 1e-9) if more_is_better else math.floor(wanted + 1e-9)
    return words.say(
        f"progress.{value.kpi}",
        deals=noun(words, crm, 2),
        n=str(total),
        value=str(whole(value.numerator or 0)),
        target=str(target),
    )


def _spaced(words: Words, first: str, second: str) -> str:
    between = "" if words.language == "ja" or not second else " "
    return f"{first}{between}{second}"
