"""A rep's own week by mail, where somebody has switched it on; pure.

It goes out with the memo and tells of it, so that the two are one notice: at most one a rep and
week. It names the talk and what the rep has in hand, and holds no figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from crm_loop.loop_records import Action, KeyKind, Member, Overview, key_of
from crm_loop.store.agenda_rows import SessionRow
from crm_loop.wording import words
from crm_loop.wording.names import called

#: More steps in hand than this are a list nobody reads.
MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWeek:
    """One rep's 1on1 whose memo stands in the CRM, and the rep's steps that are still open."""

    organisation: str
    session: SessionRow
    rep: Member
    manager: Member
    steps: Sequence[Action]


def own_list_of(week: OwnWeek) -> Overview:
    """The list as a letter to the rep; due from when the memo stood in the CRM."""
    session, rep = week.session, week.rep
    start = session.starts_at.astimezone(ZoneInfo(rep.time_zone))
    said = words(rep.language)
    name = called(week.manager, said.language, beside=rep)
    day = {"day": start.date(), "start": start.time(), "name": name}
    lines = [said.say("own_list.talk", **day)]
    steps = sorted(week.steps, key=lambda one: (one.due, one.id))[:MOST]
    if steps:
        lines.append(said.say("own_list.steps"))
        lines += [said.say("own_list.step", text=one.text) for one in steps]
    return Overview(
        manager=rep.person,
        week=session.week,
        connection=session.connection,
        key=key_of(
            week.organisation, session.connection, KeyKind.AGENDA, rep.person, session.week, "own"
        ),
        subject=said.say("own_list.subject", day=start.date()),
        text="\n".join(lines),
        due=start.date(),
        publish_at=session.shared_at or session.starts_at,
    )
