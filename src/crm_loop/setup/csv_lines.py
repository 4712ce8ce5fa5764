"""Lists that people bring as CSV, line by line, with the place of whatever is wrong; pure."""

import csv
import io
from collections.abc import Collection, Iterator, Sequence

from crm_loop.errors import WrongUsage

Line = tuple[int, dict[str, str]]


class Wrong(Exception):
    """What is wrong in which line and column, before anybody says in which file."""

    def __init__(self, line: int, column: str, what: str) -> None:
        super().__init__(line, column, what)
        self.line, self.column, self.what = line, column, what

    def said(self, file: str, *, code: str) -> WrongUsage:
        where = f", column {self.column}" if self.column else ""
        return WrongUsage(
            f"{file}, line {self.line}{where}: {self.what}.",
            code=code,
            kept="Nothing was imported.",
            do="Correct the line and import the file again.",
        )


def wrong(line: int, column: str, what: str) -> Wrong:
    return Wrong(line, column, what)


def lines(text: str, columns: Collection[str], needed: Collection[str]) -> Iterator[Line]:
    """Each line's number in the file, from 1, and its cells by column; empty lines are left out.

    Wrong where a column is missing, unknown or there twice, and where a line cannot be read.
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    names: Sequence[str] | None = None
    begins = 1
    try:
        for cells in reader:
            # A text in quotes may go over several lines: what counts is where the line begins.
            number, begins = begins, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = _named(number, cells, columns, needed)
            else:
                yield number, _by_column(number, cells, names)
    except csv.Error as error:
        raise wrong(begins, "", f"the line is no CSV ({error})") from None
    if names is None:
        _named(1, [], columns, needed)


def _named(
    number: int, cells: Sequence[str], columns: Collection[str], needed: Collection[str]
) -> Sequence[str]:
    names = [cell.strip() for cell in cells]
    missing = sorted(set(needed) - set(names))
    if missing:
        raise wrong(number, "", f"the column {missing[0]!r} is missing")
    given = [name for name in names if name]
    unknown = sorted(set(given) - set(columns))
    if unknown:
        raise wrong(number, "", f"unknown column {unknown[0]!r}")
    double = sorted(name for name in set(given) if given.count(name) > 1)
    if double:
        raise wrong(number, double[0], "the column is there twice")
    return names


def _by_column(number: int, cells: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    if any(cell.strip() for cell in cells[len(names) :]):
        raise wrong(number, "", "the line has more cells than there are columns")
    padded = [*cells, *[""] * len(names)]
    return {name: cell for name, cell in zip(names, padded, strict=False) if name}
