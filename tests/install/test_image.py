"""The image's processes answer its own health checks, on a file system that cannot be written."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
TOOLS = Path(sys.executable).parent
#: What is kept of the test's own environment: where modules and libraries are.
KEPT = ("PATH", "LANG", "LD_LIBRARY_PATH")
PATIENCE_SECONDS = 120

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("install")]


def checks() -> dict[str, list[str]]:
    """The commands that ask a worker (the image's own) and the console (that of compose)."""
    containerfile = (DEPLOY / "container" / "Containerfile").read_text("utf-8")
    (own,) = re.findall(r"^  CMD (\[.*\])$", containerfile, re.MULTILINE)
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    of_console = compose["services"]["console"]["healthcheck"]["test"]
    assert of_console[0] == "CMD"
    return {"worker": json.loads(own), "scheduler": json.loads(own), "console": of_console[1:]}


def locked(scratch: Path, *command: str | Path) -> list[str]:
    """The command where nothing but `scratch` can be written, as in a container of ours."""
    inside = (
        f'mount -t tmpfs scratch "{scratch}" && mount -o remount,bind,ro / && cd "{scratch}"'
        ' && exec "$@"'
    )
    return ["unshare", "--mount", "sh", "-c", inside, "sh", *map(str, command)]


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    place = tmp_path / "scratch"
    place.mkdir()
    tried = locked(place, "sh", "-c", f"touch here && ! touch {tmp_path}/there")
    if shutil.which("unshare") is None or subprocess.run(tried, check=False).returncode:
        pytest.skip("this machine lets nobody make a file system of their own")
    return place


def environment(scratch: Path, metrics: int, console: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {
        "PATH": f"{TOOLS}:{os.environ['PATH']}",
        "TMPDIR": str(scratch),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CRM_LOOP_ENV": "production",
        "CRM_LOOP_DATABASE_URL": f"sqlite:///{scratch / 'house.db'}",
        "CRM_LOOP_SECRET_KEY_FILE": str(scratch / "crm-loop.key"),
        "CRM_LOOP_REDIS_URL": "none",
        "CRM_LOOP_PUBLIC_URL": "https://crm-loop.example.com",
        "CRM_LOOP_METRICS_BIND": f"127.0.0.1:{metrics}",
        "CRM_LOOP_CONSOLE_BIND": f"127.0.0.1:{console}",
    }


@pytest.mark.parametrize("process", ["worker", "scheduler", "console"])
def test_a_process_of_the_image_is_well_by_its_own_check_and_ends_when_told_to(
    scratch: Path, free_tcp_port_factory: object, process: str
) -> None:
    metrics, console = (free_tcp_port_factory() for _ in range(2))  # type: ignore[operator]
    variables = environment(scratch, metrics, console)
    both = f"crm-loop keys new && exec crm-loop {process}"
    ask = [
        word.replace(":8720/", f":{metrics}/").replace(":8710/", f":{console}/")
        for word in checks()[process]
    ]
    assert ask != checks()[process]
    running = subprocess.Popen(locked(scratch, "sh", "-c", both), env=variables)

    def well() -> bool:
        told = subprocess.run(ask, env=variables, capture_output=True, check=False)
        return told.returncode == 0

    try:
        assert not well()
        until = time.monotonic() + PATIENCE_SECONDS
        while not well():
            assert running.poll() is None, "it has ended"
            assert time.monotonic() < until, "it never was well"
            time.sleep(0.2)
    finally:
        running.send_signal(signal.SIGTERM)
        code = running.wait(60)
    # The console's server finishes what it answers and then ends by the signal itself.
    assert code == (-signal.SIGTERM if process == "console" else 0)
    assert not list(scratch.iterdir())
