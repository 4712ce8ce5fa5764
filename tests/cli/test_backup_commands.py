"""A backup is one command, and so is the way back."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def run(tmp_path: Path) -> Any:
    def run(database: str, *words: str) -> tuple[int, Any]:
        environment = {
            "CRM_LOOP_DATABASE_URL": f"sqlite:///{tmp_path / database}",
            "CRM_LOOP_SECRET_KEY_FILE": str(tmp_path / "key"),
        }
        command = [sys.executable, "-m", "crm_loop", *words, "--json"]
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, check=False, text=True
        )
        return done.returncode, json.loads(done.stdout)

    return run


def test_a_house_moves_to_another_database_by_two_commands(run: Any, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("email,name,manager_email\na@example.com,A,\n", "utf-8")
    assert run("one.db", "people", "import", str(people))[0] == 0
    code, made = run("one.db", "backup", "monday.backup")
    assert (code, made["ok"]) == (0, True)
    code, back = run("two.db", "restore", "monday.backup")
    assert (code, back["data"]["rows"]) == (0, made["data"]["rows"])
    assert run("one.db", "people", "export", "1.csv")[0] == 0
    assert run("two.db", "people", "export", "2.csv")[0] == 0
    assert (tmp_path / "1.csv").read_text("utf-8") == (tmp_path / "2.csv").read_text("utf-8")


def test_a_file_that_is_no_backup_is_told_in_one_sentence(run: Any, tmp_path: Path) -> None:
    (tmp_path / "monday.backup").write_text("hello")
    code, told = run("two.db", "restore", "monday.backup")
    assert (code, told["error"]["code"]) == (2, "backup.not_one")
