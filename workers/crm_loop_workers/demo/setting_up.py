"""Set an organisation up on the two sandbox CRMs, as an admin would in the console."""

from datetime import time
from typing import Any

from crm_loop.bootstrap import App
from crm_loop.kpi.catalogue import catalogue
from crm_loop.loop_records import SlotLine
from crm_loop.outbound import check_url
from crm_loop.setup import people_csv, targets_csv
from crm_loop.setup.connect import Wanted, connect
from crm_loop.store.connections import Organisation
from crm_loop_workers.demo.sandbox import Sandbox

ORGANISATION = "default"

#: The sandbox is a company of its own; what it aims at stands in every memo.
PURPOSE = "製造業のお客様に新しい足がかりをつくる"

TUESDAY = 1


def set_up(app: App, sandbox: Sandbox, *, profile: str, extra: dict[str, Any]) -> None:
    """Organisation, both connections, people, 1on1 slots, targets; writing is switched on."""
    truth = sandbox.get("/__truth")
    with app.begin(ORGANISATION) as state:
        state.connections.put_organisation(
            Organisation(
                name=ORGANISATION,
                time_zone=truth["time_zone"],
                language=truth["language"],
                currency=truth["currency"],
                country=truth["country"],
                fiscal_start=truth["fiscal_start"],
                profile=profile,
                purpose=PURPOSE if truth["language"] == "ja" else "",
                writing=True,
            )
        )
    access = sandbox.get("/__access")
    for wanted in (_salesforce(access["salesforce"], extra), _hubspot(access["hubspot"], extra)):
        # A demonstration talks to this machine, whatever it is told.
        check_url(wanted.url, (), allow_loopback=True)
        connect(app.door(ORGANISATION), wanted)
    _people(app, sandbox)


def _salesforce(access: dict[str, Any], extra: dict[str, Any]) -> Wanted:
    jwt = access["jwt"]
    return Wanted(
        name="salesforce",
        kind="salesforce",
        url=access["login_url"],
        settings=extra,
        credentials={
            "client_id": jwt["client_id"],
            "username": jwt["username"],
            "private_key": jwt["private_key"],
        },
    )


def _hubspot(access: dict[str, Any], extra: dict[str, Any]) -> Wanted:
    # The demonstration's portal keeps tasks to their owner and the people above.
    return Wanted(
        name="hubspot",
        kind="hubspot",
        url=access["base_url"],
        settings={"tasks_private": True, **extra},
        credentials={"access_token": access["access_token"]},
    )


def _people(app: App, sandbox: Sandbox) -> None:
    rows = people_csv.parse(sandbox.text("/__truth?file=people.csv"))
    managers = sorted({row["manager"] for row in rows if row["manager"]})
    lines = [SlotLine(manager=one, weekday=TUESDAY, first=time(10)) for one in managers]
    agreed = targets_csv.parse(
        sandbox.text("/__truth?file=targets.csv"), targets_csv.House(kpis=catalogue())
    )
    with app.begin(ORGANISATION) as state:
        state.people.import_rows(rows)
        state.people.set_slot_lines(lines)
        state.figures.put_targets(agreed)
