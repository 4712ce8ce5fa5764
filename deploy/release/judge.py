"""What a release is judged by; pure, so that tests can try it."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """SKIPPED: nobody could look, so nobody knows. It is never counted as passed."""

    PASSED = "passed"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    verdict: Verdict
    told: str

    def line(self) -> str:
        return f"{self.verdict.value:<8} {self.name}: {self.told}"


def judged(name: str, problems: Sequence[str], fine: str) -> Check:
    """Passed with a sentence, or failed with the first problems."""
    if problems:
        more = f" (and {len(problems) - 5} more)" if len(problems) > 5 else ""  # noqa: PLR2004 - a line's worth
        return Check(name, Verdict.FAILED, "; ".join(problems[:5]) + more)
    return Check(name, Verdict.PASSED, fine)


def pins(lock: str) -> dict[str, str]:
    """Versions by name, as a lock file has them."""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)", lock, re.MULTILINE))


#: Where packages come from is the machine's affair: no address, and no option that takes one.
_ADDRESS = re.compile(r"://|^--(?:(?:extra-)?index-url|find-links)\b", re.MULTILINE)


def lock_problems(name: str, lock: str) -> list[str]:
    """A lock file pins every line with at least one hash, and names no index."""
    blocks = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    entries = [block for block in blocks if block.strip() and not block.startswith("#")]
    found = [
        f"{name}: {entry.split()[0]} is not pinned by version and hash"
        for entry in entries
        if "==" not in entry.split()[0] or "--hash=sha256:" not in entry
    ]
    return [*found, *([f"{name}: names an address"] if _ADDRESS.search(lock) else [])]


def below(version: str, minimum: str) -> bool:
    return _numbers(version) < _numbers(minimum)


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"[\d.]+", version)
    numbers = [int(part) for part in (found[0] if found else "").split(".") if part]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def too_old(
    minimum: Mapping[str, Mapping[str, str]], locks: Mapping[str, str], bounds: Iterable[str]
) -> list[str]:
    """Pinned or admitted versions below the safe ones; `bounds` are our own requirements."""
    found = [
        f"{file} pins {name} {version}, safe from {minimum[name]['version']} on"
        for file, text in locks.items()
        for name, version in pins(text).items()
        if name in minimum and below(version, minimum[name]["version"])
    ]
    for bound in bounds:
        parts = re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?>=([\d.]+)", bound)
        if parts and parts[1] in minimum and below(parts[2], minimum[parts[1]]["version"]):
            found.append(f"our own bound {bound} admits a weak version")
    return found


def bounds_of(project: Mapping[str, Any]) -> list[str]:
    """What a distribution requires, in its extras as well."""
    extras: Mapping[str, list[str]] = project.get("optional-dependencies", {})
    return [*project.get("dependencies", ()), *(one for few in extras.values() for one in few)]


#: What pip-audit says where nobody could be asked.
NOBODY = re.compile(
    r"could not be audited|ConnectionError|Connection refused|Max retries|ServiceError|timed out"
    r"|NameResolutionError|Failed to establish|[45]\d\d (?:Client|Server) Error",
    re.IGNORECASE,
)


def audited(code: int, told: str) -> Check:
    """Of `pip-audit --strict`: known weaknesses fail, an unreachable service is no pass."""
    name = "known weaknesses (pip-audit --strict)"
    weak = re.search(r"Found (\d+) known vulnerabilit", told)
    if weak:
        return Check(name, Verdict.FAILED, weak[0])
    if code == 0 and not NOBODY.search(told):
        return Check(name, Verdict.PASSED, "none known")
    last = [line for line in told.splitlines() if line.startswith("ERROR") or NOBODY.search(line)]
    why = last[-1] if last else f"pip-audit ended with {code}"
    if NOBODY.search(told):
        return Check(name, Verdict.SKIPPED, f"nobody could be asked ({_short(why)})")
    return Check(name, Verdict.FAILED, _short(why))


def _short(line: str) -> str:
    return re.sub(r"https?://\S+", "…", line).strip()[:160]


#: Names of licences under which a package may be shipped beside Apache-2.0 code that only calls it,
#: with whatever version or ending they are written. The whole of a name has to be one of these.
MAY = re.compile(
    r"(?:MIT(?:-0)?|(?:0|\d[ -]clause[ ])?BSD|Apache|ISC|PSF|Python Software Foundation|MPL"
    r"|Mozilla Public|LGPL"
    r"|GNU (?:Library or )?Lesser General Public|(?:The )?Unlicense|Zlib|HPND|CC0|Public Domain)"
    r"(?:[\s-]+(?:\d[- ]clause|v?\d+(?:\.\d+)*\+?|licen[cs]e|software|version|only|or[ -]later"
    r"|universal|\([\w. -]+\+?\)))*",
    re.IGNORECASE,
)
#: A part of an expression that has parts of its own.
_INNER = re.compile(r"\(([^()]*\s(?:AND|OR)\s[^()]*)\)")


def may_ship(said: str) -> bool:
    """Whether a licence lets us: an SPDX expression, or names with semicolons between.

    Of parts that are joined by AND or a semicolon each has to, of choices (OR) one is enough.
    """
    while inner := _INNER.search(said):
        let = "MIT" if may_ship(inner[1]) else "no"
        said = f"{said[: inner.start()]}{let}{said[inner.end() :]}"
    parts = (re.split(r"\s+AND\s+|;", choice) for choice in re.split(r"\s+OR\s+", said))
    return any(all(MAY.fullmatch(part.strip()) for part in several) for several in parts)


def licence_problems(licences: Mapping[str, str]) -> list[str]:
    """Packages whose licence is not known or does not let us ship them."""
    return [f"{name}: {said or 'unknown'}" for name, said in licences.items() if not may_ship(said)]


def bom_problems(bom: Mapping[str, Any], expected: Mapping[str, str]) -> list[str]:
    """The bill of materials names exactly what was installed, in its versions."""
    there = {_name(one["name"]): one.get("version", "") for one in bom.get("components", ())}
    wanted = {_name(name): version for name, version in expected.items()}
    odd = sorted(set(there.items()) ^ set(wanted.items()))
    return [f"{name} {version}" for name, version in odd]


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def bench_rows(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """A table of every figure, with missed targets, and what was not run, as such."""
    rows = ["| bench | figure | value | target | met |", "|---|---|---|---|---|"]
    for one in results:
        for figure in one["figures"]:
            met = {True: "yes", False: "NO", None: "–"}[figure.get("met")]
            target = "–" if figure.get("target") is None else f"{figure['target']:g}"
            value = figure["value"]
            value = f"{value:g}" if isinstance(value, int | float) else str(value)
            about = (f"scale {one['scale']}" if "scale" in one else "", one.get("run", ""))
            bench = f"{one['bench']} ({', '.join(filter(None, about))})"
            shown = f"{value} {figure.get('unit', '')}".strip()
            rows.append(f"| {bench} | {figure['id']} | {shown} | {target} | {met} |")
    there = {one["bench"] for one in results}
    rows += [
        f"| {name} | not run ({command}) | – | – | – |"
        for name, command in BENCHES.items()
        if name not in there
    ]
    return rows


#: What is to be published, and the command whose run on this checkout fills it (var/bench/).
BENCHES: Mapping[str, str] = {
    **{
        name: f"make bench-{name}"
        for name in ("salesforce", "hubspot", "kpi", "agenda", "writes", "console")
    },
    "sandbox-salesforce": "make bench-sandbox",
    "sandbox-hubspot": "make bench-sandbox-hubspot",
    **{name: f"make {name}" for name in ("study-causes", "study-targets", "study-actions")},
}

#: The figures to publish of each run (var/NAME/result.json); all but lists where none is named.
RELIABILITY: Mapping[str, Sequence[str]] = {
    "golden": ("total", "agree"),
    "simulate": ("seeds", "crashes", "duplicates", "lost", "stale", "seconds"),
    "crash-matrix": (),
    "chaos": (
        "seed",
        "seconds",
        "database",
        "planned",
        "confirmed",
        "kills",
        "duplicates",
        "lost",
        "stale",
        "unplanned_writes",
        "human_edits",
        "human_edits_overwritten",
        "drain_seconds",
        "control",
    ),
    "recovery": (),
    "two-machines": (),
    "soak": (),
    "mutate": (),
    "links": (),
}


def age(run_at: float, commit_at: float) -> str:
    """When something was run (seconds since 1970), and whether that was another commit."""
    day = datetime.fromtimestamp(run_at, tz=UTC).date().isoformat()
    return f"{day}, before this commit" if run_at < commit_at else day


def nothing_run(found: Iterable[object]) -> str | None:
    """A sentence for notes whose tables would all be empty."""
    if any(one is not None for one in found):
        return None
    return (
        "**Nothing was run on this checkout, so there is nothing to publish: "
        "each row names the command that fills it.**"
    )


def reliability_rows(
    name: str, found: Mapping[str, Any] | None, wanted: Sequence[str], run: str = ""
) -> list[str]:
    """One run in lines; a run that was not made is said to be none."""
    if found is None:
        return [f"| {name} | not run (make {name}) | – |"]
    names = wanted or [one for one, value in found.items() if not isinstance(value, list)]
    told = ", ".join(
        f"{one} {json.dumps(found[one], ensure_ascii=False)}" for one in names if one in found
    )
    return [f"| {name} | {told} | {run} |"]
