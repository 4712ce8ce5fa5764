"""What the README tells a stranger to type works as it stands there, in its order.

Every line is copied from the page. Only where the CRM is gets another name, because a test takes
a free port and has no account of its own.
"""

import csv
import json
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from click import Context
from typer.main import get_command

from crm_loop.cli.mount import app as known_commands

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.ja.md")
DONE, IN_PART = 0, 5
#: The doctor says by its code that something is to be looked at, as its page does.
FINDS = ("doctor",)
#: Lines about the machine and not about us, and what they rest on.
SHELL = {". .venv/bin/activate": "VENV    := .venv"}
#: What CI runs itself, as that very line.
GATES = {"make demo": "make demo", "make test": "make check", "make setup": ""}


def lines(readme: str) -> list[str]:
    """Every line that is to be typed, without what stands behind a #."""
    text = (ROOT / readme).read_text("utf-8")
    without_pictures = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    typed = re.findall(r"^ {4}(\S.*)$", without_pictures, flags=re.MULTILINE)
    return [re.split(r"\s+#\s", line)[0].strip() for line in typed]


def commands(readme: str) -> list[list[str]]:
    return [shlex.split(one)[1:] for one in lines(readme) if one.startswith("crm-loop ")]


def plain(line: str) -> str:
    return re.sub(r" --lang ja(?=$| )", "", line).replace("フォルダー", "FOLDER")


def test_both_languages_name_the_same_commands() -> None:
    english, japanese = (
        [plain(one) for one in lines(readme) if "make demo ARGS" not in one] for readme in READMES
    )
    assert japanese == english
    assert sum(one.startswith("make demo ARGS") for one in lines("README.ja.md")) == 2


@pytest.mark.parametrize("readme", READMES)
def test_every_line_is_run_by_ci_or_by_this_file(readme: str) -> None:
    ci, makefile = (ROOT / ".ci" / "run").read_text(), (ROOT / "Makefile").read_text()
    for line in lines(readme):
        if line in GATES:
            assert GATES[line] in ci
            assert re.search(rf"^{line.removeprefix('make ')}:", makefile, re.MULTILINE)
        elif line in SHELL:
            assert SHELL[line] in makefile
        else:
            assert line.startswith(("crm-loop ", "export CRM_LOOP_", "make demo ARGS=")), line


@pytest.mark.parametrize("readme", READMES)
def test_demo_takes_what_the_page_gives_it(readme: str, tmp_path: Path) -> None:
    """Real exports and whole demonstrations are run elsewhere; here each option must exist."""
    given = [one for one in lines(readme) if one.startswith("make demo ARGS=")]
    assert given
    for line in given:
        made = subprocess.run(
            ["make", "--dry-run", *shlex.split(line)[1:]],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        called = next(one for one in made.splitlines() if "crm-loop demo" in one)
        words = shlex.split(called.partition("crm-loop demo")[2])
        words = [str(tmp_path) if one in ("FOLDER", "フォルダー") else one for one in words]
        group = get_command(known_commands)
        _, demo, _ = group.resolve_command(Context(group), ["demo"])  # type: ignore[attr-defined]
        assert demo.make_context("demo", words).params


@pytest.mark.slow
@pytest.mark.long(45)
def test_a_stranger_gets_to_the_first_notes_and_on(
    terminal: Any, monkeypatch: pytest.MonkeyPatch, sandbox_server: Callable[..., Any]
) -> None:
    """By the English page: the Japanese one names the same commands."""
    monkeypatch.delenv("CRM_LOOP_ALLOW_LOOPBACK_CRM")
    server = sandbox_server(**served("README.md"))
    ran = []
    for line in lines("README.md"):
        words = shlex.split(line)
        if words[0] == "export":
            monkeypatch.setenv(*words[1].split("=", 1))
        elif words[0] == "crm-loop" and words[1:3] != ["sandbox", "serve"]:
            run(terminal, server, filled(words[1:], server, terminal.folder))
            ran.append(words[1])
    assert {"connect", "cycle", "agenda", "up", "doctor", "explain"} <= set(ran)


def served(readme: str) -> dict[str, str]:
    """The options that the page gives the sandbox."""
    words = next(one for one in commands(readme) if one[:2] == ["sandbox", "serve"])[2:]
    return {name.removeprefix("--"): value for name, value in zip(*[iter(words)] * 2, strict=True)}


def run(terminal: Any, server: Any, words: list[str]) -> None:
    if words[0] == "up":
        with up(terminal.folder) as link, urlopen(link, timeout=60) as page:
            assert page.status == 200
        return
    said = terminal(*words, *(["--url", server.url] if words[0] == "sandbox" else []))
    assert said.code in ((DONE, IN_PART) if words[0] in FINDS else (DONE,)), (words, said.err)
    if words == ["agenda"]:
        assert "1on1" in said.out
        assert len(json.loads(terminal("agenda", "--json").out)["data"]["agendas"]) > 0


def filled(words: list[str], server: Any, folder: Path) -> list[str]:
    """The sandbox in place of one's own CRM, and one of its reps in place of one's own."""
    names = {"…", "http://127.0.0.1:8700", "https://acme.my.salesforce.com",
             "https://api.hubapi.com"}  # fmt: skip
    found = [server.url if one in names else one for one in words]
    return [a_rep(folder) if one == "tanaka@example.com" else one for one in found]


def a_rep(folder: Path) -> str:
    rows = csv.DictReader((folder / "people.csv").read_text("utf-8").splitlines())
    return next(one["email"] for one in rows if one["manager_email"] and one["role"] != "Manager")


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def up(folder: Path) -> Iterator[str]:
    """`crm-loop up` until it has printed its link; ended after that."""
    names = ("CRM_LOOP_CONSOLE_BIND", "CRM_LOOP_METRICS_BIND")
    ports = {name: f"127.0.0.1:{free_port()}" for name in names}
    process = subprocess.Popen(
        [sys.executable, "-m", "crm_loop", "up"],
        env={**os.environ, **ports}, cwd=folder, stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        said = (re.search(r"http://\S+/welcome/\S+", line) for line in process.stdout)
        yield next(one.group() for one in said if one)
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()
