"""A page of a bulk job made into records as a whole, where that can be done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm_loop.connector.columns import Columns, OnDisk
from crm_loop_salesforce.downloads import Page, Unclear
from crm_loop_salesforce.translate import columns
from crm_loop_salesforce.translate.sources import MakeAll, Reading, Source
from crm_loop_salesforce.translate.values import Row
from crm_loop_salesforce.whole import made_of

#: From so many records on, the store takes them in one transaction. Ids come in any order, so
#: that every transaction touches most pages of an index: a few large ones write far less.
ROWS = 30_000


@dataclass(frozen=True, slots=True)
class Made:
    """Records that are ready, and the cells of rows that are deleted."""

    records: Columns
    gone: Sequence[Row] = ()


def made(page: Page, source: Source, reading: Reading) -> Iterator[Made]:
    """The page in parts; raises Unclear where only reading it row by row may help."""
    make = source.by_columns(reading)
    if make is None:
        raise Unclear
    kept: list[Columns] = []
    for cells in page.frames():
        whole = columns.Page(cells)
        deleted = whole.flag("IsDeleted")
        living = columns.Page(cells.filter(~deleted))
        kept.append(_records(living, source, make, reading))
        if gone := cells.filter(deleted).to_dicts():
            yield Made(kept[-1][:0], gone)
        if sum(map(len, kept)) >= ROWS:
            yield Made(_together(kept))
            kept.clear()
    page.file.close()
    if kept:
        yield Made(_together(kept))


def _records(cells: columns.Page, source: Source, make: MakeAll, reading: Reading) -> Columns:
    import polars as pl  # noqa: PLC0415 - only large readings need it

    needed = source.table.needed
    try:
        (records,) = made_of(source.table.name, lambda: [make(cells.with_all(needed), reading)])
    except pl.exceptions.PolarsError:
        # A cell in a form that only the patient reader knows.
        raise Unclear from None
    return records


def _together(kept: Sequence[Columns]) -> Columns:
    """One table, in the order that the store is quickest to write; it waits on disk."""
    import polars as pl  # noqa: PLC0415 - only large readings need it

    frames: list[pl.DataFrame] = [one.frame for one in kept]
    return OnDisk(Columns(kept[0].kind, pl.concat(frames).sort("id")))
