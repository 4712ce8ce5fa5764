"""Rows as CSV in the form of the Bulk APIs: every cell quoted, times ending in Z."""

import csv
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from crm_loop_sandbox.salesforce.org import Row
from crm_loop_sandbox.salesforce.soql.paths import Path

DELIMITERS = {"COMMA": ",", "TAB": "\t", "PIPE": "|", "SEMICOLON": ";", "CARET": "^",
              "BACKQUOTE": "`"}  # fmt: skip
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
#: The platform's limit of a field is larger than Python's.
csv.field_size_limit(10_000_000)


class Lines(list[str]):
    """A file for the csv module that keeps one text a row, whatever stands inside the cells."""

    write = list.append


def lines_of(
    rows: Iterable[Row], paths: Sequence[Path], delimiter: str = ",", ending: str = "\n"
) -> Lines:
    """One text a row."""
    found = Lines()
    writer = csv.writer(
        found,
        delimiter=delimiter,
        lineterminator=ending,
        quoting=csv.QUOTE_ALL,
    )
    reads = [_cell(path) for path in paths]
    writer.writerows([read(row) for read in reads] for row in rows)
    return found


def line(cells: Iterable[str], delimiter: str = ",", ending: str = "\n") -> str:
    """One row of texts."""
    found = Lines()
    writer = csv.writer(
        found,
        delimiter=delimiter,
        lineterminator=ending,
        quoting=csv.QUOTE_ALL,
    )
    writer.writerow(cells)
    return found[0]


def _cell(path: Path) -> Callable[[Row], Any]:
    """Null is an empty cell by itself; truth and times have another form here."""
    read = path.read
    kind = None if path.field is None else path.field.type
    if kind == "bool":
        return lambda row: {True: "true", False: "false"}.get(read(row), "")
    if kind == "datetime":

        def moment(row: Row) -> str:
            text = read(row)
            return "" if text is None else text[:23] + "Z"

        return moment
    return read
