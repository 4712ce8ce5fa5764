"""Cells of the lists that people open in a spreadsheet."""

import re

#: What a formula begins with, for spreadsheets in Japan full-width too.
_FORMULA = tuple("=+-@＝＋－＠")
#: A lone carriage return would begin a row of its own.
_BREAKS = re.compile(r"[\t\r\n\v\f\x85\u2028\u2029]+")


def cell(value: str) -> str:
    """The value as a text on one line that no spreadsheet runs."""
    line = _BREAKS.sub(" ", value).strip()
    return f"'{line}" if line.startswith(_FORMULA) else line


def value_of(cell_: str) -> str:
    """What stood there before `cell` made it harmless."""
    return cell_[1:] if cell_.startswith("'") and cell_[1:].startswith(_FORMULA) else cell_
