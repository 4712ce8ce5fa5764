"""Figures that a rep says are wrong: which one is meant, and what the next memo says; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crm_loop.loop_records import Agenda, FigureFlag, FlagState, KpiValue, RecordRef
from crm_loop.wording import LANGUAGES, Words, words
from crm_loop.wording.numbers import Kpi, Names

#: The figure at the end of a memo, in the order in which it is looked for.
SHOWN = ("meetings_held", "next_step_hygiene", "stale_rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged:
    """A flag with the records that the figure was made of, and whose they are."""

    flag: FigureFlag
    records: Sequence[RecordRef] = ()
    names: Sequence[str] = ()


def meant(line: str, agenda: Agenda, values: Mapping[str, KpiValue]) -> str | None:
    """The KPI that a line speaks of: one it names, else the theme's, else the one at the end.

    None where the memo had no figure at all.
    """
    named = [kpi for kpi in values if any(name in line for name in _names(kpi))]
    if named:
        return max(named, key=lambda kpi: (max(len(n) for n in _names(kpi) if n in line), kpi))
    theme = agenda.theme
    if theme is not None and theme.kpi in values:
        return theme.kpi
    return next((kpi for kpi in SHOWN if kpi in values), None)


def _names(kpi: str) -> list[str]:
    known = (words(language).texts["kpi"].get(kpi) for language in LANGUAGES)
    return [name for name in known if name]


def flags_in(
    lines: Sequence[str], agenda: Agenda, values: Mapping[str, KpiValue], day: date
) -> list[FigureFlag]:
    """One flag a figure, with its numbers as they stood in the memo."""
    kpis = dict.fromkeys(kpi for line in lines if (kpi := meant(line, agenda, values)))
    return [
        FigureFlag(
            rep=agenda.rep,
            kpi=kpi,
            flagged_on=day,
            week=agenda.week,
            as_of=values[kpi].as_of,
            value=values[kpi].value,
            numerator=values[kpi].numerator,
            denominator=values[kpi].denominator,
        )
        for kpi in kpis
    ]


def flag_lines(one: Flagged, words: Words) -> list[str]:
    """What the rep reads first in the next memo: thanks and the records, or the new count."""
    kpi = Kpi(one.flag.kpi)
    if one.flag.state is FlagState.CHANGED:
        return [words.say("flag.changed", kpi=kpi)]
    if not one.records:
        return [words.say("flag.nothing", kpi=kpi)]
    listed = Names(one.names, len(one.names))
    shown = words.say("flag.records", kpi=kpi, total=len(one.records), names=listed)
    if not one.names:
        shown = words.say("flag.records_only", kpi=kpi, total=len(one.records))
    return [words.say("flag.thanks"), shown]
