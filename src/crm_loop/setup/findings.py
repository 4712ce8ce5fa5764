"""The doctor's findings in words, in either language."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from crm_loop.loop_records import Finding


def worded(finding: Finding, language: str) -> dict[str, Any]:
    """The finding as the command line and the report show it."""
    texts = _texts()[language]
    text = texts[finding.code]
    facts = dict(finding.facts)
    if (reason := facts.get("reason", "")) in texts:
        facts["reason"] = texts[reason]["title"]
    return {
        "connection": finding.connection,
        "code": finding.code,
        "level": finding.level.value,
        "title": text["title"].format(**facts),
        "do": text.get("do", "").format(**facts),
    }


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(files("crm_loop.setup").joinpath("findings.toml").read_text("utf-8"))
