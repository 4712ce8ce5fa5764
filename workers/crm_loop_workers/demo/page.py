"""The report as one page that opens without a network."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment

from crm_loop_workers.demo.story import say, week_lines

#: States in the order of the loop, as the columns of the cycle table.
STATES = (
    "KPI_CHECKED",
    "AGENDA_READY",
    "HELD",
    "ACTIONS_SET",
    "VERIFIED",
    "KPI_RECHECKED",
)


CRMS = {"salesforce": "Salesforce", "hubspot": "HubSpot"}


def render(report: Mapping[str, Any], memos: list[Mapping[str, str]], language: str) -> str:
    """HTML of a report; everything that came from a CRM is escaped."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals["say"] = lambda code, **facts: say(code, language, **facts)
    template = files("crm_loop_workers.demo").joinpath("report.html.j2").read_text("utf-8")
    return environment.from_string(template).render(
        report=report,
        language=language,
        memos=memos,
        states=STATES,
        crms=CRMS,
        lines={
            part["week"]: week_lines(report, part["week"], language) for part in report["weeks"]
        },
    )
