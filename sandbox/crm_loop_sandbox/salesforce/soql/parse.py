"""Reads SOQL text into a tree of plain data."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import LarkError

from crm_loop_sandbox.salesforce.errors import malformed_query

GRAMMAR = r"""
query: "SELECT"i items "FROM"i NAME alias? where? group? order? limit? offset? all_rows?
alias: "AS"i? NAME
items: item ("," item)*
?item: aggregate | subquery | fields_fn | path
aggregate: FUNC "(" path? ")" NAME?
fields_fn: "FIELDS"i "(" WHICH ")"
subquery: "(" query ")"
path: NAME ("." NAME)*
where: "WHERE"i cond
?cond: conj ("OR"i conj)* -> either
?conj: term ("AND"i term)* -> every
?term: "NOT"i term -> negated
     | "(" cond ")"
     | test
test: path OP value -> compare
    | path "LIKE"i value -> like
    | path "IN"i values -> within
    | path "NOT"i "IN"i values -> without
    | path "INCLUDES"i values -> within
    | path "EXCLUDES"i values -> without
values: "(" value ("," value)* ")" | "(" query ")" -> semijoin
?value: STRING -> text
      | DATETIME -> moment
      | DATE -> day
      | NUMBER -> number
      | "NULL"i -> null
      | "TRUE"i -> yes
      | "FALSE"i -> no
      | LITERAL -> literal
group: "GROUP"i "BY"i path ("," path)*
order: "ORDER"i "BY"i sort ("," sort)*
sort: (aggregate | path) direction? nulls?
direction: /ASC|DESC/i
nulls: "NULLS"i /FIRST|LAST/i
limit: "LIMIT"i NUMBER
offset: "OFFSET"i NUMBER
all_rows: "ALL"i "ROWS"i

WHICH.4: /(ALL|STANDARD|CUSTOM)(?=\s*\))/i
FUNC.3: /(COUNT_DISTINCT|COUNT|SUM|AVG|MIN|MAX)(?=\s*\()/i
OP: "!=" | "<>" | "<=" | ">=" | "=" | "<" | ">"
LITERAL.2: /(TODAY|YESTERDAY|TOMORROW|(THIS|LAST|NEXT)_(WEEK|MONTH|QUARTER|YEAR))\b/i
         | /((LAST|NEXT)_90_DAYS|(LAST|NEXT)_N_(DAYS|WEEKS|MONTHS):\d+)\b/i
DATETIME.3: /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})/
DATE.2: /\d{4}-\d{2}-\d{2}/
NUMBER: /-?\d+(\.\d+)?/
STRING: /'(\\.|[^'\\])*'/
NAME: /(?!(FROM|WHERE|GROUP|ORDER|LIMIT|OFFSET|AND|OR|NOT|IN|LIKE|ASC|DESC)\b)[a-z_][a-z0-9_]*/i
%import common.WS
%ignore WS
"""

#: The longest text that is taken.
LONGEST = 100_000


@dataclass(slots=True)
class Query:
    """`items`: paths (tuples), ("agg", function, path, alias), ("sub", Query), ("fields", which).

    `where` is a nested tuple: ("any"|"all", …), ("not", x), ("compare", path, op, value),
    ("like", path, value), ("in"|"not_in", path, values). Values are tagged: ("text", "…").
    """

    table: str
    items: list[Any]
    alias: str | None = None
    where: Any = None
    group: list[tuple[str, ...]] = field(default_factory=list)
    order: list[tuple[Any, bool, bool]] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0
    text: str = ""


class _Tree(Transformer[Any, Any]):
    """Turns the parser's tree into `Query`."""

    def query(self, parts: list[Any]) -> Query:
        items, table, *rest = parts
        found = Query(str(table), items)
        for name, value in filter(None, rest):
            setattr(found, name, value)
        return found

    def alias(self, parts: list[Token]) -> tuple[str, str]:
        return "alias", str(parts[-1])

    def items(self, parts: list[Any]) -> list[Any]:
        return parts

    def path(self, parts: list[Token]) -> tuple[str, ...]:
        return tuple(str(part) for part in parts)

    def aggregate(self, parts: list[Any]) -> Any:
        function, *rest = parts
        path = next((part for part in rest if isinstance(part, tuple)), None)
        alias = next((str(part) for part in rest if isinstance(part, Token)), None)
        return "agg", str(function).upper(), path, alias

    def fields_fn(self, parts: list[Token]) -> Any:
        return "fields", str(parts[0]).upper()

    def subquery(self, parts: list[Any]) -> Any:
        return "sub", parts[0]

    def where(self, parts: list[Any]) -> Any:
        return "where", parts[0]

    def either(self, parts: list[Any]) -> Any:
        return parts[0] if len(parts) == 1 else ("any", *parts)

    def every(self, parts: list[Any]) -> Any:
        return parts[0] if len(parts) == 1 else ("all", *parts)

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

    def all_rows(self, _parts: list[Any]) -> Any:
        return None


def _unescaped(text: str) -> str:
    for written, meant in (("\\'", "'"), ('\\"', '"'), ("\\n", "\n"), ("\\\\", "\\")):
        text = text.replace(written, meant)
    return text


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
    except LarkError as error:
        line = str(error).splitlines()[0]
        raise malformed_query(f"unexpected token: {line}") from None
    found.text = text
    return found
