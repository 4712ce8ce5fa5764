"""What was learned in the words of its reader; what a profile does not show is not said."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from crm_loop.learn.belief import Verdict
from crm_loop.learn.flows import Step
from crm_loop.learn.steps import shown
from crm_loop.loop_records import GoingTogether, Learned, StageRecord
from crm_loop.statistics.guarded import half_up

#: Figures, probabilities, indices and the stage are shown where somebody asked for them.
EVERYTHING = "full"
#: From so many uses on, what was seen is said in plain words.
STARTER, STANDARD, PLAIN_FROM = "starter", "standard", 8
#: With fewer people only a very strong association could be told from none (8.6).
FAINT_BELOW = 12


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
    steps = reader.texts["steps"]
    name = steps.get(one.step) or steps.get(one.step.partition(":")[0], one.step)
    kpi = reader.kpis.get(one.kpi, one.kpi)
    line: str = reader.texts[one.verdict].format(step=name, kpi=kpi, n=one.n, reps=one.reps)
    return line
