"""What stands in a text without being ours: names and words that people typed; pure."""

from collections.abc import Callable, Iterable, Sequence

from crm_loop.loop_records import Action, Suggestion
from crm_loop.one_on_one.last import without_whom
from crm_loop.wording.linter import blocked

#: Less than this of a cut text could be anything.
LEAST = 4
_CUT = "…"


def kept_in_tone(text: str, language: str, quoted: Callable[[], Iterable[str]]) -> str:
    """The text without lines of ours that break the tone; what people typed stays theirs.

    `quoted` is asked for only where something is found: the names and typed texts that may
    stand in it, whole or cut short.
    """
    if not blocked(text, language):
        return text
    # The longest first: a name within a step goes with it.
    theirs = sorted({one for one in quoted() if one}, key=len, reverse=True)
    return "\n".join(
        line
        for line in text.splitlines()
        if not blocked(line, language) or not blocked(without(line, theirs), language)
    )


def typed_in(steps: Iterable[Action], ideas: Iterable[Suggestion]) -> list[str]:
    """Words that people typed of these steps, and the ideas, which name customers."""
    found = [text for one in ideas for text in (one.text, one.said) if text]
    for step in steps:
        found += [*step.wordings, without_whom(step.text), *step.said.split("\n")]
    return found


def without(line: str, theirs: Sequence[str]) -> str:
    """What is left of a line when every quoted text is taken out, whole or cut short."""
    for text in theirs:
        line = line.replace(text, " ")
    for text in theirs:
        line = _without_cut(line, text)
    return line


def _without_cut(line: str, text: str) -> str:
    """Take out the beginnings of the text that end in an ellipsis."""
    parts = line.split(_CUT)
    for place, part in enumerate(parts[:-1]):
        size = _cut_at_end(part, text)
        if size:
            parts[place] = part[:-size]
    return _CUT.join(parts)


def _cut_at_end(part: str, text: str) -> int:
    """How many characters of the text, from its first on, stand at the end of a part."""
    sizes = range(min(len(part), len(text)), LEAST - 1, -1)
    return next((size for size in sizes if part.endswith(text[:size])), 0)
