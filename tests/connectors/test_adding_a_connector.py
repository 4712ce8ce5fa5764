"""Whoever has only the page about connectors can write one that keeps the contract."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def files() -> dict[str, str]:
    return dict(BLOCK.findall((ROOT / "docs" / "adding-a-connector.md").read_text("utf-8")))


def test_the_connector_of_the_page_keeps_every_promise(tmp_path: Path) -> None:
    for name, text in files().items():
        (tmp_path / name).write_text(text, "utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        tmp_path,
    ]
    done = subprocess.run(
        [*command, tmp_path / "test_cabinet.py"], cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d\d passed, 3 skipped", done.stdout), done.stdout


def test_the_page_imports_only_what_a_connector_may() -> None:
    allowed = {"connector", "records", "errors", "calendars", "money", "outbound"}
    imported = re.findall(r"from crm_loop\.(\w+)", files()["cabinet_connector.py"])
    assert imported
    assert set(imported) <= allowed
