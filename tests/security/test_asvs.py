"""Each requirement that concerns us names the test that holds it, or says why there is none."""

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

#: The ones that bite a product like this, of the 345 of OWASP ASVS 5.0.
WANTED_TEXT = """
1.2.1 1.2.2 1.2.4 1.3.1 2.2.2 2.3.1 3.2.2 3.3.1 3.4.1 3.5.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6
6.2.7 6.2.8 6.3.1 6.3.2 6.4.1 7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2 8.1.1 8.2.1 8.2.2 8.3.1 10.2.1
11.3.1 11.3.2 11.4.1 12.2.1 13.4.1 14.2.1 15.1.1 15.2.1 15.3.1
1.2.10 1.3.3 1.3.6 2.3.3 2.3.4 2.4.1 3.4.3 3.4.4 3.4.5 3.4.6 4.1.3 6.2.9 6.2.12 6.3.3 7.3.1 7.3.2
7.5.1 8.4.1 10.1.1 10.1.2 10.2.2 10.5.1 10.5.2 10.5.3 10.5.4 11.1.1 11.2.1 11.2.2 11.2.3 11.3.3
11.4.2 11.5.1 12.3.1 13.1.1 13.2.1 13.2.2 13.2.3 13.2.4 13.2.5 13.3.1 13.3.2 13.4.2 13.4.5 14.1.1
14.2.2 14.2.4 14.3.2 15.1.2 15.2.2 15.3.2 15.3.3 16.1.1 16.2.1 16.2.2 16.2.3 16.2.4 16.2.5 16.3.1
16.3.2 16.3.3 16.3.4 16.4.1 16.4.2 16.4.3 16.5.1 16.5.2 16.5.3
4.1.5 13.1.3 13.3.4 14.2.7 15.4.2 16.5.4
"""


def table() -> dict[str, Any]:
    levels = tomllib.loads((ROOT / "docs/security/asvs.toml").read_text("utf-8"))
    return {name: entry for level in levels.values() for name, entry in level.items()}


def test_every_requirement_has_a_test_or_a_reason() -> None:
    found = table()
    assert set(WANTED_TEXT.split()) - set(found) == set()
    for name, entry in found.items():
        assert bool(entry.get("tests")) != bool(entry.get("waiver")), name
        assert entry.get("what") or entry.get("waiver"), name
        assert len(entry.get("waiver", "x" * 40)) >= 40, name


def test_every_test_that_is_named_exists() -> None:
    missing = []
    for name, entry in table().items():
        for test in entry.get("tests", ()):
            path, _, function = test.partition("::")
            file = ROOT / path
            text = file.read_text("utf-8") if file.is_file() else ""
            if not re.search(rf"^def {function or 'test_'}", text, re.MULTILINE):
                missing.append(f"{name}: {test}")
    assert missing == []


def test_few_are_waived() -> None:
    assert sum("waiver" in entry for entry in table().values()) <= 4
