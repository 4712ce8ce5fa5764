"""The doctor's findings in words, in either language."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from crm_loop.loop_records import Finding


def worded(finding: Finding, language: str) -> dict[str, Any]:
    """The finding as the command line and the report show it."""
    texts = _texts()[language]
    text = texts[finding.code]
    facts = dict(finding.facts)
    if "reason" in facts:
        facts["reason"] = _lack(facts["reason"], texts)
    if "lacking" in facts:
        facts["lacking"] = _lacks(facts["lacking"].split(", "), language)
    return {
        "connection": finding.connection,
        "code": finding.code,
        "level": finding.level.value,
        "title": text["title"].format(**facts),
        "do": text.get("do", "").format(**facts),
    }


def _lacks(codes: Sequence[str], language: str) -> str:
    """All that is missing, what lacks in the same way together."""
    texts, between = _texts()[language], "、" if language == "ja" else ", "
    alike: dict[str, list[str]] = {}
    for code in codes:
        kind = code.partition(":")[0]
        alike.setdefault(kind if "several" in texts.get(f"lack.{kind}", {}) else code, []).append(
            code
        )
    said = []
    for kind, found in alike.items():
        names = between.join(code.partition(":")[2] for code in found)
        several = len(found) > 1
        said.append(
            texts[f"lack.{kind}"]["several"].format(name=names)
            if several
            else _lack(found[0], texts)
        )
    return ("。" if language == "ja" else "; ").join(said)


def _lack(code: str, texts: Mapping[str, Mapping[str, str]]) -> str:
    """What is missing: a code of its own, or one with a name behind it (`no_field:Task.Key`)."""
    kind, _, name = code.partition(":")
    text = texts.get(code) or texts.get(f"lack.{kind}")
    return text["title"].format(name=name) if text else code


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(files("crm_loop.setup").joinpath("findings.toml").read_text("utf-8"))
