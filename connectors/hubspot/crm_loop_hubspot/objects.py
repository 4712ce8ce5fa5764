"""The legs of a pull: object types by list or by change, with what was archived."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from crm_loop.records import Record
from crm_loop_hubspot.associations import INPUTS, linked
from crm_loop_hubspot.batches import gathered
from crm_loop_hubspot.errors import MissingScope
from crm_loop_hubspot.legs import Leg, Piece
from crm_loop_hubspot.listing import Page, archived_ids, by_id, listed
from crm_loop_hubspot.search import Window, changed
from crm_loop_hubspot.translate.kinds import Kind, Linked
from crm_loop_hubspot.transport import Api

#: Turns one row into records: usually one, none for what cannot be used, or its past.
Translate = Callable[[Linked], Iterable[Record]]


def legs_of(api: Api, kind: Kind, translate: Translate) -> list[Leg]:
    """What is there or changed, then what is gone."""
    return [living(api, kind, translate), partial(_gone, api, kind)]


def living(api: Api, kind: Kind, translate: Translate) -> Leg:
    return partial(_living, api, kind, translate)


def _living(
    api: Api, kind: Kind, translate: Translate, window: Window, after: str | None
) -> Iterator[Piece]:
    try:
        # a thousand rows at a time, since one call reads the associations of so many
        for rows, following in gathered(_rows(api, kind, window, after), INPUTS):
            records = [record for row in linked(api, kind, rows) for record in translate(row)]
            yield Piece(rows=records, after=following)
    except MissingScope:
        if not kind.optional:
            raise


def _rows(api: Api, kind: Kind, window: Window, after: str | None) -> Iterator[Page]:
    if window.since is None:
        yield from listed(api, kind, after)
        return
    for ids, following in gathered(changed(api, kind, window, after), INPUTS):
        # rows of a search can be older than the records
        yield by_id(api, kind, ids), following


def _gone(api: Api, kind: Kind, window: Window, after: str | None) -> Iterator[Piece]:
    try:
        for ids, following in archived_ids(api, kind, since=window.since, after=after):
            yield Piece(removed=ids, after=following)
    except MissingScope:
        if not kind.optional:
            raise
