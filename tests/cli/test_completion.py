"""A shell completes commands, their own commands and their options; help gives examples."""

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from crm_loop.cli.mount import app


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("crm-loop meas", "measure"), ("crm-loop writes pre", "preview"),
     ("crm-loop measure --per", "--period"), ("crm-loop sal", "salesforce")],
)  # fmt: skip
def test_a_shell_completes_what_was_begun(typed: str, completed: str) -> None:
    environment = {
        **os.environ,
        "_CRM_LOOP_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
    }
    code = "import sys; sys.argv[0] = 'crm-loop'; from crm_loop.cli.mount import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [completed], done.stderr


@pytest.mark.parametrize(
    "command", [("init",), ("map",), ("config", "diff"), ("people", "calendar")]
)
def test_help_gives_an_example(command: tuple[str, ...]) -> None:
    said = CliRunner().invoke(app, [*command, "--help"]).output
    assert f"crm-loop {' '.join(command)}" in " ".join(said.split())
