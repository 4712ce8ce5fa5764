"""A drawn screen of a CRM, as data: what it says, in which order, and what to do there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

#: One text by language (`ja`, `en`).
Texts = Mapping[str, str]


class Kind(StrEnum):
    """How a part looks. MENU: an entry of a menu. CHOICE: a field with a list. TEXT: plain."""

    MENU = "menu"
    TAB = "tab"
    FIELD = "field"
    CHOICE = "choice"
    TICK = "tick"
    BUTTON = "button"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing on the screen: `label` is the CRM's own word, `value` what stands in it.

    `do` says what to do there; such a part carries the next number.
    """

    kind: Kind
    label: Texts
    value: Texts = field(default_factory=dict)
    do: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One screen. `place` is the way through the menus that leads to it."""

    name: str
    title: Texts
    place: Texts
    parts: Sequence[Part]


def same(text: str) -> Texts:
    """What is the same in every language, such as a name or a scope."""
    return {"ja": text, "en": text}
