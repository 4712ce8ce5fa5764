"""`make release`: build it, look at it, and say what its release notes have to say.

Exits 5 when a check failed, and when one was skipped unless ALLOW_SKIPPED=1: nobody knows then.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import judge
from judge import Check, Verdict, judged

ROOT = Path(__file__).parents[2]
HERE, OUT = Path(__file__).parent, ROOT / "var" / "release"
PARTS = (".", "workers", "connectors/salesforce", "connectors/hubspot", "sandbox")
LOCKS = sorted([ROOT / "requirements.lock", *(ROOT / "deploy").rglob("*.lock")])
SHIPPED = [
    ROOT / "deploy/container" / f"{name}.lock" for name in ("core", "salesforce", "hubspot", "otel")
]

#: Run inside the environment that was made of the release alone.
INSIDE = """
import json, importlib.metadata as m
def licence(meta):
    names = meta.get_all("Classifier") or ()
    told = [one.rpartition(" :: ")[2] for one in names if one.startswith("License ::")]
    text = (meta.get("License") or "").strip().splitlines() or [""]
    return meta.get("License-Expression") or "; ".join(told) or text[0]
print(json.dumps({d.name: [d.version, licence(d.metadata)] for d in m.distributions()}))
"""


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CRM_LOOP_", "PYTHON"))}
    # Two builds of one commit are the same to the last byte.
    env = kept | {"SOURCE_DATE_EPOCH": commit_moment(), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def commit_moment() -> str:
    """When the commit that is built was made, in seconds since 1970."""
    told = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "1577836800"


def must(*command: str | Path, cwd: Path = ROOT) -> str:
    done = run(*command, cwd=cwd)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
    return done.stdout


def build(folder: Path) -> dict[str, str]:
    """Wheels and sdists of every distribution; their digests by name."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for part in PARTS:
        must(sys.executable, "-m", "hatchling", "build", "-d", folder, cwd=ROOT / part)
    files = sorted(folder.iterdir())
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in files}


def built() -> Check:
    """Twice, and both times the same."""
    first, second = build(OUT / "dist"), build(OUT / "again")
    shutil.rmtree(OUT / "again")
    text = "".join(f"{digest}  {name}\n" for name, digest in first.items())
    (OUT / "dist" / "SHA256SUMS").write_text(text, "utf-8")
    odd = [name for name in first if first[name] != second.get(name)]
    wanted = 2 * len(PARTS)
    problems = [f"{name} differs from its second build" for name in odd]
    problems += [] if len(first) == wanted else [f"{len(first)} files instead of {wanted}"]
    return judged("wheels and sdists", problems, f"{len(first)} files, the same when built twice")


def installed() -> tuple[Check, Path]:
    """The wheels beside what the lock files hold, in an environment that knows nothing else."""
    place = OUT / "environment"
    shutil.rmtree(place, ignore_errors=True)
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    pip = (python, "-m", "pip", "install", "--quiet")
    for lock in SHIPPED:
        must(*pip, "--require-hashes", "--requirement", lock)
    wheels = [one for one in (OUT / "dist").glob("*.whl") if "sandbox" not in one.name]
    must(*pip, "--no-deps", "--no-index", *wheels)
    told = run(python, "-m", "pip", "check")
    help_ = run(place / "bin" / "crm-loop", "--help", cwd=OUT)
    problems = [told.stdout.strip()] if told.returncode else []
    problems += ["crm-loop --help does not run"] if help_.returncode else []
    name = "installs from its wheels and hash-locked requirements"
    return judged(name, problems, "pip check is content"), python


def locked() -> Check:
    problems = [
        problem
        for lock in LOCKS
        for problem in judge.lock_problems(str(lock.relative_to(ROOT)), lock.read_text("utf-8"))
    ]
    return judged("lock files", problems, f"{len(LOCKS)} files, every line pinned by hash")


def safe() -> Check:
    minimum = tomllib.loads((HERE / "minimum.toml").read_text("utf-8"))
    locks = {str(lock.relative_to(ROOT)): lock.read_text("utf-8") for lock in LOCKS}
    projects = (
        tomllib.loads((ROOT / part / "pyproject.toml").read_text("utf-8")) for part in PARTS
    )
    bounds = [bound for one in projects for bound in judge.bounds_of(one["project"])]
    problems = judge.too_old(minimum, locks, bounds)
    return judged("minimum safe versions", problems, f"{len(minimum)} packages above theirs")


def tools() -> Path:
    """What looks at a release, in an environment of its own; made again when its lock changes."""
    place, lock = ROOT / ".venv" / "release", HERE / "tools.lock"
    ready = place / ".ready"
    if not ready.exists() or ready.stat().st_mtime < lock.stat().st_mtime:
        venv.create(place, with_pip=True, clear=True)
        must(place / "bin" / "pip", "install", "--quiet", "--require-hashes", "-r", lock)
        ready.touch()
    return place / "bin"


def bill(bin_: Path, python: Path, found: dict[str, list[str]]) -> Check:
    file = OUT / "sbom.json"
    must(bin_ / "cyclonedx-py", "environment", "--output-reproducible", "--of", "JSON", "-o", file,
         python)  # fmt: skip
    bom = json.loads(file.read_text("utf-8"))
    problems = judge.bom_problems(bom, {name: version for name, (version, _) in found.items()})
    fine = f"{len(bom['components'])} components, CycloneDX {bom['specVersion']}, in {_shown(file)}"
    return judged("SBOM", problems, fine)


def licences(found: dict[str, list[str]]) -> Check:
    said = {name: licence for name, (_, licence) in sorted(found.items()) if name != "pip"}
    file = OUT / "licences.txt"
    lines = [f"{name} {found[name][0]}: {licence or 'unknown'}" for name, licence in said.items()]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    weak = [name for name, licence in said.items() if "LGPL" in licence or "Lesser" in licence]
    fine = f"{len(said)} packages in {_shown(file)}; LGPL: {', '.join(weak) or 'none'}"
    return judged("licences", judge.licence_problems(said), fine)


def audit(bin_: Path) -> Check:
    given = [part for lock in SHIPPED for part in ("-r", lock)]
    options = ("--strict", "--require-hashes", "--disable-pip", "--progress-spinner", "off")
    done = run(bin_ / "pip-audit", *options, *given)
    return judge.audited(done.returncode, done.stdout + done.stderr)


def tables(var: Path, commit_at: float) -> str:
    """What runs on this checkout have left under `var`, for the notes."""
    runs = {name: _read(var / name / "result.json", commit_at) for name in judge.RELIABILITY}
    files = [_read(one, commit_at) for one in sorted((var / "bench").glob("*.json"))]
    benches = [one for one in files if one is not None and "figures" in one]
    nothing = judge.nothing_run((*runs.values(), *benches))
    lines = ["## Reliability", "", *((nothing, "") if nothing else ())]
    lines += ["| run | result | of |", "|---|---|---|"]
    for name, wanted in judge.RELIABILITY.items():
        found = runs[name]
        lines += judge.reliability_rows(name, found, wanted, found["run"] if found else "")
    return "\n".join([*lines, "", "## Benchmarks", "", *judge.bench_rows(benches), ""])


def _read(file: Path, commit_at: float) -> Any:
    """One result, with when it was run; None where there is none, or none that can be read."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found | {"run": judge.age(file.stat().st_mtime, commit_at)}


def _shown(file: Path) -> str:
    return str(file.relative_to(ROOT))


def verdict(checks: Sequence[Check], *, allow_skipped: bool) -> int:
    bad = {Verdict.FAILED} if allow_skipped else {Verdict.FAILED, Verdict.SKIPPED}
    return 5 if any(check.verdict in bad for check in checks) else 0


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    checks: list[Check] = []

    def tell(check: Check) -> None:
        checks.append(check)
        print(check.line(), flush=True)

    tell(built())
    tell(locked())
    tell(safe())
    check, python = installed()
    tell(check)
    found = json.loads(must(python, "-c", INSIDE))
    bin_ = tools()
    tell(bill(bin_, python, found))
    tell(licences(found))
    tell(audit(bin_))
    results = tables(ROOT / "var", float(commit_moment()))
    notes = "\n".join(["## Checks", "", *(f"    {one.line()}" for one in checks), "", results])
    (OUT / "notes.md").write_text(notes, "utf-8")
    print(f"\n{results}\nThe notes are in {_shown(OUT / 'notes.md')}.")
    return verdict(checks, allow_skipped=os.environ.get("ALLOW_SKIPPED") == "1")


if __name__ == "__main__":
    sys.exit(main())
