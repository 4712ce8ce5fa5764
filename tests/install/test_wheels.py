"""Whoever has only the wheels has all of crm_loop; the image holds what it was asked for."""

import json
import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PARTS = (".", "workers", "connectors/salesforce", "connectors/hubspot", "sandbox")
LOCKS = ROOT / "deploy" / "container"
#: Most modules of these environments are never imported; pip would compile each.
UNCOMPILED = "--no-compile"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("install")]


def run(*command: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    # Neither the checkout nor this test's own environment may lend anything.
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CRM_LOOP_", "PYTHON"))}
    done = subprocess.run(
        command, cwd=cwd, env=kept | dict(env or {}), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheels and sdists of all five distributions."""
    folder = tmp_path_factory.mktemp("dist")
    for part in PARTS:
        run(sys.executable, "-m", "hatchling", "build", "-d", folder, cwd=ROOT / part)
    return folder


def empty(folder: Path) -> Path:
    venv.create(folder, with_pip=True)
    return folder / "bin"


def wheels(built: Path, *names: str) -> list[Path]:
    return [next(built.glob(f"{name}-*.whl")) for name in names]


@pytest.fixture(scope="session")
def everything(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`pip install crm-loop[all]` in an empty environment, in the versions that were tested."""
    folder = tmp_path_factory.mktemp("stranger")
    constraints = folder / "constraints.txt"
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pins = re.findall(r"^([\w.-]+==[^\\\n]+)", lock, re.MULTILINE)
    constraints.write_text("\n".join(pins))
    tools = empty(folder / "venv")
    quiet = ("--quiet", "--disable-pip-version-check", UNCOMPILED, "--constraint", constraints)
    run(tools / "pip", "install", *quiet, "--find-links", built, "crm-loop[all]", cwd=folder)
    return tools


def test_wheels_and_sdists_hold_the_code_and_nothing_else(built: Path) -> None:
    assert len(list(built.glob("*.whl"))) == len(list(built.glob("*.tar.gz"))) == len(PARTS)
    names = [n for wheel in built.glob("*.whl") for n in zipfile.ZipFile(wheel).namelist()]
    for sdist in built.glob("*.tar.gz"):
        with tarfile.open(sdist) as archive:
            names += archive.getnames()
    assert not [
        n for n in names if re.search(r"(^|/)(tests|var|node_modules|\.venv|\.env)(/|$)", n)
    ]
    assert [
        n for n in names if n.endswith("crm_loop/store/migrations/versions/0001_first_tables.py")
    ]
    assert {Path(n).name for n in names if "/wording/" in n} >= {"ja.toml", "en.toml"}


def test_what_an_sdist_builds_is_what_its_wheel_holds(built: Path, tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check")
    alone = ("--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", tmp_path)
    run(*pip, *alone, *sorted(built.glob("*.tar.gz")), cwd=tmp_path)
    for wheel in built.glob("*.whl"):
        again = zipfile.ZipFile(tmp_path / wheel.name).namelist()
        assert sorted(again) == sorted(zipfile.ZipFile(wheel).namelist()), wheel.name


def test_a_stranger_sees_the_demonstration(everything: Path, tmp_path: Path) -> None:
    told = run(
        everything / "crm-loop", "demo", "--weeks", "1", "--reps", "4", "--json", cwd=tmp_path
    )
    report = json.loads(told)["data"]
    week = report["weeks"][0]["connections"]
    assert all(
        week[name]["agendas"] and week[name]["tasks_created"] for name in ("salesforce", "hubspot")
    )


def test_what_admins_put_into_their_crms_comes_along(everything: Path, tmp_path: Path) -> None:
    run(everything / "crm-loop", "salesforce", "install", "--save", "package.zip", cwd=tmp_path)
    assert "package.xml" in zipfile.ZipFile(tmp_path / "package.zip").namelist()
    run(everything / "crm-loop", "hubspot", "project", "app", cwd=tmp_path)
    assert (tmp_path / "app/src/app/app-hsmeta.json").exists()


def test_an_installed_house_can_be_backed_up(everything: Path, tmp_path: Path) -> None:
    run(everything / "crm-loop", "people", "export", "people.csv", cwd=tmp_path)
    run(everything / "crm-loop", "backup", "now.backup", cwd=tmp_path)
    assert (tmp_path / "now.backup").exists()


def test_an_image_holds_only_the_connector_that_was_asked_for(built: Path, tmp_path: Path) -> None:
    """The steps of the Containerfile without a container engine, for one of the connectors.

    The other one is installed in the same steps by test_plain_server_install.
    """
    asked, other = "salesforce", "hubspot"
    tools = empty(tmp_path / "venv")
    pip = (tools / "pip", "install", "--quiet", "--disable-pip-version-check", UNCOMPILED)
    for lock in ("core", asked):
        run(*pip, "--require-hashes", "--requirement", LOCKS / f"{lock}.lock", cwd=tmp_path)
    parts = wheels(built, "crm_loop", "crm_loop_workers", f"crm_loop_{asked}")
    run(*pip, "--no-deps", "--no-index", *parts, cwd=tmp_path)
    run(tools / "pip", "check", cwd=tmp_path)
    environment = {
        "CRM_LOOP_ENV": "production",
        "CRM_LOOP_DATABASE_URL": f"sqlite:///{tmp_path / 'house.db'}",
        "CRM_LOOP_SECRET_KEY_FILE": str(tmp_path / "crm-loop.key"),
        "CRM_LOOP_REDIS_URL": "none",
    }
    house = _house(tools, tmp_path, environment)
    house("keys", "new")
    assert house("scheduler", "--once", "--json")["ok"]
    assert house("worker", "--once", "--json")["ok"]
    found = run(tools / "python", "-c", f"import crm_loop_{asked}", cwd=tmp_path)
    assert found == ""
    listed = run(tools / "pip", "list", cwd=tmp_path)
    assert f"crm-loop-{other}" not in listed
    assert "pytest" not in listed


def _house(tools: Path, place: Path, environment: Mapping[str, str]) -> Any:
    def call(*words: str) -> Any:
        told = run(tools / "crm-loop", *words, cwd=place, env=environment)
        return json.loads(told.splitlines()[-1]) if "--json" in words else told

    return call
