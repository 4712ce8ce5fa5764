"""`crm-loop templates`: how the 1on1s of each role are planned."""

from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.console import Console

from crm_loop.bootstrap import App
from crm_loop.calendars import local_date
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.loop_records import Template

app = typer.Typer(no_args_is_help=True, help="How the 1on1s of each role are planned.")


@app.callback()
def root() -> None:
    """How the 1on1s of each role are planned."""


@app.command("list")
@command("templates list")
def list_(house: App, call: Call) -> Answer:
    """Show the blocks, minutes and own questions of each role's 1on1s."""
    from crm_loop.one_on_one.boxes import SHORT
    from crm_loop.one_on_one.template import ROLES, usual

    with house.begin(call.organisation) as state:
        kept = state.templates.all()
    rows = [_row(one.value, kept.get(one), usual(SHORT)) for one in ROLES]
    says = call.says(house)

    def show(console: Console) -> None:
        for row in rows:
            blocks = ", ".join(f"{says.word('block', k)} {n}" for k, n in row["blocks"].items())
            by = says(f"planned_by_{row['planned_by']}")
            said = says("template", role=row["role"], by=by, blocks=blocks)
            console.print(said, highlight=False)
            for code, asked in row["questions"].items():
                block = says.word("block", code)
                console.print(f"  {block}: {asked[says.language]}", highlight=False)

    return Answer(data={"templates": rows}, show=show)


def _row(role: str, own: Template | None, usual: Template) -> dict[str, Any]:
    plan = own or usual
    return {
        "role": role,
        "planned_by": "admin" if own else "usual",
        "minutes": plan.minutes,
        "blocks": dict(plan.boxes),
        "questions": {code: dict(said) for code, said in plan.questions.items()},
    }


@app.command()
@command("templates preview")
def preview(
    house: App, call: Call, role: Annotated[str, typer.Argument(help="AE, SDR or AM.")]
) -> Answer:
    """Show a memo as this role's template makes it, of nobody in particular."""
    from crm_loop.one_on_one.boxes import SHORT
    from crm_loop.one_on_one.template import known_role, usual
    from crm_loop.one_on_one.template_preview import preview as run
    from crm_loop.wording import words

    known_role(role)
    with house.begin(call.organisation) as state:
        zone = state.connections.organisation().time_zone
        plan = state.templates.all().get(role) or usual(SHORT)
    says = call.says(house)
    day = local_date(house.now(), zone) + timedelta(days=1)
    names = (says("somebody"), says("somebodys_manager"))
    text = run(plan, words(says.language), day=day, names=names)
    return Answer(
        data={"role": role, "text": text},
        show=lambda console: console.print(text, highlight=False, markup=False),
    )
