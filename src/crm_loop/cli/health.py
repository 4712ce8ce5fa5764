"""`crm-loop health`: is the loop read, written and sealed; no CRM is asked."""

from typing import Any

from rich.console import Console

from crm_loop.bootstrap import App
from crm_loop.cli.doctor import MARKS
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.loop_records import Finding, Level
from crm_loop.setup.findings import worded
from crm_loop.setup.vital_signs import Signs, examine, seen


@command("health")
def health(app: App, call: Call) -> Answer:
    """Say what needs looking at; ends with 5 where something does."""
    with app.look(call.organisation) as state:
        signs = seen(state, now=app.clock(), business_now=app.now())
    found = examine(signs)
    shown = plain(signs, found, call.language(app))
    return Answer(
        data=shown,
        show=lambda console: _show(console, shown["findings"], call.language(app)),
        in_part=not shown["healthy"],
    )


def plain(signs: Signs, found: list[Finding], language: str) -> dict[str, Any]:
    """The answer of --json and of /api/v1/health."""
    well = not any(one.level in (Level.ATTENTION, Level.BLOCKED) for one in found)
    return {
        "healthy": well,
        **signs.plain(),
        "findings": [worded(one, language) for one in found],
    }


def _show(console: Console, found: list[dict[str, Any]], language: str) -> None:
    well = worded(Finding(code="health.well", level=Level.OK), language)
    for one in found or [well]:
        where = f"{one['connection']}: " if one["connection"] else ""
        console.print(f"{MARKS[one['level']]} {where}{one['title']}", highlight=False)
        if one["do"]:
            console.print(f"   → {one['do']}", highlight=False)
