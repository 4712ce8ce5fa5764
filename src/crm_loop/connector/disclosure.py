"""What a connector asks for, reads, writes and never touches, for whoever has to approve it."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import entry_points
from typing import Any

#: Every connector names here a function that gives its disclosure.
GROUP = "crm_loop.disclosures"
LANGUAGES = ("ja", "en")

#: A sentence by language.
Said = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One permission, object or property, named as the CRM names it.

    `what` says why it is needed or what of it is read or written, `readers` who can open what
    is written. `levels` are those at which it holds; all of them where there is none.
    """

    name: str
    what: Said
    readers: Said = field(default_factory=dict)
    levels: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """All that a connector has to do with a CRM; `never` are objects that it does not write."""

    permissions: Sequence[Item]
    reads: Sequence[Item]
    writes: Sequence[Item]
    never: Sequence[str]
    stop: Said
    remove: Said
    remains: Said

    def at(self, level: int) -> "Disclosure":
        """What holds at one level of how much is installed."""

        def there(items: Sequence[Item]) -> list[Item]:
            return [one for one in items if not one.levels or level in one.levels]

        return replace(
            self,
            permissions=there(self.permissions),
            reads=there(self.reads),
            writes=there(self.writes),
        )


def from_toml(text: str) -> Disclosure:
    """The disclosure that a connector keeps as data; KeyError where a language is missing."""
    found = tomllib.loads(text)
    return Disclosure(
        permissions=list(map(_item, found["permissions"])),
        reads=list(map(_item, found["reads"])),
        writes=list(map(_item, found["writes"])),
        never=found["never"],
        stop=_said(found["stop"]),
        remove=_said(found["remove"]),
        remains=_said(found["remains"]),
    )


def disclosed(kind: str) -> Disclosure | None:
    """What the installed connector of a kind discloses; None where it is silent."""
    for entry in entry_points(group=GROUP):
        if entry.name == kind:
            give: Callable[[], Disclosure] = entry.load()
            return give()
    return None


def _item(one: Mapping[str, Any]) -> Item:
    readers = {name: one[f"readers_{name}"] for name in LANGUAGES if "readers_ja" in one}
    return Item(
        name=one["name"], what=_said(one), readers=readers, levels=tuple(one.get("levels", ()))
    )


def _said(one: Mapping[str, Any]) -> Said:
    return {name: str(one[name]) for name in LANGUAGES}
