"""`crm-loop kpi`: the catalogue, and KPIs of one's own from a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from crm_loop.bootstrap import App
from crm_loop.cli import who
from crm_loop.cli.days import day_of
from crm_loop.cli.files import read_text
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.cli.records import show_records
from crm_loop.cli.saying import Says
from crm_loop.kpi import screens
from crm_loop.kpi.screens import Reader

app = typer.Typer(no_args_is_help=True, help="The catalogue, and KPIs of your own.")

FileArgument = Annotated[Path, typer.Argument(help="kpi.toml")]


@app.callback()
def root() -> None:
    """The catalogue, and KPIs of your own."""


@app.command("list")
@command("kpi list")
def list_(house: App, call: Call) -> Answer:
    """Show every KPI with its definition."""
    from crm_loop.kpi.own_kpis import known_kpis, switched_on

    says = call.says(house)
    with house.begin(call.organisation) as state:
        known = known_kpis(state)
        _, broken = switched_on(state)
    rows = [
        {
            "id": kpi.id,
            "name": kpi.names[says.language],
            "definition": kpi.definitions[says.language],
            "unit": kpi.unit,
            "direction": kpi.direction,
            "class": kpi.kind,
        }
        for kpi in known.values()
    ]
    return Answer(
        data={"kpis": rows},
        show=lambda console: _definitions(console, rows, says),
        warnings=[why for _, why in sorted(broken.items())],
    )


@app.command()
@command("kpi chosen")
def chosen(house: App, call: Call) -> Answer:
    """Show which KPIs each role is shown, and whether the profile or an admin says so."""
    from crm_loop.kpi.choice import ROLES, shown_to
    from crm_loop.kpi.own_kpis import known_kpis

    says = call.says(house)
    with house.begin(call.organisation) as state:
        own, known = state.connections.organisation(), known_kpis(state)
    rows = [
        {
            "role": role.value,
            "chosen_by": "profile" if own.chosen_kpis(role) is None else "admin",
            "kpis": list(shown_to(own, role)),
        }
        for role in ROLES
    ]

    def show(console: Console) -> None:
        for row in rows:
            names = [known[one].names[says.language] for one in row["kpis"] if one in known]
            by = says(f"chosen_by_{row['chosen_by']}")
            said = says("kpis_of_role", role=row["role"], by=by, names=", ".join(names))
            console.print(said, highlight=False)

    return Answer(data={"profile": own.profile, "roles": rows}, show=show)


@app.command("choose")
@command("kpi choose")
def choose_(
    house: App,
    call: Call,
    role: Annotated[str, typer.Argument(help="AE, SDR or AM.")],
    kpis: Annotated[
        list[str] | None, typer.Argument(help="Up to seven; none: what the profile shows.")
    ] = None,
) -> Answer:
    """Choose which KPIs a role is shown; its targets and 1on1s follow."""
    from crm_loop.kpi.choice import with_choice
    from crm_loop.kpi.own_kpis import choose
    from crm_loop.store.audit import record

    with house.begin(call.organisation) as state:
        own = state.connections.organisation()
        ids = choose(state, role, kpis, own.profile) if kpis else None
        state.connections.put_organisation(with_choice(own, role, ids))
        detail = ", ".join(ids or ())
        record(state, actor="cli", what="kpi.chosen", subject=role, at=house.now(), detail=detail)
    sentence = call.says(house)("kpis_chosen" if ids else "kpis_as_profile", role=role,
                                names=detail)  # fmt: skip
    return Answer(data={"role": role, "kpis": list(ids or ())},
                  show=lambda console: console.print(sentence, highlight=False))  # fmt: skip


@app.command()
@command("kpi check")
def check(house: App, call: Call, file: FileArgument) -> Answer:
    """Check a file of KPIs against what is pulled; nothing is switched on."""
    from crm_loop.kpi.own_kpis import checked

    with house.begin(call.organisation) as state:
        found = list(checked(state, file.name, read_text(file)))
    sentence = call.says(house)("kpis_fine", names=", ".join(found))
    return Answer(data={"kpis": found}, show=lambda console: console.print(sentence))


@app.command()
@command("kpi preview")
def preview(
    house: App,
    call: Call,
    file: FileArgument,
    *,
    as_of: Annotated[str | None, typer.Option(help="As of the end of this day.")] = None,
) -> Answer:
    """Show the value of each KPI of a file with its records, before it is switched on."""
    from crm_loop.kpi.own_kpis import checked
    from crm_loop.kpi.previewing import preview as run

    day, says, text = day_of(house, call, None, as_of), call.says(house), read_text(file)
    with house.begin(call.organisation) as state:
        own = checked(state, file.name, text)
        currency = state.connections.organisation().currency
    rows = run(
        house.begin, call.organisation, text, name=file.name, as_of=day, language=says.language
    )
    names = who.people(house, call.organisation)
    reader = Reader(language=says.language, currency=currency, profile="full", word=says.word)

    def show(console: Console) -> None:
        for row in rows:
            kpi = own[row["kpi"]].kpi
            value = screens.told(Previewed(**{name: row[name] for name in _TOLD}), kpi, reader)
            facts = {"rep": names.get(row["rep"], row["rep"]), "value": value, "n": row["n"]}
            console.print(says("previewed", kpi=kpi.names[says.language], **facts), highlight=False)
            show_records(console, row["records"], kpi, reader)

    return Answer(data={"values": rows}, show=show, as_of=day)


@app.command()
@command("kpi enable")
def enable(house: App, call: Call, file: FileArgument) -> Answer:
    """Switch the KPIs of a file on; the same name again replaces them."""
    from crm_loop.kpi.own_kpis import checked

    text = read_text(file)
    with house.begin(call.organisation) as state:
        found = list(checked(state, file.name, text))
        state.frozen.define(file.name, text, enabled=True)
    sentence = call.says(house)("kpis_on", names=", ".join(found))
    return Answer(data={"kpis": found}, show=lambda console: console.print(sentence))


@app.command()
@command("kpi disable")
def disable(
    house: App, call: Call, file: Annotated[str, typer.Argument(help="Its name, as kpi.toml.")]
) -> Answer:
    """Switch the KPIs of a file off; what was measured of them stays."""
    from crm_loop.kpi.own_kpis import switch_off

    with house.begin(call.organisation) as state:
        switch_off(state, file)
    sentence = call.says(house)("kpis_off", file=file)
    return Answer(data={"file": file}, show=lambda console: console.print(sentence))


#: What is told of a previewed figure.
_TOLD = ("value", "denominator", "n")


@dataclass(frozen=True, slots=True)
class Previewed:
    """A figure of a KPI that is not switched on yet, of how many cases."""

    value: float | None
    denominator: float | None
    n: int


def _definitions(console: Console, rows: Sequence[Mapping[str, Any]], says: Says) -> None:
    """Each KPI whole, the id as it is typed first: a table of so much text would cut all of it."""
    for row in rows:
        words = {name: says.word("kpi", row[name]) for name in ("unit", "direction", "class")}
        line = says("kpi_is", id=row["id"], name=row["name"], kind=words.pop("class"), **words)
        console.print(line, highlight=False, markup=False)
        console.print(f"  {row['definition']}", highlight=False, markup=False)
