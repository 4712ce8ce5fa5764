"""What people type into a memo for their 1on1; every other line stays as it is."""

from collections.abc import Callable, Sequence
from datetime import date

from crm_loop_sandbox.world.workdays import Workdays

MEMO = ("1on1メモ", "1on1 notes")
AGREED = ("▼決めたこと", "> Agreed")
TOPIC = ("話したいこと：", "I'd like to talk about:")
SUPPORT = ("困りごとと手伝えること", "Help (")
ASKED = {
    "ja": ("事例集の手配", "技術部への確認", "初回訪問への同行", "価格の社内相談"),
    "en": ("the case studies", "a word with engineering", "come along to the first visit"),
}
NEXT_STEP = ("次の一歩", "Next step")
TOPICS = {
    "ja": ("来月の進め方", "お見積りの出し方", "新しいお客様への近づき方"),
    "en": ("how to plan next month", "how to write a quote", "how to reach new customers"),
}
_WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August",
           "September", "October", "November", "December")  # fmt: skip
_FRIDAY = 4

#: Picks one of so many things.
Pick = Callable[[int], int]


def day_text(language: str, day: date) -> str:
    """A day as people write it."""
    weekday = _WEEKDAYS[language][day.weekday()]
    if language == "ja":
        return f"{day.month}/{day.day}（{weekday}）"
    return f"{weekday} {day.day} {_MONTHS[day.month - 1]}"


def step_line(language: str, customer: str, day: date) -> str:
    """One concrete step with a date, as people write it."""
    if language == "ja":
        return f"{day_text(language, day)}までに、{customer}の次回日程を決める"
    return f"Fix the next date with {customer} by {day_text(language, day)}"


def plain_line(language: str, day: date) -> str:
    """A step that is about no customer and no figure."""
    if language == "ja":
        return f"{day_text(language, day)}までに、提案書の型を見直す"
    return f"Go over the proposal template by {day_text(language, day)}"


def material_line(language: str, customer: str, day: date) -> str:
    """A step about a customer of which no record of a CRM tells."""
    if language == "ja":
        return f"{day_text(language, day)}までに、{customer}へ資料を送る"
    return f"Send {customer} the material by {day_text(language, day)}"


def last_workday(met: date, workdays: Workdays) -> date:
    """The last working day of that week, never before the 1on1 itself."""
    ahead = max(0, _FRIDAY - met.weekday())
    days = list(workdays.between(met, met.fromordinal(met.toordinal() + ahead)))
    return days[-1] if days else met


def with_step(lines: Sequence[str], step: str) -> list[str]:
    """The step on the line after the one that asks for what was agreed."""
    place = next((n for n, line in enumerate(lines) if line.startswith(AGREED)), None)
    if place is None or step in lines:
        return list(lines)
    return [*lines[: place + 1], step, *lines[place + 1 :]]


def with_topic(lines: Sequence[str], language: str, pick: Pick) -> list[str]:
    """A topic behind the words that ask for one, where nothing stands there yet."""
    topic = TOPICS[language][pick(len(TOPICS[language]))]
    blank = "" if language == "ja" else " "
    return [f"{line.rstrip()}{blank}{topic}" if line.strip() in TOPIC else line for line in lines]


def with_ask(lines: Sequence[str], language: str, pick: Pick) -> list[str]:
    """What somebody else could take on, below the question that asks for it."""
    place = next((n for n, line in enumerate(lines) if any(w in line for w in SUPPORT)), None)
    if place is None:
        return list(lines)
    asked = ASKED[language][pick(len(ASKED[language]))]
    return [*lines[: place + 2], f" {asked}", *lines[place + 2 :]]


def without_suggestion(lines: Sequence[str], pick: Pick) -> list[str]:
    """One of the suggested next steps deleted; questions stay."""
    places = _suggestions(lines)
    if not places:
        return list(lines)
    gone = places[pick(len(places))]
    return [line for place, line in enumerate(lines) if place != gone]


def _suggestions(lines: Sequence[str]) -> list[int]:
    """Bulleted lines between the heading of the next step and what was agreed."""
    first = next((n for n, line in enumerate(lines) if any(w in line for w in NEXT_STEP)), None)
    last = next((n for n, line in enumerate(lines) if line.startswith(AGREED)), None)
    if first is None or last is None:
        return []
    return [place for place in range(first + 1, last) if _is_suggestion(lines[place])]


def _is_suggestion(line: str) -> bool:
    return line.strip().startswith(("・", "-")) and not line.strip().endswith(("？", "?"))
