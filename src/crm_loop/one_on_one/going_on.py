"""Whether a rep wants to go on like this: asked after four 1on1s, then every six; pure."""

from collections.abc import Sequence

from crm_loop.loop_records import GoOn
from crm_loop.one_on_one.lines import bare, same
from crm_loop.wording import Words

FIRST_ASKED_AFTER = 4
ASKED_EVERY = 6


def is_asked(talks_before: int) -> bool:
    """Whether this memo asks, by how many 1on1s were prepared before."""
    since = talks_before - FIRST_ASKED_AFTER
    return since >= 0 and since % ASKED_EVERY == 0


def said(after: Sequence[str], typed: str, label: str, words: Words) -> GoOn | None:
    """The one answer that was typed behind the label, or the only one left standing in it."""
    lines = [line for line in after if bare(line).startswith(label)]
    for text in (typed, *lines):
        named = [one for one in GoOn if same(words.say(f"go_on.{one.value}")) in same(text)]
        if len(named) == 1:
            return named[0]
    return None
