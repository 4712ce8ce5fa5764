"""Records by list and by id, which show every write at once (search shows it later)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from crm_loop_hubspot import values
from crm_loop_hubspot.batches import pieces
from crm_loop_hubspot.errors import unreadable
from crm_loop_hubspot.translate.kinds import ID, MERGED, Kind, Row
from crm_loop_hubspot.transport import Api, Json

PAGE = 100
#: Rows that carry the past of their properties come in smaller pages.
PAGE_WITH_HISTORY = 50
_ARCHIVED = (("archived", "true"),)

#: Rows, and the place from which the next page goes on (None: that was the last).
Page = tuple[list[Row], str | None]


def results(answer: Json) -> list[Row]:
    """A page in HTML or of another shape must not pass for an empty one."""
    rows = answer.get("results")
    if not isinstance(rows, list):
        raise unreadable()
    return rows


def next_after(answer: Json) -> str | None:
    following = (answer.get("paging") or {}).get("next") or {}
    return following.get("after")


def pages(
    api: Api, path: str, query: Sequence[tuple[str, str]], after: str | None
) -> Iterator[Page]:
    """Every page of a list. All parameters go with every page: the link in it loses some."""
    while True:
        place = [("after", after)] if after else []
        answer = api.get(path, [*query, *place])
        after = next_after(answer)
        yield results(answer), after
        if after is None:
            return


def page_size(kind: Kind) -> int:
    return PAGE_WITH_HISTORY if kind.history else PAGE


def list_query(kind: Kind, *, size: int | None = None) -> list[tuple[str, str]]:
    query = [("limit", str(size or page_size(kind))), ("properties", ",".join(kind.properties))]
    if kind.history:
        query.append(("propertiesWithHistory", ",".join(kind.history)))
    return query


def listed(
    api: Api, kind: Kind, after: str | None = None, *, archived: bool = False
) -> Iterator[Page]:
    """Every live record (or every archived one), by ascending id."""
    query = [*list_query(kind), *(_ARCHIVED if archived else ())]
    return pages(api, api.paths.objects(kind.name), query, after)


def archived_query(kind: Kind) -> list[tuple[str, str]]:
    """Archived records, bare: what they were is of no more use."""
    bare = tuple(name for name in (ID, MERGED) if name == ID or name in kind.properties)
    return [*list_query(replace(kind, properties=bare, history=())), *_ARCHIVED]


def archived_rows(
    api: Api, kind: Kind, *, since: datetime | None, after: str | None = None
) -> Iterator[Page]:
    """What was archived since then; archiving leaves the date of modification alone."""
    path = api.paths.objects(kind.name)
    for rows, following in pages(api, path, archived_query(kind), after):
        yield [row for row in rows if _archived_since(row, since)], following


def _archived_since(row: Row, since: datetime | None) -> bool:
    at = values.moment(row.get("archivedAt"))
    return since is None or at is None or at >= since


def by_id(
    api: Api,
    kind: Kind,
    ids: Sequence[str],
    *,
    id_property: str | None = None,
    archived: bool = False,
) -> list[Row]:
    """The records that exist; `id_property` names a unique property to look up by."""
    query = [("archived", "true")] if archived else []
    path = api.paths.objects(kind.name, "batch", "read")

    def read(piece: Sequence[str]) -> list[Row]:
        return results(api.ask(path, _inputs(kind, piece, id_property), query=query))

    asked = [partial(read, piece) for piece in pieces(ids, page_size(kind))]
    return [row for rows in api.together(asked) for row in rows]


def _inputs(kind: Kind, ids: Sequence[str], id_property: str | None) -> Json:
    body: dict[str, object] = {
        "properties": list(kind.properties),
        "propertiesWithHistory": list(kind.history),
        "inputs": [{"id": one} for one in ids],
    }
    return body | {"idProperty": id_property} if id_property else body
