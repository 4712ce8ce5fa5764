"""When a pair's memos rest: silence goes on for weeks, and nobody is told it failed; pure."""

from collections.abc import Iterable, Mapping, Sequence

from crm_loop.loop_records import Agenda, AgendaState, PairRest, Talk

#: After so many 1on1s in a row without any trace the memos rest by themselves.
REST_AFTER = 4
#: After so many the manager, and nobody else, is shown it.
TELL_AFTER = 2


def missed_talks(agendas: Sequence[Agenda | Talk], rest: PairRest | None) -> int:
    """How many 1on1s of a pair in a row did not take place as far as anybody knows.

    Called off or without a trace are one here: it is time to look for another day.
    """
    since = rest.resumed if rest else None
    missed = 0
    for one in agendas:
        if (since is not None and one.week < since) or one.state is AgendaState.HELD:
            break
        missed += one.state in (AgendaState.NOT_RECORDED, AgendaState.SKIPPED)
    return missed


def silent_talks(agendas: Sequence[Agenda | Talk], rest: PairRest | None) -> int:
    """How many 1on1s of a pair had no trace up to now; `agendas` are its own, latest first.

    Those before a rest that is over do not count again. One that is still to come, or that may
    still leave a trace, is passed over.
    """
    since = rest.resumed if rest else None
    silent = 0
    for one in agendas:
        if since is not None and one.week < since:
            break
        if one.state is AgendaState.NOT_RECORDED:
            silent += 1
        elif one.state is AgendaState.HELD:
            break
    return silent


def to_rest(
    agendas: Mapping[str, Sequence[Agenda | Talk]], rests: Iterable[PairRest], *, week: str
) -> list[PairRest]:
    """Pairs whose memos rest from now on; `agendas` are by rep, latest first."""
    known = {(one.rep, one.manager): one for one in rests}
    found = []
    for rep, several in sorted(agendas.items()):
        manager = several[0].manager
        rest = known.get((rep, manager))
        if rest is not None and rest.resumed is None:
            continue
        own = [one for one in several if one.manager == manager]
        if silent_talks(own, rest) >= REST_AFTER:
            found.append(PairRest(rep=rep, manager=manager, since=week))
    return found
