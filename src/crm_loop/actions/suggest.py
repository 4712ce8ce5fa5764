"""What could be the next step for a theme: concrete, small, with a day; pure."""

from collections.abc import Mapping

from crm_loop.actions.idea import Agreed, Situation
from crm_loop.actions.ideas import maker_of
from crm_loop.loop_records import Suggestion, Verify

#: A rep is offered few steps at once, by profile; more is a list nobody reads.
MOST: Mapping[str, int] = {"starter": 1, "standard": 3, "full": 3}
#: Who has agreed to so many things that are still open is offered no more.
MAX_OPEN = 3


def suggest(situation: Situation) -> list[Suggestion]:
    """A step or two for the theme; none where the theme asks for talk rather than action.

    What was not taken rests, and nothing is offered twice to somebody who has agreed to it.
    """
    maker = maker_of(situation)
    made = maker(situation) if maker else []
    room = min(situation.most, max(0, MAX_OPEN - len(situation.agreed)))
    return [one for one in made if _is_new(one, situation)][:room]


def _is_new(one: Suggestion, situation: Situation) -> bool:
    """Nothing is new that rests, is about a deal of an open step, or counts the same things.

    Steps that only a tick shows count nothing: two of them are the same when they are about one
    figure.
    """
    if one.slot in situation.resting:
        return False
    offered = Agreed(verify=one.verify, kpi=one.kpi, deal=one.deal)
    if offered.deals:
        return not offered.deals & situation.busy
    return all(_counted(offered) != _counted(other) for other in situation.agreed)


def _counted(one: Agreed) -> tuple[object, ...]:
    rule = one.verify
    by_tick = rule.kind is Verify.CLOSED_TASK
    return rule.kind, rule.activity, rule.new_account, one.kpi if by_tick else None, bool(one.deals)
