"""The manager's list of one week's 1on1s, as a task in the manager's own list; pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from crm_loop.calendars import week_of
from crm_loop.loop_records import Meeting, Suggestion
from crm_loop.one_on_one.lines import BULLETS
from crm_loop.one_on_one.memo import SHARED, step_of
from crm_loop.one_on_one.reading import is_away
from crm_loop.one_on_one.resting import TELL_AFTER
from crm_loop.wording import Words

#: A manager is shown so many ideas a rep.
MOST = 3

#: In place of a mark: ideas for this rep go into the memo as they come from now on, or no more.
ALWAYS, NO_MORE = ("いつも", "毎回", "always"), ("やめる", "止める", "stop")

#: Between a name and what is written behind it.
_SEPARATOR = re.compile(r"^[:,、。.(\[→>-]+|[)\]]$")
_STEP = re.compile(r"^\[(?P<mark>.*?)\]\s*(?P<text>.+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One manager's week. `links` lead to memos that stand in the CRM, by rep.

    `silent` counts a rep's last 1on1s without any trace, `missed` with them those that were
    called off; `resting` are reps whose memos rest,
    `rested` the times that they would have. Where everybody can read a task (not `private`),
    neither says why. `look_back` is the line about a month that is over.
    """

    meetings: Sequence[Meeting]
    names: Mapping[str, str]
    suggestions: Mapping[str, Sequence[Suggestion]]
    words: Words
    time_zone: str
    links: Mapping[str, str] = field(default_factory=dict)
    silent: Mapping[str, int] = field(default_factory=dict)
    missed: Mapping[str, int] = field(default_factory=dict)
    resting: Sequence[str] = ()
    private: bool = True
    rested: Sequence[Meeting] = ()
    look_back: str = ""


def subject_of(week: Week) -> str:
    """It says the first day where it is written before the week begins."""
    if not week.meetings:
        return week.words.say("overview.subject_resting", count=str(len(week.resting)))
    first = min(week.meetings, key=lambda one: one.starts_at)
    zone = ZoneInfo(week.time_zone)
    count = str(len(week.meetings))
    if week_of(first.publish_at.astimezone(zone).date()) == first.week:
        return week.words.say("overview.subject", count=count)
    return week.words.say("overview.subject_from", day=first_day(week), count=count)


def first_day(week: Week) -> date:
    zone = ZoneInfo(week.time_zone)
    return min(one.starts_at for one in week.meetings or week.rested).astimezone(zone).date()


def text_of(week: Week) -> str:
    """A line a rep, then the ideas for a next step, then where the memo is."""
    offered = [one for several in week.suggestions.values() for one in several]
    lines = [week.look_back] if week.look_back and week.private else []
    if any(one.state not in SHARED for one in offered):
        lines.append(week.words.say("overview.offer"))
    elif offered:
        lines.append(week.words.say("overview.shared"))
    for meeting in sorted(week.meetings, key=lambda one: (one.starts_at, one.rep)):
        lines += _of_rep(week, meeting)
    lines += [week.words.say("overview.off")] if week.meetings else []
    for rep in sorted(week.resting):
        lines += [_at_rest(week, rep), f" {_resume(week.words, ' ')}"]
    return "\n".join(lines)


def _of_rep(week: Week, meeting: Meeting) -> list[str]:
    lines = [_head(week, meeting)]
    lines += [f" {line}" for line in _nudge(week, meeting.rep)]
    steps = week.suggestions.get(meeting.rep, ())[:MOST]
    lines += [f" {step_of(one, week.words, 'overview.step')}" for one in steps]
    if meeting.rep in week.links:
        lines.append(f" {week.words.say('overview.link', url=week.links[meeting.rep])}")
    return lines


def _nudge(week: Week, rep: str) -> list[str]:
    """After two without a 1on1, that it is time to look for a day; to everybody without why."""
    silent, missed = week.silent.get(rep, 0), week.missed.get(rep, 0)
    if max(silent, missed) < TELL_AFTER:
        return []
    if not week.private:
        return [week.words.say("overview.look_for_a_day")]
    if silent >= TELL_AFTER:
        return [week.words.say("overview.silent", n=silent)]
    return [week.words.say("overview.missed", n=missed)]


def _head(week: Week, meeting: Meeting) -> str:
    start = meeting.starts_at.astimezone(ZoneInfo(week.time_zone))
    name = week.names[meeting.rep]
    return week.words.say("overview.line", day=start.date(), start=start.time(), name=name)


def _at_rest(week: Week, rep: str) -> str:
    key = "overview.resting" if week.private else "overview.resting_open"
    return week.words.say(key, name=week.names[rep])


def _resume(words: Words, mark: str) -> str:
    return words.say("overview.step", mark=mark, text=words.say("overview.resume"))


def marked(week: Week, body: str) -> list[Suggestion]:
    """Suggestions whose line in the list bears a mark now and is not let through yet."""
    heads = {_same(_head(week, meeting)): meeting.rep for meeting in week.meetings}
    return [
        one
        for rep, mark, text in _marks(heads, body)
        for one in week.suggestions.get(rep, ())
        if one.state not in SHARED and _same(one.to_manager) == text and mark not in NO_MORE
    ]


def rules(week: Week, body: str) -> dict[str, bool]:
    """Reps whose ideas the manager lets into the memo as they come from now on, or no more."""
    heads = {_same(_head(week, meeting)): meeting.rep for meeting in week.meetings}
    return {
        rep: mark in ALWAYS
        for rep, mark, text in _marks(heads, body)
        if mark in (*ALWAYS, *NO_MORE)
        and any(_same(one.to_manager) == text for one in week.suggestions.get(rep, ()))
    }


def resumed(week: Week, body: str) -> list[str]:
    """Reps at rest whose memos the manager takes up again."""
    heads = {_same(_at_rest(week, rep)): rep for rep in week.resting}
    resume = _same(week.words.say("overview.resume"))
    return [rep for rep, _, text in _marks(heads, body) if rep and text == resume]


def called_off(week: Week, body: str) -> dict[str, bool]:
    """Of each rep whose line is there, whether the manager calls the 1on1 off.

    That is said behind the name, or alone below it.
    """
    heads = {_same(_head(week, meeting)): meeting.rep for meeting in week.meetings}
    found: dict[str, bool] = {}
    above = ""
    for line in body.splitlines():
        plain = _same(line)
        here = next((head for head in heads if plain.startswith(head)), "")
        if here:
            found[heads[here]] = is_away(_SEPARATOR.sub("", plain[len(here) :]))
        elif above and is_away(BULLETS.sub("", plain)):
            found[heads[above]] = True
        above = here
    return found


def _marks(heads: Mapping[str, str], body: str) -> Iterator[tuple[str, str, str]]:
    """Each line that bears a mark: below which rep's line it stands, the mark, what it says."""
    rep = ""
    for line in body.splitlines():
        rep = heads.get(_same(line), rep)
        step = _STEP.match(unicodedata.normalize("NFKC", line).strip())
        if step and step["mark"].strip():
            yield rep, step["mark"].strip().lower(), _same(step["text"])


def _same(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
