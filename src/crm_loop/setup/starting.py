"""The start: staff are told from a day on, and nothing is written before."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from crm_loop.calendars import parse_day
from crm_loop.errors import WrongUsage
from crm_loop.store import State
from crm_loop.store.setting_up import SetupStep

LONGEST_CONTACT = 80


@dataclass(frozen=True, slots=True)
class Notice:
    """What staff are told: from which day, and whom to ask."""

    day: date
    contact: str


@dataclass(frozen=True, slots=True)
class By:
    """Who decides something while setting up, and when."""

    who: str
    at: datetime


def decided(state: State, name: str, value: Mapping[str, Any], by: By) -> None:
    """Write down that a step of the set-up is done, by whom, and what was decided."""
    state.setting_up.put(SetupStep(name=name, value=value, by=by.who, at=by.at))


def notice_of(state: State) -> Notice | None:
    """The notice that was decided on, if any."""
    step = state.setting_up.all().get("notice")
    if step is None:
        return None
    return Notice(date.fromisoformat(step.value["day"]), str(step.value["contact"]))


def read_notice(day: str, contact: str) -> Notice:
    """A notice as somebody typed it; WrongUsage where a part is missing."""
    contact = contact.strip()[:LONGEST_CONTACT]
    try:
        found = parse_day(day)
    except ValueError:
        found = None
    if found is None or not contact:
        raise WrongUsage(
            "A day and a person to ask are needed.",
            code="setup.notice",
            kept="Nothing was changed.",
            do="Fill in both.",
        )
    return Notice(found, contact)


def keep_notice(state: State, notice: Notice, by: By) -> None:
    value = {"day": notice.day.isoformat(), "contact": notice.contact}
    decided(state, "notice", value, by)


def switch_writing(state: State, *, on: bool, today: date, by: By) -> None:
    """Off at any time; on only after staff were told, else WrongUsage."""
    kept = notice_of(state)
    if on and (kept is None or kept.day > today):
        raise WrongUsage(
            "Staff have not been told yet.",
            code="setup.not_told",
            kept="Nothing is written.",
            do="Decide on the notice first; writing can be switched on from its day.",
        )
    own = state.connections.organisation()
    state.connections.put_organisation(replace(own, writing=on))
    decided(state, "writing", {"on": on}, by)
