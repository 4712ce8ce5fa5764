"""What happened in a week, in a plain sentence of either language."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any


def say(code: str, language: str, **facts: Any) -> str:
    """A sentence of the demonstration by its code."""
    return _texts()[language][code].format(**facts)


def week_lines(report: Mapping[str, Any], week: str, language: str) -> list[str]:
    """The sentences for one week of a report."""
    part = next(one for one in report["weeks"] if one["week"] == week)
    crms = part["connections"]
    lines = [
        say(
            "agendas",
            language,
            salesforce=crms["salesforce"]["agendas"],
            hubspot=crms["hubspot"]["agendas"],
        )
    ]
    actions = part["actions"]
    lines.append(say("actions" if actions["agreed"] else "no_actions", language, **actions))
    return lines


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Mapping[str, str]]:
    text = files("crm_loop_workers.demo").joinpath("story.toml").read_text("utf-8")
    return tomllib.loads(text)
