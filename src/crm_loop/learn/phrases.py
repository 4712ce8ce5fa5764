"""What was learned in the words of its reader; what a profile does not show is not said."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from crm_loop.learn.association import Together
from crm_loop.learn.belief import Verdict
from crm_loop.learn.flows import Step
from crm_loop.learn.steps import shown
from crm_loop.loop_records import Compared, GoingTogether, Learned, StageRecord, WithinRep
from crm_loop.statistics.guarded import half_up

#: Figures, probabilities, indices and the stage are shown where somebody asked for them.
EVERYTHING = "full"
#: From so many uses on, what was seen is said in plain words.
STARTER, STANDARD, PLAIN_FROM = "starter", "standard", 8
#: With fewer people only a very strong association could be told from none (8.6).
FAINT_BELOW = 12
SEEN = Together.SEEN.value


@dataclass(frozen=True, slots=True)
class Reader:
    """`profile` is starter, standard or full; `kpis` are the KPIs' names in the language."""

    language: str
    profile: str
    kpis: Mapping[str, str]

    @property
    def texts(self) -> Mapping[str, Any]:
        return texts()[self.language]


@lru_cache(maxsize=1)
def texts() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(files("crm_loop.learn").joinpath("texts.toml").read_text("utf-8"))


def may_show(learned: Sequence[Learned], profile: str) -> list[Learned]:
    """At least three people everywhere; in plain words also eight uses and a direction."""
    known = shown(learned)
    if profile == EVERYTHING:
        return known
    good = (Verdict.WORKS, Verdict.PROMISING)
    plain = [one for one in known if one.n >= PLAIN_FROM and one.verdict in good]
    return plain if profile == STANDARD else []


def step_lines(learned: Sequence[Learned], reader: Reader) -> list[str]:
    """One line a kind of step, and below them that none of it need be a cause."""
    found = may_show(learned, reader.profile)
    lines = []
    for one in found:
        lines.append(_line(one, reader))
        if reader.profile == EVERYTHING:
            mean, p = f"{half_up(100 * one.mean):+d}", half_up(100 * one.p)
            lines.append(reader.texts["numbers"].format(mean=mean, p=p))
    if not found:
        silent = reader.profile not in (EVERYTHING, STANDARD)
        return [reader.texts["off" if silent else "few"]]
    return [*lines, reader.texts["note"]]


def together_lines(found: Sequence[GoingTogether], reader: Reader) -> list[str]:
    """Whether cadence and quality go with attainment over all teams; only with everything on."""
    if reader.profile != EVERYTHING:
        return []
    said = reader.texts
    mark = "：" if reader.language == "ja" else ": "
    lines = []
    for one in found:
        if not one.team:
            lines.append(f"{said[one.what]}{mark}{said[one.label]}")
            if one.label == "not_clear" and one.n < FAINT_BELOW:
                lines.append(said["faint"])
    return lines


def within_lines(found: WithinRep | None, reader: Reader) -> list[str]:
    """Weeks after a 1on1 beside weeks after none; what it would take where that is not there."""
    if reader.profile != EVERYTHING or found is None:
        return []
    label, points = found.label, half_up(abs(found.estimate or 0.0))
    if found.estimate is not None and found.estimate < 0 and label == SEEN:
        label = "association_lower"
    text: str = reader.texts["within"][label]
    return [text.format(points=points, reps=found.reps)]


def compared_lines(found: Sequence[Compared], reader: Reader) -> list[str]:
    """Steps done beside steps not done, with the words that it is no cause."""
    if reader.profile != EVERYTHING or not found:
        return []
    said = reader.texts["compared"]
    known = [one for one in found if one.may_be_used]
    if not known:
        return [said["few"]]
    lines = []
    for one in known:
        mean = f"{half_up(100 * (one.done_mean or 0.0)):+d}"
        other = f"{half_up(100 * (one.missed_mean or 0.0)):+d}"
        names = {"step": _step_name(one.step, reader), "kpi": reader.kpis.get(one.kpi, one.kpi)}
        lines.append(said["both"].format(done=mean, n=one.done, reps=one.done_reps, **names))
        lines.append(said["other"].format(missed=other, n=one.missed, reps=one.missed_reps))
    return [*lines, said["note"]]


def stage_lines(record: StageRecord, reader: Reader) -> list[str]:
    """The stage, the symptoms, what comes first, and which part is furthest away."""
    said = reader.texts
    if reader.profile != EVERYTHING:
        return [said["off"]]
    lines = [said["stages"][record.stage]]
    lines += [f"・{said['boxes'][code]}" for code in record.symptoms]
    if record.first_action:
        lines.append(said["first"][record.first_action])
    if record.largest_shortfall:
        lines.append(f"→ {said['parts'][record.largest_shortfall]}")
    return lines


def flow_lines(flow: str, found: Sequence[Step], language: str) -> list[str]:
    """What comes first, then its steps; a tick where figures show that one is done."""
    said = texts()[language]
    marks = {True: "☑", False: "☐", None: "☐"}
    return [said["first"][flow], *(f"{marks[one.done]} {said['flow'][one.code]}" for one in found)]


def _line(one: Learned, reader: Reader) -> str:
    name, kpi = _step_name(one.step, reader), reader.kpis.get(one.kpi, one.kpi)
    line: str = reader.texts[one.verdict].format(step=name, kpi=kpi, n=one.n, reps=one.reps)
    return line


def _step_name(step: str, reader: Reader) -> str:
    steps = reader.texts["steps"]
    name: str = steps.get(step) or steps.get(step.partition(":")[0], step)
    return name
