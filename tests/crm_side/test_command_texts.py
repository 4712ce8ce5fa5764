"""What the connectors' commands say: the same things in both languages, as a person would."""

import re
import string
import tomllib
from pathlib import Path

import pytest

CONNECTORS = Path(__file__).parents[2] / "connectors"
FILES = sorted(CONNECTORS.glob("*/crm_loop_*/texts.toml"))


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_both_languages_say_the_same_things(file: Path) -> None:
    texts = tomllib.loads(file.read_text("utf-8"))
    assert texts["en"].keys() == texts["ja"].keys()
    for code, text in texts["en"].items():
        assert places(text) == places(texts["ja"][code]), code


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_japanese_is_written_with_its_own_signs(file: Path) -> None:
    for code, text in tomllib.loads(file.read_text("utf-8"))["ja"].items():
        plain = re.sub(r"crm-loop [a-z -]+|--[a-z_=]+|\\{[a-z]+\\}|\{[a-z]+\}", "", text)
        assert not re.search(r"[?!()]", plain), code
        assert not re.search(r"[\u3040-\u9fff][.,:;]", plain), code


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_every_text_is_said_somewhere(file: Path) -> None:
    sources = "".join(path.read_text("utf-8") for path in file.parent.rglob("*.py"))
    begins = {"key", "level", "subject", "unit"}
    for code in tomllib.loads(file.read_text("utf-8"))["en"]:
        assert f'"{code}"' in sources or code.partition("_")[0] in begins, code


def test_there_are_two_of_them() -> None:
    assert len(FILES) == 2
