"""What an owner says of a step that is not done: smaller, put down, another day, why; pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from crm_loop.actions.concrete import HORIZON_DAYS, MONTHS, due_of
from crm_loop.actions.effect_path import carried
from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import Action, ActionStatus, Why
from crm_loop.store.actions import FINAL

#: A step that is made smaller without a day is due in so many days: before the next 1on1.
AGAIN_DAYS = 6
#: So much of what somebody wrote is kept.
LONGEST = 200
#: So many answers to one step are remembered: a step is put down after three weeks.
ANSWERS = 8

#: Phrases in both languages; what denies one right behind it takes it back.
_DROP = (
    "下ろす", "下ろします", "おろす", "下ろしたい", "やめる", "やめます", "やめたい", "取り下げ",
    "見送る", "見送り", "中止", "let it go", "let this go", "drop", "put it down", "cancel",
)  # fmt: skip
_SMALLER = (
    "小さく", "減らす", "減らし", "半分", "smaller", "half", "fewer", "reduce", "cut down",
)  # fmt: skip
_WHY: Mapping[Why, Sequence[str]] = {
    Why.WRONG: (
        "必要なくな", "不要", "合わな", "意味がな", "方針が変", "状況が変", "優先順位", "優先度",
        "違うやり方", "別のやり方", "not needed", "no longer", "wrong", "changed", "not fit",
        "doesn't fit", "didn't fit", "priority", "pointless",
    ),
    Why.BLOCKED: (
        "待ち", "返事", "返信", "先方", "お客様の都合", "承認", "決裁", "不在", "つながら",
        "ひっかか", "止まって", "waiting", "blocked", "no answer", "no reply", "approval", "stuck",
        "on leave", "not reachable", "can't reach", "cannot reach",
    ),
    Why.NO_TIME: (
        "時間が", "時間を", "忙し", "手が回", "余裕がな", "後回し", "立て込", "no time", "busy",
        "ran out of time", "enough time", "swamped", "too much", "other work",
    ),
}  # fmt: skip
_DENIED = r"(?![^。、,.]{0,8}(?:ない|ません))"
_NEGATION = re.compile(r"\b(?:not|don't|do not|won't|never|no need to)\s+(?:\w+\s+){0,2}$")
_COUNT = re.compile(r"(\d+)\s*(?:[件回社名人通本]|\b(?!\s*(?:/|月|日|:)))")
DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{1,2}[/月]\d{1,2}日?"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{MONTHS})\b|\b(?:{MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?(?![\d:])"
)
_SIZES = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """`size` is how many it shall be from now on, where that was said."""

    drop: bool = False
    smaller: bool = False
    size: int | None = None
    why: Why | None = None


def understood(text: str) -> Understood:
    """What an answer says, in either language; a question back decides nothing."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'")
    why = next((one for one, words in _WHY.items() if any(w in plain for w in words)), None)
    if plain.rstrip().endswith("?"):
        return Understood(why=why or Why.OTHER)
    drop = any(_says(plain, phrase) for phrase in _DROP)
    smaller = not drop and any(_says(plain, phrase) for phrase in _SMALLER)
    size = _size(plain) if smaller else None
    return Understood(
        drop=drop,
        smaller=smaller,
        size=size,
        why=why or (None if drop or smaller else Why.OTHER),
    )


def agreed_to_drop(action: Action) -> bool:
    """Whether its owner said that it is to be put down; silence puts it down without a word."""
    return any(understood(line).drop for line in action.said.split("\n") if line)


def _says(plain: str, phrase: str) -> bool:
    found = re.search(re.escape(phrase) + _DENIED, plain)
    return found is not None and not _NEGATION.search(plain[: found.start()])


def _size(plain: str) -> int | None:
    bare = DATE.sub(" ", plain)
    found = _COUNT.search(bare)
    if found:
        return int(found.group(1))
    return next((n for word, n in _SIZES.items() if re.search(rf"\b{word}\b", bare)), None)


def answered(
    action: Action, text: str, *, at: datetime, today: date, calendar: BusinessCalendar
) -> Action:
    """The action as its owner wants it from now on; an answer that was heard changes nothing.

    Putting it down is agreed to by saying so. Smaller without a number is half of it. The to-do
    in the CRM stays as its owner has it.
    """
    text = " ".join(text.split())[:LONGEST]
    before = action.said.split("\n") if action.said else []
    if not text or text in before or action.status in FINAL:
        return action
    found = understood(text)
    said = "\n".join([*before, text][-ANSWERS:])
    heard = replace(action, said=said, why=found.why or action.why)
    if found.drop:
        return replace(heard, status=ActionStatus.DROPPED, settled_at=at)
    day = due_of(unicodedata.normalize("NFKC", text).lower(), today, calendar)
    near = day is not None and today <= day <= today + timedelta(days=HORIZON_DAYS)
    if found.smaller:
        heard = _smaller(heard, found.size)
        day = day if near else calendar.at_or_before(today + timedelta(days=AGAIN_DAYS))
        near = True
    if day is None or not near:
        return heard
    return replace(heard, due=day, status=ActionStatus.OPEN)


def _smaller(action: Action, size: int | None) -> Action:
    target = action.verify.target
    wanted = -(-target // 2) if size is None else size
    if not 0 < wanted < target:
        return action
    rule = replace(action.verify, target=wanted)
    return replace(
        action,
        verify=rule,
        path=carried(action.path, action.verify, rule),
        first_target=action.first_target or target,
    )
