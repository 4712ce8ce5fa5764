"""How the minutes are divided, and how much of them the manager may talk; pure."""

from collections.abc import Sequence

from crm_loop.statistics.guarded import at_most, half_up

SHORT, LONG = 15, 30

_BOXES = {
    SHORT: (
        ("opening_win", 2),
        ("last_actions", 3),
        ("theme", 6),
        ("obstacles_support", 2),
        ("next_actions", 2),
    ),
    LONG: (
        ("opening_win", 3),
        ("last_actions", 5),
        ("theme", 9),
        ("theme2_growth", 6),
        ("obstacles_support", 4),
        ("next_actions", 3),
    ),
}

#: The manager talks a fifth of the time, and prepared sentences take at most a third of that.
MANAGER_SHARE = 0.2
SCRIPT_SHARE = 1 / 3

_PER_MINUTE = {"ja": 300, "en": 130}


def time_boxes(minutes: int) -> list[tuple[str, int]]:
    """Blocks with their minutes; another length scales the short plan, the rest is the theme's."""
    if minutes in _BOXES:
        return list(_BOXES[minutes])
    scaled = {code: half_up(box * minutes / SHORT) for code, box in _BOXES[SHORT]}
    scaled["theme"] += minutes - sum(scaled.values())
    return list(scaled.items())


def whole_minutes(boxes: Sequence[tuple[str, int]]) -> int:
    """What all blocks take together."""
    return sum(box for _, box in boxes)


def manager_budget(minutes: int) -> float:
    """Seconds that the manager may talk."""
    return minutes * 60 * MANAGER_SHARE


def script_budget(minutes: int) -> float:
    """Seconds that all prepared sentences together may take."""
    return manager_budget(minutes) * SCRIPT_SHARE


def fits(seconds: float, minutes: int) -> bool:
    """Whether prepared sentences leave the manager enough time for words of their own."""
    return at_most(seconds, script_budget(minutes))


def reading_seconds(prompts: Sequence[str], language: str) -> float:
    """Japanese is read by characters that are no blanks, English by words."""
    return text_size(prompts, language) * 60 / _PER_MINUTE[language]


def text_size(prompts: Sequence[str], language: str) -> int:
    """Characters that are no blanks in Japanese, words between blanks in English."""
    text = " ".join(prompts)
    return len("".join(text.split())) if language == "ja" else len(text.split())
