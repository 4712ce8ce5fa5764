"""How somebody is named in texts: what stands for a person there, found and taken out.

Ito's address is part of Saito's: an address or a name in Latin letters counts only where it is
not the end or the middle of a longer one.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Text, or_, type_coerce

#: What stands where a name stood.
BLANK = "―"

_LETTER = "A-Za-z0-9À-ɏ"
#: A text may be JSON or an address of a page: what ends there is no letter of a longer name.
_ESCAPE = r"(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-F]{2})"
_BEGINS = rf"(?:(?<![{_LETTER}])|{_ESCAPE})"
#: Of an address also a letter and a sign may stand before: j.ito@ is not ito@.
_JOINED = rf"(?<![{_LETTER}][._%+'-])|(?<=\\[bfnrt][._%+'-])"
_ENDS = rf"(?![{_LETTER}])"
_ESCAPED_END = re.compile(r"\\u[0-9a-f]{4}$")
_SPACE = r"(?:\s|\\u3000)+"
_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+'-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
#: Short ids of contacts are numbers, which texts hold for many reasons.
_LONG_ID = 15


def needles(email: str, names: Iterable[str | None], families: Iterable[str]) -> list[str]:
    """What stands for somebody in texts, the longest first, also as JSON writes it."""
    whole = {name.strip() for name in names if name and len(name.strip()) > 1}
    found = {email, *whole, *("".join(name.split()) for name in whole)}
    found |= {f"{name}さん" for name in families} | {f"{name}-san" for name in families}
    quoted = (json.dumps(one, ensure_ascii=only)[1:-1] for one in found for only in (True, False))
    return sorted({*found, *quoted}, key=lambda one: (-len(one), one))


def ids_in_texts(ids: Iterable[tuple[str, str]]) -> list[str]:
    """Ids of contacts that can stand for nothing else in a text."""
    return sorted(id_ for _, id_ in ids if len(id_) >= _LONG_ID and not id_.isdigit())


def may_name(column: Column[Any], names: Iterable[str], dialect: str) -> ColumnElement[bool]:
    """Whether a text may hold one of the names; `without` looks more closely."""
    said = type_coerce(column, Text())
    # SQLite takes small letters for capital ones in any case.
    alike = said.ilike if dialect == "postgresql" else said.like
    likely = {f"%{'%'.join(_escaped(part) for part in name.split())}%" for name in names}
    return or_(*(alike(one, escape="/") for one in sorted(likely)))


def without(said: Any, names: Sequence[str]) -> Any:
    """A text, or texts by name, without these names; what names nobody comes back as it was."""
    if isinstance(said, Mapping):
        return {name: without(text, names) for name, text in said.items()}
    return said if said is None else _pattern(tuple(names)).sub(BLANK, said)


def without_addresses(said: Any, is_gone: Callable[[str], bool]) -> Any:
    """A text, or texts by name, without the addresses of whom that is said."""
    if isinstance(said, Mapping):
        return {name: without_addresses(text, is_gone) for name, text in said.items()}
    if said is None or "@" not in said:
        return said
    return _ADDRESS.sub(lambda one: BLANK if is_gone(one[0].lower()) else one[0], said)


def _escaped(part: str) -> str:
    return re.sub(r"([/%_])", r"/\1", part)


@lru_cache(maxsize=8)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_one(name) for name in names))


def _one(name: str) -> str:
    said = _SPACE.join(re.escape(part) for part in name.split())
    if "@" in name or " " in name or name.endswith("-san"):
        # A single word in small letters may be any word.
        said = f"(?i:{said})"
    if re.match(f"[{_LETTER}]", name):
        said = f"{_BEGINS}{said}"
        said = f"(?:{_JOINED}){said}" if "@" in name else said
    if re.search(f"[{_LETTER}]$", name) and not _ESCAPED_END.search(name):
        said = f"{said}{_ENDS}"
    return said
