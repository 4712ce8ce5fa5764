"""Name the links that break in twelve weeks, ten of each kind, and nothing else.

`make links` serves a sandbox whose people follow a plan, turns the product's own services week by
week, and compares what `crm-loop cycle --json` lists with the sandbox's truth; likewise what
became of each agreed step. Ends with 5 where they differ.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from town import ORGANISATION, Town, settle_in

from crm_loop.calendars import BusinessCalendar, monday_of
from crm_loop.loop_records import ActionStatus, Verify

START, WEEKS, REPS, EACH, SEED = date(2026, 7, 6), 12, 36, 10, 7
HISTORY = 20
DIFFERENT = 5
OUT = Path("var/links/result.json")
#: What the product may say of a step that was taken in this way: status, and whether ticked.
DONE = (ActionStatus.DONE, ActionStatus.DONE_LATE)
STATES = {
    "follows": (DONE, True),
    "ticks_only": (DONE, True),
    "does_only": (DONE, False),
    "edits": (DONE, True),
    "deletes": ((ActionStatus.WITHDRAWN,), False),
    "no_figure": (DONE, True),
    "forgets": ((ActionStatus.DUE_GRACE, ActionStatus.MISSED, ActionStatus.DROPPED), False),
}
#: A step may be done, and entered, so many business days late at most.
LATE = 3


class Server:
    """The administration of a served sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str) -> Any:
        with urlopen(f"{self.url}{path}", timeout=300) as answer:
            return json.loads(answer.read())

    def post(self, path: str, value: Any) -> Any:
        body = json.dumps(value).encode()
        request = Request(f"{self.url}{path}", data=body, method="POST")
        with urlopen(request, timeout=300) as answer:
            return json.loads(answer.read())


@contextmanager
def served(each: int, reps: int, seed: int) -> Iterator[Server]:
    options = {"reps": reps, "weeks": HISTORY, "faces": "both", "start": f"{START}T05:00:00+09:00",
               "rate-limits": "off", "links": each, "seed": seed, "port": 0}  # fmt: skip
    command = [sys.executable, "-m", "crm_loop_sandbox.cli", "serve"]
    command += [part for name, value in options.items() for part in (f"--{name}", str(value))]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        yield Server(json.loads(child.stdout.readline())["url"])
    finally:
        child.terminate()
        child.wait(10)


def week(town: Town, monday: date, refused: set[tuple[str, str]]) -> None:
    """Figures and memos on Monday, talks on Tuesday, the rest by Friday."""
    days = [str(monday + timedelta(days=n)) for n in range(7)]
    live(town, days[0], 6)
    town.turn(town.at(days[0], 6), ("pull", "check"))
    publish(town, days[0], refused)
    live(town, days[1], 17)
    town.turn(town.at(days[1], 17), ("listen", "settle", "write"))
    live(town, days[4], 9)
    town.turn(town.at(days[4], 9), ("listen", "settle"))
    publish(town, days[4], refused)


def publish(town: Town, day: str, refused: set[tuple[str, str]]) -> None:
    """Write the memos, except those that the CRM is planned to refuse."""
    town.turn(town.at(day, 9), ("listen", "settle", "prepare"))
    for rep, week_ in sorted(refused):
        agenda = town.agenda(rep, week_)
        if agenda is not None:
            fault = {"kind": "validation_rule", "face": "salesforce", "times": 1000}
            town.server.post("/__faults", fault | {"holding": agenda.key})
            refused.discard((rep, week_))
    town.turn(town.at(day, 9), ("write",))


def live(town: Town, day: str, hour: int) -> None:
    town.server.post("/__turn", {"until": town.at(day, hour).isoformat()})


def listed(folder: Path, weeks: list[str]) -> Counter[tuple[str, str, str]]:
    """What the command line says is missing, by kind, rep and week."""
    environment = {
        **os.environ,
        "CRM_LOOP_DATABASE_URL": f"sqlite:///{folder / 'house.db'}",
        "CRM_LOOP_SECRET_KEY_FILE": str(folder / "house.key"),
        "CRM_LOOP_ALLOW_LOOPBACK_CRM": "1",
    }
    found: Counter[tuple[str, str, str]] = Counter()
    for name in weeks:
        command = [sys.executable, "-m", "crm_loop", "cycle", "--week", name, "--json"]
        said = subprocess.run(command, env=environment, cwd=folder, capture_output=True, check=True)
        for one in json.loads(said.stdout)["data"]["cycles"]:
            found.update((gap["code"], one["rep"], one["week"]) for gap in one["missing"])
    return found


def wrong_states(town: Town, steps: dict[tuple[str, str], str]) -> list[str]:
    """Agreed steps whose state is not what their owner did.

    What was seen is held against the CRM's own journal: a next step on that deal, entered since
    it was agreed.
    """
    dated, calendar = dated_steps(town), BusinessCalendar("JP")
    found = []
    with town.app.begin(ORGANISATION) as state:
        actions = [one for one in state.actions.since("2026-W01") if one.asked_by is None]
    for one in actions:
        what = steps.get((one.who, one.week), "follows")
        statuses, ticked = STATES.get(what, STATES["follows"])
        last = calendar.add(one.due, LATE)
        on_deal = dated.get(one.deal.id, []) if one.deal else []
        seen = any(
            one.created_at <= at and at.astimezone(town.zone).date() <= last for at in on_deal
        )
        seen = seen and one.verify.kind is Verify.NEXT_STEP and what != "deletes"
        if one.status not in statuses or (one.ticked, one.seen) != (ticked, seen):
            found.append(f"{what}: {one.who} {one.week} {one.status} {one.ticked} {one.seen}"
                         f" {one.text} {sorted(at.isoformat() for at in on_deal)}")  # fmt: skip
    return found


def dated_steps(town: Town) -> dict[str, list[datetime]]:
    """When people entered something that lies ahead, by deal."""
    found: dict[str, list[datetime]] = {}
    for entry in town.journal():
        fields, at = entry["fields"], datetime.fromisoformat(entry["at"])
        day = str(fields.get("StartDateTime") or fields.get("ActivityDate") or "")[:10]
        ahead = day > at.astimezone(town.zone).date().isoformat()
        if entry["actor"] == "people" and entry["op"] == "create" and ahead:
            found.setdefault(str(fields.get("WhatId")), []).append(at)
    return found


def main(each: int, reps: int, weeks: int, seed: int) -> int:
    began = time.monotonic()
    with served(each, reps, seed) as server, tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        town = settle_in(server, folder, "salesforce_package")
        truth = server.get("/__truth")
        refused = {(one["rep"], one["week"]) for one in truth["refused_memos"]}
        for number in range(weeks):
            week(town, START + timedelta(weeks=number), refused)
            print(f"week {number + 1}: {time.monotonic() - began:.0f} s", file=sys.stderr)
        last = START + timedelta(weeks=weeks)
        live(town, str(last + timedelta(days=2)), 6)
        town.turn(town.at(str(last + timedelta(days=2)), 6), ("pull", "check", "listen", "settle"))
        wanted = Counter((o["kind"], o["rep"], o["week"]) for o in truth["broken_links"]
                         if monday_of(o["week"]) < last)  # fmt: skip
        steps = {(one["rep"], one["week"]): one["what"] for one in truth["steps"]}
        differ = wrong_states(town, steps)
        found = listed(folder, truth["weeks"])
        town.app.close()
    return told(wanted, found, differ)


def told(
    wanted: Counter[tuple[str, str, str]], found: Counter[tuple[str, str, str]], differ: list[str]
) -> int:
    kinds = sorted({kind for kind, _, _ in (*wanted, *found)})
    print("| kind | in the truth | listed | not listed | only listed |\n|---|---|---|---|---|")
    for kind in kinds:
        ours, theirs = ({one for one in side if one[0] == kind} for side in (found, wanted))
        print(f"| {kind} | {len(theirs)} | {len(ours)} | {len(theirs - ours)} |"
              f" {len(ours - theirs)} |")  # fmt: skip
    for name, some in (("not listed", wanted - found), ("only listed", found - wanted)):
        for one in sorted(some)[:40]:
            print(f"{name}: {' '.join(one)}")
    for line in differ[:40]:
        print(f"state: {line}")
    same = wanted == found and not differ
    result = {
        "schema": 1,
        "planted": sum(wanted.values()),
        "named": sum((wanted & found).values()),
        "named_wrongly": sum((found - wanted).values()),
        "states_differ": len(differ),
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(f"links: {sum((wanted & found).values())} of {sum(wanted.values())} named,"
          f" {sum((found - wanted).values())} more; {len(differ)} states differ")  # fmt: skip
    return 0 if same else DIFFERENT


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--each", type=int, default=EACH)
    options.add_argument("--reps", type=int, default=REPS)
    options.add_argument("--weeks", type=int, default=WEEKS)
    options.add_argument("--seed", type=int, default=SEED)
    given = options.parse_args()
    sys.exit(main(given.each, given.reps, given.weeks, given.seed))
