"""A backup is one command, and so is the way back."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from crm_loop.cli.mount import app
from crm_loop.secrets import seals_in


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


@pytest.fixture
def piped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A command with bytes on its stdin, in an environment of its own."""
    monkeypatch.chdir(tmp_path)

    def piped(*words: str, given: bytes = b"", **more: str) -> Result:
        environment = {
            "CRM_LOOP_DATABASE_URL": f"sqlite:///{tmp_path / 'one.db'}",
            "CRM_LOOP_SECRET_KEY_FILE": str(tmp_path / "key"),
        } | more
        return CliRunner().invoke(app, words, input=given, env=environment)

    return piped


def test_a_house_moves_through_a_pipe_and_stdout_has_the_backup_alone(
    piped: Any, tmp_path: Path
) -> None:
    people = b"email,name,manager_email\na@b.c,A,\n"
    assert piped("people", "import", "-", given=people).exit_code == 0
    made = piped("backup", "-")
    assert made.exit_code == 0
    assert "rows" in made.stderr
    two = {"CRM_LOOP_DATABASE_URL": f"sqlite:///{tmp_path / 'two.db'}"}
    cut = piped("restore", "-", given=made.stdout_bytes[:-40], **two)
    assert cut.exit_code == 2
    back = piped("restore", "-", given=made.stdout_bytes, **two)
    assert (back.exit_code, "rows" in back.stdout) == (0, True)
    assert piped("people", "export", "-", **two).stdout == piped("people", "export", "-").stdout
    assert "a@b.c" in piped("people", "export", "-", **two).stdout


@pytest.mark.parametrize(
    ("words", "env", "sentence"),
    [
        (("backup", "a.backup"), "development", "holds no house yet"),
        (("admin", "link"), "development", "holds no house yet"),
        (("health",), "development", "holds no house yet"),
        (("doctor",), "production", "holds no house yet"),
        (("jobs", "list"), "production", "holds no house yet"),
        (("backup", "a.backup", "--lang", "ja"), "production", "まだcrm_loopで使われていません"),
    ],
)
def test_no_house_is_begun_by_accident(
    piped: Any, tmp_path: Path, words: tuple[str, ...], env: str, sentence: str
) -> None:
    before = sorted(tmp_path.iterdir())
    said = piped(*words, CRM_LOOP_ENV=env, CRM_LOOP_DATABASE_URL="", COLUMNS="500")
    assert said.exit_code == 3
    assert sentence in said.stderr
    assert not said.stdout
    assert sorted(tmp_path.iterdir()) == before


def test_in_production_a_house_that_is_there_is_served_and_a_first_one_can_be_restored(
    piped: Any,
) -> None:
    assert piped("people", "export", "x.csv").exit_code == 0
    assert piped("jobs", "list", CRM_LOOP_ENV="production").exit_code == 0
    made = piped("backup", "-", CRM_LOOP_ENV="production").stdout_bytes
    new = {"CRM_LOOP_DATABASE_URL": "sqlite:///new.db", "CRM_LOOP_ENV": "production"}
    assert piped("restore", "-", given=made, **new).exit_code == 0


def test_a_backup_that_cannot_be_written_is_said_in_one_sentence(piped: Any) -> None:
    assert piped("people", "export", "x.csv").exit_code == 0
    said = piped("backup", "nowhere/a.backup", COLUMNS="500")
    assert said.exit_code == 2
    assert "nowhere/a.backup cannot be written" in said.stderr


def test_a_key_can_be_made_into_a_pipe(piped: Any, tmp_path: Path) -> None:
    made = piped("keys", "new", "-")
    assert made.exit_code == 0
    assert len(seals_in(made.stdout_bytes)) == 1
    assert not (tmp_path / "key").exists()


def test_a_file_that_is_no_backup_is_told_in_one_sentence(run: Any, tmp_path: Path) -> None:
    (tmp_path / "monday.backup").write_text("hello")
    code, told = run("two.db", "restore", "monday.backup")
    assert (code, told["error"]["code"]) == (2, "backup.not_one")
