"""Read a memo back: what people wrote into it, and which suggested steps still stand; pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from crm_loop.loop_records import Felt, GoOn
from crm_loop.one_on_one import going_on
from crm_loop.one_on_one.lines import BULLETS, bare, begun, behind, lines_of, same
from crm_loop.wording import LANGUAGES, Words
from crm_loop.wording import words as words_of

_NOTHING = frozenset(
    {"", "-", "ー", "特になし", "とくになし", "なし", "無し", "none", "nothing", "n/a"}
)
#: Around a suggestion: agreed to as it stands, or turned down.
_YES = re.compile(r"^[\s○◯✓✔✅☑.。!]*(?:ok|済|やる|yes)?[\s○◯✓✔✅☑.。!]*$", re.IGNORECASE)
_NO = re.compile(r"^(?:[×✕✖✗x]\s)|[×✕✖✗]|不要$|見送り$|^no\b", re.IGNORECASE)


class Section(StrEnum):
    """Where in a memo a line stands."""

    WENT_WELL = "went_well"
    TOPIC = "topic"
    RESPONSE = "response"
    FELT = "felt"
    GO_ON = "go_on"
    AGREED = "agreed"
    LAST = "last"
    THEME = "theme"
    SUPPORT = "support"
    NEXT = "next"
    OTHER = "other"


_FIELDS = (
    Section.WENT_WELL,
    Section.TOPIC,
    Section.RESPONSE,
    Section.FELT,
    Section.GO_ON,
    Section.AGREED,
)
#: In these a rep may write that the 1on1 does not take place, and there too that a figure is
#: wrong; what is put down beside an earlier step is that step.
_AWAY = (*_FIELDS, Section.THEME, Section.OTHER)
_OWN = (*_AWAY, Section.LAST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What people made of a memo. `standing` are positions in the suggestions asked about.

    `asked` is what stands below the question about help, each a thing for the manager.
    `wanted` is listen, think_together or advice, else empty. `edited`: any change by a person.
    `felt` is what the rep says to the theme's figures, with a reason; `flagged` are lines that
    say a figure is wrong; `away`: it does not take place.
    """

    edited: bool
    typed_steps: Sequence[str] = ()
    asked: Sequence[str] = ()
    topic: str = ""
    went_well: str = ""
    wanted: str = ""
    standing: frozenset[int] = frozenset()
    next_time: bool = False
    felt: Felt | None = None
    felt_reason: str = ""
    go_on: GoOn | None = None
    flagged: Sequence[str] = ()
    away: bool = False


@dataclass(frozen=True, slots=True)
class _Typed:
    section: Section
    text: str


def read(wrote: str, now: str, words: Words, steps: Sequence[str] = ()) -> Reading:
    """Compare the memo we wrote with what it is now; `steps` are the suggestions' texts in it."""
    before, after = lines_of(wrote), lines_of(now)
    shown = [same(BULLETS.sub("", words.say("memo.step", text=step))) for step in steps]
    typed = list(_typed(before, after, words, shown))
    by_section = {
        section: [one.text for one in typed if one.section is section] for section in Section
    }
    flagged = [one.text for one in typed if one.section in _OWN and _says(one.text, "wrong")]
    away = [one.text for one in typed if one.section in _AWAY and is_away(one.text)]
    spent = {*flagged, *away}
    steps_typed = [
        text
        for text in (*by_section[Section.AGREED], *by_section[Section.NEXT])
        if text not in spent
    ]
    own = [text for text in by_section[Section.TOPIC] if text not in spent]
    topic = " ".join(text for text in own if not _says(text, "next_time"))
    later = (*by_section[Section.TOPIC], *by_section[Section.THEME])
    felt, reason = _felt(after, " ".join(by_section[Section.FELT]), words)
    return Reading(
        edited=[same(line) for line in before] != [same(line) for line in after],
        typed_steps=_steps(steps_typed),
        asked=_steps(by_section[Section.SUPPORT]),
        topic=topic,
        went_well=" ".join(by_section[Section.WENT_WELL]),
        wanted=_wanted(after, by_section[Section.RESPONSE], words),
        standing=_standing(shown, after),
        next_time=any(_says(text, "next_time") for text in later),
        felt=felt,
        felt_reason=reason,
        go_on=going_on.said(
            after, " ".join(by_section[Section.GO_ON]), _label(Section.GO_ON, words), words
        ),
        flagged=tuple(flagged),
        away=bool(away),
    )


def typed_lines(
    wrote: str, now: str, words: Words, steps: Sequence[str] = ()
) -> list[tuple[Section, str]]:
    """What people have written into a memo, line by line, with where it stands."""
    shown = [same(BULLETS.sub("", words.say("memo.step", text=step))) for step in steps]
    return [(one.section, one.text) for one in _typed(lines_of(wrote), lines_of(now), words, shown)]


def _says(text: str, mark: str) -> bool:
    """Whether a typed line bears one of the phrases of a mark, in either language."""
    return any(phrase in same(text) for phrase in _phrases(mark))


def is_away(text: str) -> bool:
    """A line that says nothing but that: a day off elsewhere may be anybody's."""
    return same(text).strip("。.") in _phrases("away")


@cache
def _phrases(mark: str) -> Sequence[str]:
    return tuple(same(one) for name in LANGUAGES for one in words_of(name).phrases(mark))


def _felt(after: Sequence[str], typed: str, words: Words) -> tuple[Felt | None, str]:
    """The one answer that was typed or left standing, and what else was typed."""
    label = _label(Section.FELT, words)
    lines = [line for line in after if bare(line).startswith(label)]
    for text in (typed, *lines):
        named = _named_felt(same(text), words)
        if len(named) == 1:
            said = words.say(f"felt.{named[0].value}")
            return named[0], typed.replace(said, "").strip(" 　、。,.:：（）()")
    return None, typed


def _named_felt(text: str, words: Words) -> list[Felt]:
    """Longest phrases first: one answer is the end of another one."""
    phrases = {one: same(words.say(f"felt.{one.value}")) for one in Felt}
    found = []
    for one in sorted(Felt, key=lambda one: -len(phrases[one])):
        if phrases[one] in text:
            found.append(one)
            text = text.replace(phrases[one], "")
    return found


def _typed(
    before: Sequence[str], after: Sequence[str], words: Words, shown: Sequence[str]
) -> Iterator[_Typed]:
    """What is in the memo now and was not written by us, by section."""
    sections = _sections(before, words)
    labels = {section: _label(section, words) for section in _FIELDS}
    here = Section.OTHER
    for line in after:
        plain = same(line)
        field = next((s for s, label in labels.items() if bare(line).startswith(label)), None)
        if field is not None:
            here = field
            yield from _rest(here, _filled_in(line.lstrip("▼> "), labels[field]))
        elif plain in sections:
            here = sections[plain]
        elif any(_stands(one, line) for one in shown) or _declined(line, shown):
            here = Section.NEXT
        else:
            ours = begun(plain, sections)
            here = sections[ours] if ours else here
            yield from _rest(here, behind(line, len(ours)) if ours else line)


def _sections(before: Sequence[str], words: Words) -> dict[str, Section]:
    """The lines we wrote, each with what text typed below it belongs to."""
    last = same(words.say("blocks.last_actions"))
    theme = same(words.say("blocks.theme"))
    support = same(words.say("blocks.obstacles_support"))
    next_ = same(words.say("blocks.next_actions"))
    found: dict[str, Section] = {}
    here = Section.OTHER
    for line in before:
        plain = same(line)
        if re.match(r"\d\.", plain):
            name = plain[2:]
            here = Section.OTHER
            here = Section.LAST if name.startswith(last) else here
            here = Section.THEME if name.startswith(theme) else here
            here = Section.SUPPORT if name.startswith(support) else here
            here = Section.NEXT if name.startswith(next_) else here
        field = next((s for s in _FIELDS if bare(line).startswith(_label(s, words))), None)
        if field is Section.AGREED:
            # What stands below it is the end of the memo.
            here = Section.OTHER
        found[plain] = field or here
    return found


def _label(section: Section, words: Words) -> str:
    """A field's label up to where people might change it."""
    return re.split(r"[(:]", bare(words.say(f"memo.{section.value}")))[0]


def _filled_in(line: str, label: str) -> str:
    """What stands behind a field's label, its bracketed hint and its colon."""
    rest = re.sub(r"^\s*[（(][^）)]*[）)]", "", behind(line, len(label)))
    return re.sub(r"^\s*[：:]", "", rest)


def _rest(section: Section, text: str) -> Iterator[_Typed]:
    if text.strip():
        yield _Typed(section, text.strip())


def _stands(shown: str, line: str) -> bool:
    """The suggestion is there as it was, at most with a sign of assent around it."""
    before, found, after = same(BULLETS.sub("", line)).partition(shown)
    return bool(found) and _YES.match(before) is not None and _YES.match(after) is not None


def _standing(shown: Sequence[str], after: Sequence[str]) -> frozenset[int]:
    """Which suggestions have a line left; two that read alike need two lines."""
    left = list(after)
    found = set()
    for place, one in enumerate(shown):
        line = next((line for line in left if _stands(one, line)), None)
        if line is not None:
            left.remove(line)
            found.add(place)
    return frozenset(found)


def _declined(line: str, shown: Sequence[str]) -> bool:
    plain = same(line)
    return any(one in plain for one in shown) and _NO.search(line) is not None


def _steps(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(_step, texts))))


def _step(text: str) -> str:
    """A typed step as it goes into a to-do; empty where somebody wrote that there is none."""
    bare = BULLETS.sub("", text.strip())
    bare = re.sub(r"^(?:候補|idea)\s*[：:]\s*", "", bare, flags=re.IGNORECASE).strip()
    return "" if same(bare).strip("。.") in _NOTHING else bare


def _wanted(after: Sequence[str], typed: Sequence[str], words: Words) -> str:
    """What was typed behind the colon, else the only option left in the label."""
    options = {
        name: same(words.say(f"responses.{name}"))
        for name in ("listen", "think_together", "advice")
    }
    label = _label(Section.RESPONSE, words)
    lines = [line for line in after if bare(line).startswith(label)]
    for text in ("".join(typed), *lines):
        named = [name for name, option in options.items() if option in same(text)]
        if len(named) == 1:
            return named[0]
    return ""
