"""KPIs of one's own: written, checked, tried and switched on, as `crm-loop kpi` does."""

from collections import defaultdict
from dataclasses import dataclass

from starlette.responses import Response

from crm_loop.access.roles import SMALLEST_GROUP
from crm_loop.console.figure_view import Writing
from crm_loop.console.visit import Missing, Visit
from crm_loop.errors import CrmLoopError
from crm_loop.kpi.custom import CLASSES, EDGES, MEASURES, CustomKpi
from crm_loop.kpi.custom_fields import OBJECTS, OPERATORS, OWNERS
from crm_loop.kpi.own_kpis import checked, switch_off, switched_on
from crm_loop.kpi.previewing import preview

#: What is proposed to write first; any name does.
NAME = "kpi.toml"
LONGEST, LONGEST_NAME = 20_000, 60
#: One that can be tried as it stands; docs/kpi.md has the same.
EXAMPLE = """[[kpi]]
id = "big_deals"
name.ja = "大きな案件"
name.en = "Big deals"
object = "deal"
measure = "count"
date_field = "created_on"
owner_field = "person"
filters = [{field = "amount", op = ">", value = 5000000}]
direction = "up"
class = "process"
parent = "won_count"
"""
#: What may stand behind the words of the example.
CHOICES = {
    "object": tuple(OBJECTS),
    "measure": MEASURES,
    "owner_field": OWNERS,
    "op": OPERATORS,
    "direction": ("up", "down"),
    "class": CLASSES,
    "edge": EDGES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What one KPI comes to: how many people it can be measured for, from how many records.

    `mean` is that of five people or more, whose values an admin may not see one by one.
    """

    name: str
    definition: str
    people: int
    records: int
    mean: str


def show(visit: Visit) -> Response:
    """The files that are switched on; one of them to be changed, where it is named."""
    return _page(visit, name=visit.query.get("name", "") or NAME)


def change(visit: Visit) -> Response:
    """Try what was written, or switch it on or off."""
    wish, name = visit.form.get("do"), visit.form.get("name")[:LONGEST_NAME] or NAME
    text = (visit.form.get("file") or visit.form.get("text"))[:LONGEST]
    try:
        if wish == "off":
            return _off(visit, name)
        if wish == "try":
            return _page(visit, name=name, text=text, tried=_tried(visit, name, text))
        if wish == "on":
            return _on(visit, name, text)
    except CrmLoopError as error:
        return _page(visit, status=422, name=name, text=text, wrong=visit.sentence(error))
    raise Missing


def _tried(visit: Visit, name: str, text: str) -> list[Tried]:
    with visit.look() as state:
        own = checked(state, name, text)
    rows = preview(visit.app.begin, visit.organisation, text, name=name, as_of=visit.yesterday)
    values, records = defaultdict[str, list[float]](list), defaultdict[str, int](int)
    for row in rows:
        records[row["kpi"]] += len(row["record_ids"])
        if row["value"] is not None:
            values[row["kpi"]].append(row["value"])
    return [_line(visit, own[id_], values[id_], records[id_]) for id_ in own]


def _line(visit: Visit, own: CustomKpi, values: list[float], records: int) -> Tried:
    language, writing = visit.words.language, Writing(visit.words, visit.own.currency)
    enough = len(values) >= SMALLEST_GROUP
    mean = writing.number(own.kpi, sum(values) / len(values)) if enough else ""
    return Tried(
        name=own.kpi.names[language],
        definition=own.kpi.definitions[language],
        people=len(values),
        records=records,
        mean=mean,
    )


def _on(visit: Visit, name: str, text: str) -> Response:
    with visit.change() as state:
        checked(state, name, text)
        state.frozen.define(name, text, enabled=True)
        visit.note(state, "kpi.switched_on", name)
    return visit.go("own_kpis", said="saved")


def _off(visit: Visit, name: str) -> Response:
    with visit.change() as state:
        switch_off(state, name)
        visit.note(state, "kpi.switched_off", name)
    return visit.go("own_kpis", said="saved")


def _page(visit: Visit, *, name: str, status: int = 200, **facts: object) -> Response:
    with visit.look() as state:
        files = state.frozen.definitions()
        found, broken = switched_on(state)
    shown = {"wrong": None, "tried": None, "text": files.get(name, ""), **facts}
    names = [one.kpi.names[visit.words.language] for one in found.values()]
    return visit.page(
        "own_kpis.html",
        status=status,
        name=name,
        files=list(files),
        names=names,
        broken=broken,
        longest=LONGEST,
        example=EXAMPLE,
        choices=CHOICES,
        fields={object_: sorted(names) for object_, names in OBJECTS.items()},
        **shown,
    )
