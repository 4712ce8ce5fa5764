"""A page of a bulk job made into records as a whole, where that can be done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm_loop.connector.columns import Columns
from crm_loop_salesforce.downloads import Page
from crm_loop_salesforce.translate import columns
from crm_loop_salesforce.translate.sources import Reading, Source
from crm_loop_salesforce.translate.values import Row
from crm_loop_salesforce.whole import made_of

#: Rows that the store takes in one transaction.
ROWS = 25_000


@dataclass(frozen=True, slots=True)
class Made:
    """Records that are ready, and the cells of rows that are deleted."""

    records: Columns
    gone: Sequence[Row] = ()


def made(page: Page, source: Source, reading: Reading) -> list[Made] | None:
    """The page in parts; None where only reading it row by row may help."""
    import polars as pl  # noqa: PLC0415 - only large readings need it

    make = source.by_columns(reading)
    cells = page.frame() if make is not None else None
    if make is None or cells is None:
        return None
    whole, needed = columns.Page(cells), source.table.needed
    deleted = whole.flag("IsDeleted")
    living = columns.Page(cells.filter(~deleted))
    try:
        (records,) = made_of(source.table.name, lambda: [make(living.with_all(needed), reading)])
    except pl.exceptions.PolarsError:
        # A cell in a form that only the patient reader knows.
        return None
    page.file.close()
    return list(_parts(records, cells.filter(deleted).to_dicts()))


def _parts(records: Columns, gone: Sequence[Row]) -> Iterator[Made]:
    # The store's own order is the quickest to write.
    records = Columns(records.kind, records.frame.sort("id"))
    if gone:
        yield Made(records[:0], gone)
    for start in range(0, len(records), ROWS):
        yield Made(records[start : start + ROWS])
