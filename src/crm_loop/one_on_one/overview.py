"""The manager's list of one week's 1on1s, as a task in the manager's own list; pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from crm_loop.calendars import week_of
from crm_loop.loop_records import Meeting, Suggestion
from crm_loop.one_on_one.memo import SHARED, step_of
from crm_loop.wording import Words

#: A manager is shown so many ideas a rep.
MOST = 3

_STEP = re.compile(r"^\[(?P<mark>.*?)\]\s*(?P<text>.+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One manager's week. `links` lead to memos that stand in the CRM, by rep."""

    meetings: Sequence[Meeting]
    names: Mapping[str, str]
    suggestions: Mapping[str, Sequence[Suggestion]]
    words: Words
    time_zone: str
    links: Mapping[str, str] = field(default_factory=dict)


def subject_of(week: Week) -> str:
    """It says the first day where it is written before the week begins."""
    first = min(week.meetings, key=lambda one: one.starts_at)
    zone = ZoneInfo(week.time_zone)
    count = str(len(week.meetings))
    if week_of(first.publish_at.astimezone(zone).date()) == first.week:
        return week.words.say("overview.subject", count=count)
    return week.words.say("overview.subject_from", day=first_day(week), count=count)


def first_day(week: Week) -> date:
    zone = ZoneInfo(week.time_zone)
    return min(one.starts_at for one in week.meetings).astimezone(zone).date()


def text_of(week: Week) -> str:
    """A line a rep, then the ideas for a next step, then where the memo is."""
    offered = [one for several in week.suggestions.values() for one in several]
    lines = []
    if any(one.state not in SHARED for one in offered):
        lines.append(week.words.say("overview.offer"))
    elif offered:
        lines.append(week.words.say("overview.shared"))
    for meeting in sorted(week.meetings, key=lambda one: (one.starts_at, one.rep)):
        lines += _of_rep(week, meeting)
    return "\n".join(lines)


def _of_rep(week: Week, meeting: Meeting) -> list[str]:
    lines = [_head(week, meeting)]
    steps = week.suggestions.get(meeting.rep, ())[:MOST]
    lines += [f" {step_of(one, week.words, 'overview.step')}" for one in steps]
    if meeting.rep in week.links:
        lines.append(f" {week.words.say('overview.link', url=week.links[meeting.rep])}")
    return lines


def _head(week: Week, meeting: Meeting) -> str:
    start = meeting.starts_at.astimezone(ZoneInfo(week.time_zone))
    name = week.names[meeting.rep]
    return week.words.say("overview.line", day=start.date(), start=start.time(), name=name)


def marked(week: Week, body: str) -> list[Suggestion]:
    """Suggestions whose line in the list bears a mark now and is not let through yet."""
    heads = {_same(_head(week, meeting)): meeting.rep for meeting in week.meetings}
    rep, found = "", []
    for line in body.splitlines():
        rep = heads.get(_same(line), rep)
        step = _STEP.match(unicodedata.normalize("NFKC", line).strip())
        if step and step["mark"].strip():
            found += [
                one
                for one in week.suggestions.get(rep, ())
                if one.state not in SHARED and _same(one.text) == _same(step["text"])
            ]
    return found


def _same(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
