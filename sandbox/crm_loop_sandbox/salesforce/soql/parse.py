"""Reads SOQL text into a tree of plain data."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import LarkError, UnexpectedInput

from crm_loop_sandbox.salesforce.errors import malformed_query
from crm_loop_sandbox.salesforce.soql.grammar import GRAMMAR

#: The longest text that is taken, and the longest literal in it.
LONGEST, LONGEST_LITERAL = 100_000, 4_000


@dataclass(frozen=True, slots=True)
class Function:
    """`name(of)`; `of` is a path or another function."""

    name: str
    of: Any
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """COUNT() has no `of`."""

    name: str
    of: Any
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class TypeOf:
    """Fields by the kind of what a reference leads to."""

    reference: str
    fields: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]
    otherwise: tuple[tuple[str, ...], ...] = ()


@dataclass(slots=True)
class Query:
    """`items`: paths (tuples), `Aggregate`, `Function`, `TypeOf`, `Query`, ("fields", which).

    `where` and `having` are nested tuples: ("any"|"all", …), ("not", x), ("compare", subject, op,
    value), ("like", subject, value), ("in"|"not_in"|"includes"|"excludes", subject, values).
    Values are tagged: ("text", "…"). `aliases` names columns that were given another name.
    """

    table: str
    items: list[Any]
    alias: str | None = None
    where: Any = None
    group: list[Any] = field(default_factory=list)
    having: Any = None
    order: list[tuple[Any, bool, bool]] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0
    all_rows: bool = False
    aliases: dict[tuple[str, ...], str] = field(default_factory=dict)
    text: str = ""


class _Tree(Transformer[Any, Any]):
    """Turns the parser's tree into `Query`."""

    def query(self, parts: list[Any]) -> Query:
        items, table, *rest = parts
        found = Query(str(table), [item for item, _ in items])
        found.aliases = {item: name for item, name in items if name and isinstance(item, tuple)}
        for name, value in filter(None, rest):
            setattr(found, name, value)
        return found

    def alias(self, parts: list[Token]) -> tuple[str, str]:
        return "alias", str(parts[-1])

    def items(self, parts: list[Any]) -> list[Any]:
        return [part if _is_column(part) else (part, None) for part in parts]

    def column(self, parts: list[Any]) -> Any:
        path, *name = parts
        return _Column((path, str(name[0]) if name else None))

    def path(self, parts: list[Token]) -> tuple[str, ...]:
        return tuple(str(part) for part in parts)

    def paths(self, parts: list[Any]) -> tuple[Any, ...]:
        return tuple(parts)

    def aggregate(self, parts: list[Any]) -> Aggregate:
        name, *rest = parts
        of = next((part for part in rest if not isinstance(part, Token)), None)
        return Aggregate(str(name).upper(), of, _alias(rest))

    def function(self, parts: list[Any]) -> Function:
        name, of, *rest = parts
        return Function(str(name).upper(), of, _alias(rest))

    def fields_fn(self, parts: list[Token]) -> Any:
        return "fields", str(parts[0]).upper()

    def subquery(self, parts: list[Any]) -> Any:
        return parts[0]

    def typeof(self, parts: list[Any]) -> TypeOf:
        reference, *rest = parts
        pairs = len(rest) // 2
        fields = tuple((str(rest[2 * n]), rest[2 * n + 1]) for n in range(pairs))
        return TypeOf(str(reference), fields, rest[-1] if len(rest) % 2 else ())

    def scope(self, _parts: list[Any]) -> Any:
        return None

    def with_(self, _parts: list[Any]) -> Any:
        return None

    def where(self, parts: list[Any]) -> Any:
        return "where", parts[0]

    def having(self, parts: list[Any]) -> Any:
        return "having", parts[0]

    def either(self, parts: list[Any]) -> Any:
        return ("any", *parts)

    def every(self, parts: list[Any]) -> Any:
        return ("all", *parts)

    def negated(self, parts: list[Any]) -> Any:
        return "not", parts[0]

    def compare(self, parts: list[Any]) -> Any:
        path, op, value = parts
        return "compare", path, "!=" if op == "<>" else str(op), value

    def like(self, parts: list[Any]) -> Any:
        return ("like", *parts)

    def within(self, parts: list[Any]) -> Any:
        return ("in", *parts)

    def without(self, parts: list[Any]) -> Any:
        return ("not_in", *parts)

    def includes(self, parts: list[Any]) -> Any:
        return ("includes", *parts)

    def excludes(self, parts: list[Any]) -> Any:
        return ("excludes", *parts)

    def values(self, parts: list[Any]) -> Any:
        return parts

    def semijoin(self, parts: list[Any]) -> Any:
        return parts[0]

    @v_args(inline=True)
    def text(self, token: Token) -> Any:
        return "text", _unescaped(str(token)[1:-1])

    @v_args(inline=True)
    def moment(self, token: Token) -> Any:
        return "moment", str(token)

    @v_args(inline=True)
    def day(self, token: Token) -> Any:
        return "day", str(token)

    @v_args(inline=True)
    def number(self, token: Token) -> Any:
        return "number", float(token)

    @v_args(inline=True)
    def money(self, token: Token) -> Any:
        return "number", float(token[3:])

    @v_args(inline=True)
    def literal(self, token: Token) -> Any:
        return "literal", str(token).upper()

    def null(self, _parts: list[Any]) -> Any:
        return "null", None

    def yes(self, _parts: list[Any]) -> Any:
        return "bool", True

    def no(self, _parts: list[Any]) -> Any:
        return "bool", False

    def group(self, parts: list[Any]) -> Any:
        return "group", parts

    def direction(self, parts: list[Token]) -> Any:
        return "desc" if str(parts[0]).upper() == "DESC" else "asc"

    def nulls(self, parts: list[Token]) -> Any:
        return "last" if str(parts[-1]).upper() == "LAST" else "first"

    def sort(self, parts: list[Any]) -> Any:
        what, *rest = parts
        return what, "desc" in rest, "last" in rest

    def order(self, parts: list[Any]) -> Any:
        return "order", parts

    def limit(self, parts: list[Token]) -> Any:
        return "limit", int(parts[0])

    def offset(self, parts: list[Token]) -> Any:
        return "offset", int(parts[0])

    def tail(self, parts: list[Any]) -> Any:
        return None if parts else ("all_rows", True)


class _Column(tuple[Any, ...]):
    """A path with the name it was given, told apart from a path."""

    __slots__ = ()


def _is_column(part: Any) -> bool:
    return isinstance(part, _Column)


def _alias(parts: list[Any]) -> str | None:
    return next((str(part) for part in parts if isinstance(part, Token)), None)


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def _unescaped(text: str) -> str:
    if len(text) > LONGEST_LITERAL:
        raise malformed_query(f"String literal too long: {LONGEST_LITERAL} characters at most")
    if "\\" not in text:
        return text
    # A backslash before % or _ stays: LIKE needs it.
    return re.sub(r"\\(.)", lambda m: m[0] if m[1] in "%_" else _ESCAPES.get(m[1], m[1]), text)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(GRAMMAR, start="query", parser="lalr", maybe_placeholders=False)


@lru_cache(maxsize=512)
def parse(text: str) -> Query:
    """Read a query; MALFORMED_QUERY says what is wrong with it."""
    if len(text) > LONGEST:
        message = f"SOQL statements can not be longer than {LONGEST} characters"
        raise malformed_query(message)
    try:
        found: Query = _Tree().transform(_parser().parse(text))
    except UnexpectedInput as error:
        raise malformed_query(_unexpected(text, error)) from None
    except LarkError as error:
        raise _cause(error) from None
    found.text = text
    return found


def _cause(error: LarkError) -> Exception:
    """What a step of the transformer refused comes wrapped."""
    original = getattr(error, "orig_exc", None)
    return original if isinstance(original, Exception) else malformed_query(str(error))


def _unexpected(text: str, error: UnexpectedInput) -> str:
    place = getattr(error, "pos_in_stream", None)
    rest = text[place:] if place is not None and place >= 0 else ""
    word = re.match(r"\s*(\w+|\S)", rest)
    return f"unexpected token: '{word[1] if word else '<EOF>'}'"
