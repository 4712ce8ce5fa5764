"""`--help` shows an example that works, in the reader's language."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from click import Context
from typer.main import get_command
from typer.testing import CliRunner

from crm_loop.cli import mount

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
PANELS = ("Options", "Arguments", "Commands", "Example")


def every(command: Any, path: tuple[str, ...], context: Context) -> Iterator[tuple[str, ...]]:
    """All commands below one, as they are typed."""
    names = command.list_commands(context) if hasattr(command, "list_commands") else ()
    if path and not names:
        yield path
    for name in names:
        below = mount._loaded(name) if not path else command.get_command(context, name)  # noqa: SLF001 - as the group loads it
        yield from every(below, (*path, name), Context(below, parent=context, info_name=name))


ROOT: Any = get_command(mount.app)
ALL = list(every(ROOT, (), Context(ROOT)))
GROUPS = sorted({path[:1] for path in ALL if len(path) > 1})


@pytest.fixture
def helped(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("CRM_LOOP_LANG", raising=False)

    def run(*words: str) -> str:
        said = CliRunner().invoke(mount.app, list(words))
        assert said.exit_code == 0, said.output
        return said.output

    return run


def test_there_are_commands_of_every_distribution() -> None:
    assert {"writes", "up", "sandbox"} <= {path[0] for path in ALL}
    assert len(ALL) > 60


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_each_command_shows_an_example_that_it_takes(path: tuple[str, ...], helped: Any) -> None:
    said = helped(*path, "--help")
    example = re.search(r"^\s*(crm-loop .+)$", said.partition("Example:")[2], re.MULTILINE)
    assert example is not None, said
    words = shlex.split(example.group(1))[1:]
    assert tuple(words[: len(path)]) == path
    command, context = ROOT, Context(ROOT)
    for name in path:
        found = command.resolve_command(context, [name])[1]
        command, context = found, Context(found, parent=context, info_name=name)
    command.make_context(path[-1], words[len(path) :])


@pytest.mark.parametrize("path", [(), *GROUPS, *ALL], ids=" ".join)
def test_help_is_japanese_where_it_is_asked_for(path: tuple[str, ...], helped: Any) -> None:
    said = helped(*path, "--lang", "ja", "--help")
    boxed = [line for line in said.splitlines() if line.startswith("│")]
    described = [line for line in boxed if re.match(r"│ [*]? {0,4}(-|[a-z])", line)]
    assert described
    assert [line for line in described if not JAPANESE.search(line)] == []
    assert not [one for one in PANELS if f"─ {one} ─" in said or f"{one}:" in said]


def test_the_setting_decides_where_nothing_was_said(helped: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("CRM_LOOP_LANG", "ja")
    assert JAPANESE.search(helped("--help"))
    assert not JAPANESE.search(helped("--lang", "en", "--help"))
