"""People who follow a plan through the weeks, and the product's own services beside them.

A sandbox is served whose truth says which links break and which steps are agreed; what the product
lists and what it makes of the steps is held against that, for one kind of account at a time.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from town import ACCOUNTS as KINDS
from town import ORGANISATION, Town, settle_in

from crm_loop.calendars import BusinessCalendar, monday_of
from crm_loop.loop_records import Action, ActionStatus, Verify

START, WEEKS, REPS, EACH, SEED = date(2026, 7, 6), 12, 36, 10, 7
HISTORY = 20
#: The kinds of account that it is done for: without a package, with it, free, and with the app.
ACCOUNTS = ("salesforce", "salesforce_package", "hubspot_free", "hubspot_app")
#: What the product may say of a step that was taken in this way: status, and whether ticked.
DONE = (ActionStatus.DONE, ActionStatus.DONE_LATE)
STATES = {
    "follows": (DONE, True),
    "ticks_only": (DONE, True),
    "does_only": (DONE, False),
    "edits": (DONE, True),
    "invents": (DONE, True),
    "deletes": ((ActionStatus.WITHDRAWN,), False),
    "no_figure": (DONE, True),
    "forgets": ((ActionStatus.DUE_GRACE, ActionStatus.MISSED, ActionStatus.DROPPED), False),
}
#: A step may be done, and entered, so many business days late at most.
LATE = 3
OVER = (ActionStatus.DUE_GRACE, ActionStatus.MISSED, ActionStatus.DROPPED)
HALF = (ActionStatus.DUE_GRACE, ActionStatus.PARTIAL, ActionStatus.DROPPED)


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
def served(account: str, each: int, reps: int, seed: int, history: int) -> Iterator[Server]:
    serve = KINDS[account]["serve"]
    options = {"reps": reps, "weeks": history, "faces": "both", "start": f"{START}T05:00:00+09:00",
               "rate-limits": "off", "links": each, "seed": seed, "port": 0, **serve}  # fmt: skip
    command = [sys.executable, "-m", "crm_loop_sandbox.cli", "serve"]
    command += [part for name, value in options.items() for part in (f"--{name}", str(value))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield Server(json.loads(child.stdout.readline())["url"])
        finally:
            child.terminate()


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
            fault = {"kind": "validation_rule", "face": town.crm, "times": 1000}
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


def wrong_steps(town: Town, truth: Mapping[str, Any], last: date) -> list[str]:
    """Agreed steps that we lack, that nobody agreed on, or that were done otherwise than we see.

    What was seen is held against the CRM's own journal: a next step on that deal, entered since
    it was agreed.
    """
    with town.app.begin(ORGANISATION) as state:
        actions = [one for one in state.actions.since("2026-W01")
                   if one.asked_by is None and monday_of(one.week) < last]  # fmt: skip
    planned = {one["rep"] for one in truth["agreed"]}
    agreed = Counter((one["rep"], one["week"]) for one in truth["agreed"]
                     if monday_of(one["week"]) < last)  # fmt: skip
    ours = Counter((one.who, one.week) for one in actions if one.who in planned)
    found = [f"lacking: {rep} {week_}" for rep, week_ in sorted(agreed - ours)]
    found += [f"nobody's: {rep} {week_}" for rep, week_ in sorted(ours - agreed)]
    steps = {(one["rep"], one["week"]): one["what"] for one in truth["steps"]}
    tried = {(one["rep"], one["week"]): one for one in truth["tried"]}
    dated, calendar = dated_steps(town), BusinessCalendar("JP")
    gone = {one["key"]: datetime.fromisoformat(one["at"])
            for one in town.journal() if one["op"] == "delete" and one["key"]}  # fmt: skip
    for one in actions:
        if (one.who, one.week) in tried:
            found += unlike(one, tried[one.who, one.week], town, calendar)
            continue
        what = steps.get((one.who, one.week), "follows")
        on_deal = dated.get(one.deal.id, []) if one.deal else []
        found += untrue(one, what, on_deal, gone.get(one.key), town)
    return found


def untrue(
    action: Action, what: str, on_deal: list[datetime], gone: datetime | None, town: Town
) -> list[str]:
    """Where a step stands otherwise than its owner took it, by what was entered `on_deal`."""
    statuses, ticked = STATES.get(what, STATES["follows"])
    until = BusinessCalendar("JP").add(action.due, LATE)
    shown = [at for at in on_deal if action.created_at <= at
             and at.astimezone(town.zone).date() <= until]  # fmt: skip
    if what == "deletes":
        # What was seen done on Friday morning stays done when its to-do is deleted later.
        looked = town.at(str(monday_of(action.week) + timedelta(days=4)), 9)
        shown = [at for at in shown if at <= looked] if gone and gone > looked else []
    seen = bool(shown) and action.verify.kind is Verify.NEXT_STEP
    if what == "deletes" and seen:
        statuses = DONE
    if action.status in statuses and (action.ticked, action.seen) == (ticked, seen):
        return []
    said = f"{what}: {action.who} {action.week} {action.status} {action.ticked} {action.seen}"
    return [f"{said} {action.text} {sorted(at.isoformat() for at in on_deal)}"]


def unlike(
    action: Action, tried: Mapping[str, Any], town: Town, calendar: BusinessCalendar
) -> list[str]:
    """Where a step that records show stands otherwise than its owner did it, by the moments."""
    due = date.fromisoformat(tried["due"])
    days = [datetime.fromisoformat(at).astimezone(town.zone).date() for at in tried["done"]]
    counted = [sum(day <= due for day in days),
               sum(due < day <= calendar.add(due, LATE) for day in days)]  # fmt: skip
    asked, ticked = tried["asked"], tried["ticked"] is not None
    seen = sum(counted) >= asked
    statuses: tuple[ActionStatus, ...] = HALF if sum(counted) * 2 >= asked else OVER
    if ticked or counted[0] >= asked:
        statuses = (ActionStatus.DONE,)
    elif seen:
        statuses = (ActionStatus.DONE_LATE,)
    wanted = (ticked, seen, *counted)
    ours = (action.ticked, action.seen, action.on_time, action.late)
    if action.status in statuses and ours == wanted and action.due == due:
        return []
    said = f"{tried['what']}: {action.who} {action.week} {action.status} {action.verify.kind}"
    said += f" due {action.due} {due} (ticked, seen, in time, late) {ours}, in truth {wanted}"
    return [f"{said}: {action.text}"]


def dated_steps(town: Town) -> dict[str, list[datetime]]:
    """When people entered something that lies ahead, by deal; their own steps are no proof."""
    found: dict[str, list[datetime]] = {}
    ahead: dict[str, datetime] = {}
    for entry in town.journal():
        fields, at = entry["fields"], datetime.fromisoformat(entry["at"])
        if entry["actor"] != "people" or entry["face"] != town.crm:
            continue
        if entry["op"] == "create" and _lies_ahead(town, fields, at):
            ahead[entry["id"]] = at
            if fields.get("WhatId"):
                found.setdefault(str(fields["WhatId"]), []).append(at)
        if entry["op"] == "associate" and fields["to"] == "deals" and entry["id"] in ahead:
            found.setdefault(str(fields["to_id"]), []).append(ahead[entry["id"]])
    return found


def _lies_ahead(town: Town, fields: Mapping[str, Any], at: datetime) -> bool:
    """Whether it is for a later day; a to-do that is marked for the 1on1 is the step itself."""
    subject = str(fields.get("Subject") or fields.get("hs_task_subject") or "")
    moment = fields.get("hs_meeting_start_time") or fields.get("hs_timestamp")
    if moment:
        day = datetime.fromisoformat(moment).astimezone(town.zone).date().isoformat()
    else:
        day = str(fields.get("StartDateTime") or fields.get("ActivityDate") or "")[:10]
    return day > at.astimezone(town.zone).date().isoformat() and not subject.startswith("[1on1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was to be named, what was named, and which steps differ, of one account."""

    account: str
    wanted: Counter[tuple[str, str, str]]
    listed: Counter[tuple[str, str, str]]
    differ: list[str]
    tried: Counter[str]

    @property
    def same(self) -> bool:
        return self.wanted == self.listed and not self.differ


def lived(account: str, size: Mapping[str, int], say: Callable[[str], object] = bool) -> Found:
    """One account through the weeks; `say` is told of each that is over."""
    began, weeks = time.monotonic(), size["weeks"]
    served_as = (account, size["each"], size["reps"], size["seed"], size["history"])
    with served(*served_as) as server, tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        town = settle_in(server, folder, account)
        truth = server.get("/__truth")
        refused = {(one["rep"], one["week"]) for one in truth["refused_memos"]}
        for number in range(weeks):
            week(town, START + timedelta(weeks=number), refused)
            say(f"{account}, week {number + 1}: {time.monotonic() - began:.0f} s")
        last = START + timedelta(weeks=weeks)
        live(town, str(last + timedelta(days=2)), 6)
        town.turn(town.at(str(last + timedelta(days=2)), 6), ("pull", "check", "listen", "settle"))
        # The plan breaks nothing in its last week; of another one the end is not known yet.
        known = last if weeks == WEEKS else last - timedelta(weeks=1)
        wanted = Counter((o["kind"], o["rep"], o["week"]) for o in truth["broken_links"]
                         if monday_of(o["week"]) < known)  # fmt: skip
        truth = server.get("/__truth")
        differ = wrong_steps(town, truth, known)
        names = [name for name in truth["weeks"] if monday_of(name) < known]
        tried = Counter(o["what"] for o in truth["tried"] if monday_of(o["week"]) < known)
        found = Found(account=account, wanted=wanted, listed=listed(folder, names), differ=differ,
                      tried=tried)  # fmt: skip
        town.app.close()
    return found
