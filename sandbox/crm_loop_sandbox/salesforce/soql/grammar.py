"""The grammar of SOQL, as far as connectors, taps and the official command line use it."""

_UNITS = "DAY|WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR"
_RESERVED = (
    "FROM WHERE WITH USING GROUP HAVING ORDER LIMIT OFFSET AND OR NOT IN LIKE ASC DESC NULLS THEN "
    "WHEN ELSE END ALL FOR"
)
_FUNCTIONS = (
    "CALENDAR_MONTH CALENDAR_QUARTER CALENDAR_YEAR FISCAL_MONTH FISCAL_QUARTER FISCAL_YEAR "
    "DAY_IN_MONTH DAY_IN_WEEK DAY_IN_YEAR DAY_ONLY HOUR_IN_DAY WEEK_IN_MONTH WEEK_IN_YEAR "
    "convertTimezone convertCurrency toLabel FORMAT GROUPING"
)

_TEXT = r"""
query: "SELECT"i items "FROM"i NAME alias? scope? where? with_? _rest
_rest: group? having? order? limit? offset? tail*
alias: "AS"i? NAME
scope: "USING"i "SCOPE"i NAME
items: item ("," item)*
?item: aggregate | subquery | fields_fn | typeof | function | column
column: path NAME?
aggregate: FUNC "(" (path | function)? ")" NAME?
function: DATE_FUNC "(" (path | function) ")" NAME?
fields_fn: "FIELDS"i "(" WHICH ")"
subquery: "(" query ")"
typeof: "TYPEOF"i NAME ("WHEN"i NAME "THEN"i paths)+ ("ELSE"i paths)? "END"i
paths: path ("," path)*
path: NAME ("." NAME)*
where: "WHERE"i cond
with_: "WITH"i /SECURITY_ENFORCED|USER_MODE|SYSTEM_MODE/i
having: "HAVING"i cond
?cond: term
     | term ("AND"i term)+ -> every
     | term ("OR"i term)+ -> either
?term: "NOT"i term -> negated
     | "(" cond ")"
     | test
?subject: path | aggregate | function
test: subject OP value -> compare
    | subject "LIKE"i value -> like
    | subject "IN"i values -> within
    | subject "NOT"i "IN"i values -> without
    | subject "INCLUDES"i values -> includes
    | subject "EXCLUDES"i values -> excludes
values: "(" value ("," value)* ")" | "(" query ")" -> semijoin
?value: STRING -> text
      | DATETIME -> moment
      | DATE -> day
      | NUMBER -> number
      | MONEY -> money
      | "NULL"i -> null
      | "TRUE"i -> yes
      | "FALSE"i -> no
      | LITERAL -> literal
group: "GROUP"i "BY"i (path | function) ("," (path | function))*
order: "ORDER"i "BY"i sort ("," sort)*
sort: subject direction? nulls?
direction: /ASC|DESC/i
nulls: "NULLS"i /FIRST|LAST/i
limit: "LIMIT"i NUMBER
offset: "OFFSET"i NUMBER
tail: "ALL"i "ROWS"i | "FOR"i /VIEW|REFERENCE|UPDATE/i

WHICH.4: /(ALL|STANDARD|CUSTOM)(?=\s*\))/i
FUNC.3: /(COUNT_DISTINCT|COUNT|SUM|AVG|MIN|MAX)(?=\s*\()/i
DATE_FUNC.3: /($FUNCTIONS)(?=\s*\()/i
OP: "!=" | "<>" | "<=" | ">=" | "=" | "<" | ">"
LITERAL.2: /(TODAY|YESTERDAY|TOMORROW|(LAST|NEXT)_90_DAYS|(THIS|LAST|NEXT)_($UNITS))\b(?!:)/i
         | /((LAST|NEXT)_N_($UNITS)S|N_($UNITS)S_AGO):\d+\b/i
DATETIME.3: /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})/
DATE.2: /\d{4}-\d{2}-\d{2}/
MONEY.2: /[A-Z]{3}\d+(\.\d+)?\b/
NUMBER: /[-+]?\d+(\.\d+)?([eE][-+]?\d+)?/
STRING: /'(\\.|[^'\\])*'/
NAME: /(?!($RESERVED)\b)[a-z_][a-z0-9_]*/i
%import common.WS
%ignore WS
"""

GRAMMAR = (
    _TEXT.replace("$UNITS", _UNITS)
    .replace("$RESERVED", _RESERVED.replace(" ", "|"))
    .replace("$FUNCTIONS", _FUNCTIONS.replace(" ", "|"))
)
