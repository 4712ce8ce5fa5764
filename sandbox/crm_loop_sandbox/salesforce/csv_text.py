"""Rows as CSV in the form of the Bulk APIs: every cell quoted, times ending in Z."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
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
    writer.writerows(_cells(rows, paths))
    return found


def _cells(rows: Iterable[Row], paths: Sequence[Path]) -> Iterator[list[Any]]:
    """Null is an empty cell by itself; truth and times have another form here."""
    read = _reader(paths)
    kinds = [None if path.field is None else path.field.type for path in paths]
    switches = [place for place, kind in enumerate(kinds) if kind == "bool"]
    moments = [place for place, kind in enumerate(kinds) if kind == "datetime"]
    for row in rows:
        cells = list(read(row))
        for place in switches:
            cells[place] = _TRUTH[cells[place]]
        for place in moments:
            if cells[place] is not None:
                cells[place] = cells[place][:23] + "Z"
        yield cells


_TRUTH = {True: "true", False: "false", None: ""}


def _reader(paths: Sequence[Path]) -> Callable[[Row], Iterable[Any]]:
    """Plain fields are read all at once."""
    if len(paths) > 1 and not any(path.references for path in paths):
        return attrgetter(*(path.last for path in paths))
    return lambda row: [path.read(row) for path in paths]


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
