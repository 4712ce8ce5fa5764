"""What a step may bring on its way down to orders, in units and in money; pure.

Worked out once, when the step is suggested or agreed, from the rep's own shrunk rates, and kept
with it. Said only to somebody who asks for it, then, and again beside what became of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_loop.loop_records import Action, EffectPath, Suggestion, Verify, VerifyRule
from crm_loop.wording import Words
from crm_loop.wording.numbers import Money

#: What each step of the tree leads to, from the first to the order.
TREE = (
    ("call_meeting", "first_meetings"),
    ("meeting_opp", "opportunities"),
    ("opp_proposal", "proposals"),
    ("proposal_win", "wins"),
)
#: Where counted work enters the tree: steps before it, the first one after it, and its stage.
_FIRST, _MET, _CALLED = "first_meetings", "meetings", "calls"
_SENT = "proposals"
_DEALS = "deals"
_ENTRY = {_CALLED: 0, _MET: 1, _FIRST: 1, _DEALS: 2, _SENT: 3}
_STAGE = {_CALLED: "S1", _MET: "S1", _FIRST: "S1", _DEALS: "S2", _SENT: "S3"}

#: What moves deals that are there.
_ON_DEALS = frozenset({Verify.NEXT_STEP, Verify.STAGE, Verify.CLOSE_DATE, Verify.CONTACTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """One rep's own: `rates` by step of the tree, 0..1, `size` of an order in money.

    `shares` is how much of what is begun now still closes in the period, by stage.
    """

    rates: Mapping[str, float] = field(default_factory=dict)
    size: float = 0.0
    shares: Mapping[str, float | None] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Rates":
        return cls(**{name: facts[name] for name in ("rates", "size", "shares") if name in facts})


def level_of(rule: VerifyRule) -> str | None:
    """Where in the tree a step acts; None where nothing of it is counted."""
    if rule.kind is Verify.ACTIVITIES:
        met = _FIRST if rule.new_account else _MET
        return {"meeting": met, "call": _CALLED}.get(rule.activity or "")
    if rule.kind is Verify.PROPOSAL:
        return _SENT
    return _DEALS if rule.kind in _ON_DEALS else None


def count_of(rule: VerifyRule) -> int:
    """How many units a step is about; several people of one customer are one deal."""
    return min(rule.target, len(rule.deals)) if rule.deals else rule.target


def path_of(rule: VerifyRule, own: Rates, gain: float = 0.0) -> EffectPath | None:
    """The path of a step; None where no rate says what it leads to.

    `gain`: what was learned of such steps, as a share of what was to be expected. It counts for
    steps on deals that are there already; a call or a meeting brings what it usually does.
    """
    level = level_of(rule)
    n = count_of(rule)
    if level is None or n < 1 or own.size <= 0:
        return None
    way = list(TREE[_ENTRY[level] :])
    start = own.rates.get("meeting_first") if level == _MET else 1.0
    if start is None or any(own.rates.get(step, 0.0) <= 0 for step, _ in way):
        return None
    reached = n * start
    units = {_FIRST: reached} if level == _MET else {}
    for step, below in way:
        reached *= own.rates[step]
        units[below] = reached
    at_stake, share = reached * own.size, own.shares.get(_STAGE[level])
    part = max(0.0, gain) if level == _DEALS else 1.0
    money = part * at_stake
    return EffectPath(
        level=level,
        n=n,
        units={below: part * one for below, one in units.items()},
        at_stake=at_stake,
        money=money,
        in_period=None if share is None else share * money,
        gain=part if level == _DEALS else None,
    )


def carried(path: EffectPath | None, before: VerifyRule, after: VerifyRule) -> EffectPath | None:
    """The path of a step that was made smaller or larger; None where it is another step now."""
    if path is None or level_of(before) != level_of(after) or count_of(after) < 1:
        return None
    return path.resized(count_of(after))


def effect_line(path: EffectPath | None, words: Words, currency: str) -> str:
    """The path in one sentence, without fractions of deals; honest where nothing is known."""
    if path is None or not path.is_stated:
        return words.say("why.effect_unknown")
    return words.say(f"why.effect_{path.level}", n=path.n, money=Money(path.money, currency))


def effect_lines(step: Suggestion | Action, words: Words, currency: str) -> list[str]:
    """What a step may bring; of an agreed one also what has become of it so far."""
    lines = [effect_line(step.path, words, currency)]
    if not isinstance(step, Action) or step.path is None or not step.path.is_stated:
        return lines
    done = min(step.on_time + step.late, step.path.n)
    money = Money(step.path.money * done / step.path.n, currency)
    key = "why.effect_so_far" if done else "why.effect_none_yet"
    return [*lines, words.say(key, n=step.path.n, done=done, money=money)]


def worth(paths: Sequence[EffectPath | None]) -> list[float]:
    """What hangs on each step in money, for putting them in order.

    One of which nothing is known is like the least of the others.
    """
    known = [one.at_stake for one in paths if one is not None and one.at_stake > 0]
    least = min(known, default=1.0)
    return [one.at_stake if one is not None and one.at_stake > 0 else least for one in paths]
