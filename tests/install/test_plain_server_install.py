"""A plain server gets a program that runs; how it is upgraded is in tests/deploy."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy" / "systemd" / "install"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("install")]


def install(root: Path) -> str:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CRM_LOOP_", "PYTHON"))}
    done = subprocess.run(
        [SCRIPT, "hubspot", "otel"],
        env=kept | {"ROOT": str(root), "PYTHON": sys.executable, "PIP_NO_COMPILE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout


def ours(place: Path) -> set[str]:
    """What is installed there of crm_loop, and of what nobody needs who only runs it."""
    found = {one.name for one in place.glob("lib/*/site-packages/*") if one.is_dir()}
    unwanted = ("pip", "pytest", "hatchling")
    return {one for one in found if re.fullmatch(r"crm_loop(_\w+)?", one) or one in unwanted}


def test_what_the_script_installs_is_whole_and_runs(tmp_path: Path) -> None:
    told = install(tmp_path)
    home, etc = tmp_path / "opt/crm-loop", tmp_path / "etc/crm-loop"
    first = home.resolve()
    assert first.name in told
    key, settings = etc / "crm-loop.key", etc / "crm-loop.env"
    assert {one.stat().st_mode & 0o077 for one in (etc, key, settings)} == {0}
    # What every unit starts is there, and so is what it points people to.
    units = sorted((tmp_path / "etc/systemd/system").iterdir())
    kinds = {".service", ".target", ".timer"}
    shipped = {one.name for one in SCRIPT.parent.iterdir() if one.suffix in kinds}
    assert {one.name for one in units} == shipped
    texts = "".join(one.read_text("utf-8") for one in units)
    programs = re.findall(r"^ExecStart=(/opt\S+)", texts, re.MULTILINE)
    pages = re.findall(r"^Documentation=file://(\S+)", texts, re.MULTILINE)
    assert programs
    assert pages
    assert all(os.access(f"{tmp_path}{one}", os.X_OK) for one in programs)
    assert all(Path(f"{tmp_path}{one}").exists() for one in pages)
    environment = {
        "PATH": os.environ["PATH"],
        "CRM_LOOP_ENV": "production",
        "CRM_LOOP_DATABASE_URL": f"sqlite:///{tmp_path / 'house.db'}",
        "CRM_LOOP_SECRET_KEY_FILE": str(key),
        "CRM_LOOP_REDIS_URL": "none",
    }
    once = [str(home / "bin/crm-loop"), "scheduler", "--once", "--json"]
    assert subprocess.run(once, env=environment, cwd=tmp_path, check=False).returncode == 0
    assert ours(first) == {"crm_loop", "crm_loop_workers", "crm_loop_hubspot"}
    assert list(first.glob("lib/*/site-packages/opentelemetry/exporter/otlp"))
