"""What somebody typed in a CRM, looked at for its writer alone; nothing of it is kept.

Text that people type stays as it is. In a CRM there is no place that only one of the two can
read, so the one line about it stands where its writer has signed in.
"""

from collections.abc import Iterator, Mapping, Sequence

from crm_loop.loop_records import Action, Agenda, Member
from crm_loop.one_on_one.reading import Section, typed_lines
from crm_loop.store import State
from crm_loop.wording import words
from crm_loop.wording.minding import Mind, mind
from crm_loop.wording.names import called

#: Under these headings it is the rep who writes.
_REPS = frozenset({Section.WENT_WELL, Section.TOPIC, Section.RESPONSE, Section.FELT, Section.GO_ON})
#: Which of several things is said: the one that others should rather not read comes first.
_ORDER = (Mind.PRIVATE, Mind.COMPARED, Mind.TONE)


def advice(state: State, agenda: Agenda, me: str, members: Mapping[str, Member]) -> Mind | None:
    """What the reader `me` might want to think about of what the reader has typed, if anything."""
    texts = [
        *_in_memo(state, agenda, me, members),
        *_in_to_dos(state, agenda, me, members),
    ]
    names = colleagues(agenda, members)
    found = {mind(text, names) for text in texts}
    return next((one for one in _ORDER if one in found), None)


def colleagues(agenda: Agenda, members: Mapping[str, Member]) -> list[str]:
    """What everybody else is called."""
    others = [one for one in members.values() if one.person not in (agenda.rep, agenda.manager)]
    two = {
        called(members[one], language)
        for one in (agenda.rep, agenda.manager)
        if one in members
        for language in ("ja", "en")
    }
    names = {name for one in others for name in (one.name, called(one, "ja"), called(one, "en"))}
    return sorted(names - two)


def _in_memo(state: State, agenda: Agenda, me: str, members: Mapping[str, Member]) -> Iterator[str]:
    """Lines of the memo: the rep's own part, and the rest where the CRM names who wrote last."""
    write = state.writes.get(agenda.key)
    task = state.writes.seen([agenda.key]).get(agenda.key)
    if write is None or task is None or task.deleted:
        return
    wrote = agenda.text if write.written_body is None else write.written_body
    steps = [one.text for one in state.agendas.suggestions(agenda.week, agenda.rep)]
    last = _person(task.modified_by, agenda.connection, members)
    for section, text in typed_lines(wrote, task.body, words(agenda.language), steps):
        if me == (agenda.rep if section in _REPS else last):
            yield text


def _in_to_dos(
    state: State, agenda: Agenda, me: str, members: Mapping[str, Member]
) -> Iterator[str]:
    """Words that somebody gave a step's to-do, or to-dos that somebody made by hand."""
    steps = [
        one
        for one in state.actions.of_week(agenda.week)
        if agenda.rep in (one.who, one.asked_by) and (one.former or one.crm_id)
    ]
    writers = _writers(state, steps)
    for one in steps:
        if _person(writers.get(one.key), one.connection, members) == me:
            yield one.text


def _writers(state: State, steps: Sequence[Action]) -> dict[str, str | None]:
    """Users who gave each step its words, as far as their CRM tells."""
    seen = state.writes.seen([one.key for one in steps if one.crm_id is None])
    made = state.hand_tasks.named((one.connection, one.crm_id) for one in steps if one.crm_id)
    found: dict[str, str | None] = {key: task.modified_by for key, task in seen.items()}
    for one in steps:
        task = made.get((one.connection, one.crm_id or ""))
        # Other words than its first ones may be somebody else's.
        found |= {one.key: task.made_by} if task is not None and not one.former else {}
    return found


def _person(user: str | None, connection: str, members: Mapping[str, Member]) -> str | None:
    if user is None:
        return None
    found = (one.person for one in members.values() if one.accounts.get(connection) == user)
    return next(found, None)
