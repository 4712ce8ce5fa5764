"""Many records of one kind as a table: a first reading is too long to make an object a row."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from enum import StrEnum
from functools import lru_cache
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, get_args, get_type_hints, overload
from weakref import finalize

from crm_loop.records import Record

if TYPE_CHECKING:
    import polars as pl


class Columns(Sequence[Record]):
    """Records that are made only where somebody looks at one.

    `frame` has a column a field: texts (enums too) as String, moments as
    `Datetime("us", "UTC")`, days as Date, amounts as Decimal with four places, ids as lists of
    String. A field without a column has its default.
    """

    def __init__(self, kind: type[Record], frame: "pl.DataFrame") -> None:
        self.kind = kind
        self._rows = frame.height
        self._frame = frame

    @property
    def frame(self) -> "pl.DataFrame":
        return self._frame

    def __len__(self) -> int:
        return self._rows

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> "Columns": ...
    def __getitem__(self, place: int | slice) -> "Record | Columns":
        if isinstance(place, slice):
            return Columns(self.kind, self.frame[place])
        return self._record(self.frame.row(place, named=True))

    def __iter__(self) -> Iterator[Record]:
        return map(self._record, self.frame.iter_rows(named=True))

    def _record(self, values: dict[str, Any]) -> Record:
        kind: Any = self.kind
        for name, make in _makers(kind):
            if values.get(name) is not None:
                values[name] = make(values[name])
            elif name in values and make is tuple:
                values[name] = ()
        return self.kind(**values)


class OnDisk(Columns):
    """The same in a file, from which they are read each time that somebody looks.

    What was read ahead waits here and not in memory. The file has no name and goes with this.
    """

    def __init__(self, columns: Columns) -> None:
        super().__init__(columns.kind, columns.frame[:0])
        self._rows = len(columns)
        self._file = TemporaryFile()  # noqa: SIM115 - it stays open as long as this is there
        finalize(self, self._file.close)
        columns.frame.write_ipc(self._file)

    @property
    def frame(self) -> "pl.DataFrame":
        import polars as pl  # noqa: PLC0415 - whoever made the columns has loaded it

        self._file.seek(0)
        return pl.read_ipc(self._file)


def ids_of(records: Sequence[Record]) -> list[str]:
    """Their ids, without making objects of a table's rows."""
    if isinstance(records, Columns):
        ids: list[str] = records.frame["id"].to_list()
        return ids
    return [one.id for one in records]


@lru_cache(maxsize=32)
def _makers(kind: Any) -> Sequence[tuple[str, Callable[[Any], Any]]]:
    """Fields whose values are no plain ones: enums, and ids as tuples."""
    hints = get_type_hints(kind)
    found: list[tuple[str, Callable[[Any], Any]]] = []
    for field in fields(kind):
        hint = hints[field.name]
        enums = [one for one in (hint, *get_args(hint)) if _is_enum(one)]
        if enums:
            found.append((field.name, enums[0]))
        elif field.default == ():
            found.append((field.name, tuple))
    return found


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, StrEnum)
