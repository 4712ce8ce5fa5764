"""Send each manager's weekly list once, in working hours; to reps theirs where that is wanted."""

from collections.abc import Callable, Sequence
from datetime import datetime

from crm_loop.digest.letter import Letter, letter_of
from crm_loop.errors import CrmLoopError
from crm_loop.loop_records import Member, Overview
from crm_loop.store import Begin
from crm_loop.wording import words

#: May somebody be written to now? Business days and hours of that person.
AtWork = Callable[[Member, datetime], bool]
Send = Callable[[Letter], None]


def send_lists(
    begin: Begin,
    organisation: str,
    *,
    week: str,
    now: datetime,
    send: Send,
    at_work: AtWork,
    also: Sequence[Overview] = (),
    own: Sequence[Overview] = (),
) -> int:
    """Send the lists of a week that are due, and what there is `also`; how many went out.

    `own` are lists of reps. Who gets a manager's list that week gets no other.

    A letter is taken down before it is sent, and given back where it surely was not; the first
    trouble ends the run and is raised.
    """
    with begin(organisation) as state:
        members = {member.person: member for member in state.people.members()}
        lists = state.agendas.overviews(week)
    leading = {one.manager for one in lists}
    mine = [one for one in own if one.manager not in leading]
    due = [
        (one, where)
        for several, where in (((*lists, *also), "letter.where"), (mine, "letter.where_own"))
        for one in several
        if one.publish_at <= now and one.manager in members
    ]
    sent = 0
    for one, where in due:
        member = members[one.manager]
        if not at_work(member, now):
            continue
        with begin(organisation) as state:
            first = state.slots.fire(_name(one.key), one.publish_at, now=now)
        if not first:
            continue
        try:
            send(letter_of(one, words(member.language), where))
        except CrmLoopError:
            with begin(organisation) as state:
                state.slots.give_back(_name(one.key), one.publish_at)
            raise
        sent += 1
    return sent


def _name(key: str) -> str:
    return f"letter:{key}"
