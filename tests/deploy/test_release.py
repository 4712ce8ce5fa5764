"""What stands between a change and a release judges as it should."""

import importlib.util
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
RELEASE = ROOT / "deploy" / "release"
LOCKS = sorted([ROOT / "requirements.lock", *(ROOT / "deploy").rglob("*.lock")])
PROJECTS = [ROOT / "pyproject.toml", *sorted(ROOT.glob("*/pyproject.toml")),
            *sorted(ROOT.glob("connectors/*/pyproject.toml"))]  # fmt: skip


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"release_{name}", RELEASE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


judge = loaded("judge")
MINIMUM = tomllib.loads((RELEASE / "minimum.toml").read_text("utf-8"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_every_line_of_a_lock_file_is_pinned_by_hash(lock: Path) -> None:
    assert judge.lock_problems(lock.name, lock.read_text("utf-8")) == []


def test_no_weak_version_is_pinned_or_admitted() -> None:
    projects = [tomllib.loads(file.read_text("utf-8"))["project"] for file in PROJECTS]
    bounds = [bound for one in projects for bound in judge.bounds_of(one)]
    locks = {lock.name: lock.read_text("utf-8") for lock in LOCKS}
    assert judge.too_old(MINIMUM, locks, bounds) == []
    pinned = judge.pins((ROOT / "requirements.lock").read_text("utf-8"))
    assert MINIMUM.keys() <= pinned.keys()


@pytest.mark.parametrize(
    ("lock", "problems"),
    [
        ("starlette==1.3.0 \\\n    --hash=sha256:aa\n", 1),
        ("starlette==1.3.1 \\\n    --hash=sha256:aa\n", 0),
        ("starlette==1.10.0 \\\n    --hash=sha256:aa\n", 0),
    ],
)
def test_a_version_below_the_safe_one_is_found(lock: str, problems: int) -> None:
    minimum = {"starlette": {"version": "1.3.1", "why": "x"}}
    assert len(judge.too_old(minimum, {"x.lock": lock}, [])) == problems
    assert len(judge.too_old(minimum, {}, ["starlette>=1.0", "starlette[full]>=1.3.1"])) == 1


@pytest.mark.parametrize("lock", ["a==1\n", "a>=1 \\\n    --hash=sha256:aa\n"])
def test_a_lock_file_with_a_hole_is_found(lock: str) -> None:
    assert judge.lock_problems("x", lock)


@pytest.mark.parametrize("option", ["index-url", "extra-index-url", "find-links"])
def test_a_lock_file_that_says_where_packages_come_from_is_found(option: str) -> None:
    lock = "a==1 --hash=sha256:aa\n"
    assert judge.lock_problems("x", lock) == []
    assert judge.lock_problems("x", f"{lock}--{option} ELSEWHERE\n") == ["x: names an address"]


@pytest.mark.parametrize(
    ("code", "told", "verdict"),
    [
        (0, "No known vulnerabilities found", "passed"),
        (1, "Found 2 known vulnerabilities in 1 package", "FAILED"),
        (1, "ERROR:pip_audit._cli:x: Dependency not found on PyPI and could not be audited: x",
         "SKIPPED"),
        (0, "x: Dependency not found on PyPI and could not be audited", "SKIPPED"),
        (1, "requests.exceptions.ConnectionError: Max retries exceeded", "SKIPPED"),
        (2, "usage: pip-audit: error: no such option", "FAILED"),
        (1, "Found 1 known vulnerability; y could not be audited", "FAILED"),
    ],
)  # fmt: skip
def test_what_nobody_could_look_up_is_never_called_safe(code: int, told: str, verdict: str) -> None:
    assert judge.audited(code, told).verdict == verdict


def test_a_skipped_check_is_no_pass_unless_somebody_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "judge", judge)
    run = loaded("run")
    skipped = judge.Check("x", judge.Verdict.SKIPPED, "nobody could be asked")
    passed = judge.Check("y", judge.Verdict.PASSED, "fine")
    failed = judge.Check("z", judge.Verdict.FAILED, "bad")
    assert run.verdict([passed], allow_skipped=False) == 0
    assert run.verdict([passed, skipped], allow_skipped=False) == 5
    assert run.verdict([passed, skipped], allow_skipped=True) == 0
    assert run.verdict([passed, failed], allow_skipped=True) == 5
    assert skipped.line().startswith("SKIPPED")


def test_a_licence_that_lets_nobody_ship_is_found() -> None:
    said = {"a": "MIT", "b": "", "c": "GPL-3.0-only", "d": "LGPL-3.0-or-later", "e": "Proprietary",
            "f": "AGPL-3.0"}  # fmt: skip
    assert [one.partition(":")[0] for one in judge.licence_problems(said)] == ["b", "c", "e", "f"]


def test_what_an_extra_admits_is_looked_at_too() -> None:
    project = {"dependencies": ["a>=1"], "optional-dependencies": {"x": ["requests>=2.32"]}}
    assert judge.bounds_of(project) == ["a>=1", "requests>=2.32"]
    assert len(judge.too_old(MINIMUM, {}, judge.bounds_of(project))) == 1


@pytest.mark.parametrize(
    "said",
    ["GPL-3.0-only AND MIT", "MIT; GNU General Public License v3 (GPLv3)", "Proprietary Limited",
     "Commercial use is not permitted", "Permitted", "MIT AND (GPL-2.0-only OR AGPL-3.0-only)",
     "MIT-like but not quite", "SSPL-1.0", "BUSL-1.1"],
)  # fmt: skip
def test_a_name_that_only_holds_a_good_one_lets_nobody_ship(said: str) -> None:
    assert judge.licence_problems({"a": said})


@pytest.mark.parametrize(
    "said",
    ["MIT License", "BSD 2-Clause License", "Apache 2.0", "Apache Software License", "PSF-2.0",
     "MPL-2.0 AND (Apache-2.0 OR MIT)", "BSD License; Apache Software License", "0BSD",
     "3-Clause BSD License",
     "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0", "ISC License (ISCL)",
     "GNU Lesser General Public License v3 or later (LGPLv3+)", "LGPL-3.0-only",
     "Mozilla Public License 2.0 (MPL 2.0)", "GPL-2.0-only OR MIT"],
)  # fmt: skip
def test_what_is_shipped_today_may_be(said: str) -> None:
    assert judge.licence_problems({"a": said}) == []


def test_the_bill_of_materials_has_to_name_what_is_there() -> None:
    bom = {"components": [{"name": "A_b", "version": "1"}, {"name": "c", "version": "2"}]}
    assert judge.bom_problems(bom, {"a-b": "1", "C": "2"}) == []
    assert judge.bom_problems(bom, {"a-b": "1", "c": "3"}) == ["c 2", "c 3"]


def test_the_tables_hide_no_missed_target_and_no_run_that_was_not_made() -> None:
    one = {"bench": "x", "scale": 1, "figures": [
        {"id": "load", "value": 2.38, "unit": "times", "target": 4.0, "met": False},
        {"id": "rss", "value": 100, "unit": "MB", "target": None, "met": None},
    ]}  # fmt: skip
    rows = judge.bench_rows([one | {"run": "2026-11-28"}])
    assert rows[2] == "| x (scale 1, 2026-11-28) | load | 2.38 times | 4 | NO |"
    assert rows[3] == "| x (scale 1, 2026-11-28) | rss | 100 MB | – | – |"
    assert "| writes | not run (make bench-writes) | – | – | – |" in rows
    assert judge.reliability_rows("soak", None, ()) == ["| soak | not run (make soak) | – |"]
    found = judge.reliability_rows("soak", {"schema": 1, "lost": 0, "failing": [1]}, ["lost"], "x")
    assert found == ["| soak | lost 0 | x |"]
    assert judge.age(100.0, 200.0) == "1970-01-01, before this commit"
    assert judge.age(300.0, 200.0) == "1970-01-01"


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setitem(sys.modules, "judge", judge)
    return loaded("run")


def test_notes_of_a_checkout_on_which_nothing_was_run_say_so(
    release: ModuleType, tmp_path: Path
) -> None:
    told = release.tables(tmp_path, 0.0)
    assert "Nothing was run on this checkout" in told
    names = [*judge.RELIABILITY, *judge.BENCHES]
    assert [one for one in names if f"| {one} | not run (make " not in told] == []


def test_what_was_run_on_a_checkout_is_in_its_notes(release: ModuleType, tmp_path: Path) -> None:
    for name, text in {
        "chaos/result.json": '{"planned": 600, "lost": 0}',
        "bench/kpi.json": '{"bench": "kpi", "scale": 1, "figures": [{"id": "rss", "value": 9}]}',
        "bench/broken.json": "{",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    told = release.tables(tmp_path, 0.0)
    assert "| chaos | planned 600, lost 0 |" in told
    assert "| rss | 9 |" in told
    assert "Nothing was run" not in told
    assert "| kpi | not run" not in told


def test_every_command_of_the_tables_writes_where_the_notes_look() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    commands = {f"make {name}": f"var/{name}/result.json" for name in judge.RELIABILITY}
    commands |= {made: f"var/bench/{name}.json" for name, made in judge.BENCHES.items()}
    for made, place in commands.items():
        target = made.removeprefix("make ")
        rule = re.search(rf"^{target}:.*\n(?:\t.*\n)+", makefile, re.MULTILINE)
        assert rule is not None, made
        program = re.search(r"\S+\.py", rule[0])
        assert program is not None, made
        text = (ROOT / program[0]).read_text("utf-8")
        folder, _, name = place.rpartition("/")
        assert Path(folder).name in text, made
        assert name.removesuffix(".json") in text, made
