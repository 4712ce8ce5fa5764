"""`crm-loop waterfall`: what moved the pipeline between two days."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.bootstrap import App
from crm_loop.cli.days import day_of
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.kpi.profiles import shows


@command("waterfall")
def waterfall(
    app: App,
    call: Call,
    *,
    first: Annotated[str, typer.Option("--from", help="The first day, at its end.")],
    last: Annotated[str, typer.Option("--to", help="The last day, at its end.")],
    due_by: Annotated[
        str | None, typer.Option(help="Only deals due by this day, so that pushes show.")
    ] = None,
) -> Answer:
    """Show new, won, lost, pushed, pulled in and changed money; it adds up to the unit."""
    from crm_loop.kpi.two_days import compare

    says = call.says(app)
    days = [day_of(app, call, None, one) for one in (first, last)]
    horizon = day_of(app, call, None, due_by) if due_by else None
    found = compare(app.begin, call.organisation, days[0], days[1], horizon=horizon)
    parts = shows(app.turn(call.organisation).own().profile, "waterfall")

    def show(console: Console) -> None:
        table = Table("", *says.headings("amount"))
        table.add_row(str(days[0]), f"{found.before:,.0f}")
        for part, amount in found.parts.items() if parts else ():
            if horizon is None and part in found.moved:
                continue
            table.add_row(says.word("waterfall", part), f"{amount:+,.0f}")
        table.add_row(str(days[1]), f"{found.after:,.0f}")
        console.print(table)
        if not parts:
            console.print(says("waterfall_parts"))
        elif horizon is None and any(found.moved.values()):
            amounts = {part: f"{amount:,.0f}" for part, amount in found.moved.items()}
            console.print(says("kept_inside", **amounts))
        rebuilt = [str(day) for day, one in zip(days, found.rebuilt, strict=True) if one]
        if rebuilt:
            console.print(says("rebuilt_days", days=", ".join(rebuilt)))

    total = found.after - found.before
    return Answer(data={**asdict(found), "total": total}, show=show, as_of=days[1])
