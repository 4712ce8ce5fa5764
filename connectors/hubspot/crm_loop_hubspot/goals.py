"""Goals are read whole, but not again while nobody has touched them."""

from collections.abc import Iterator
from datetime import timedelta

from crm_loop.connector.contract import Batch
from crm_loop.records import Quota
from crm_loop_hubspot.legs import Place, finished, moment
from crm_loop_hubspot.listing import archived_rows, listed
from crm_loop_hubspot.search import Window, changed
from crm_loop_hubspot.translate import people as translate
from crm_loop_hubspot.translate.kinds import GOALS, Linked, Reading, Row
from crm_loop_hubspot.transport import Api
from crm_loop_hubspot.whole import owners_of

#: So many pages are read sooner than it is found out whether something has changed.
FEW_PAGES = 2
#: They are read however little seems to have changed: an owner may have become another.
READ_AFTER = timedelta(days=7)


def quotas(api: Api, place: Place, reading: Reading) -> Iterator[Batch]:
    """All of them, or nothing where they are as they were."""
    until, kept = place.window.until, place.kept
    if _stand(api, place):
        yield Batch(cursor=finished(until, kept))
        return
    found = list(listed(api, GOALS))
    kept |= {"pages": len(found), "whole": until.isoformat()}
    rows = _translated(api, [row for rows, _ in found for row in rows], reading)
    yield Batch(rows=rows, cursor=finished(until, kept), complete=True)


def _stand(api: Api, place: Place) -> bool:
    window, kept = place.window, place.kept
    if window.since is None or kept.get("pages", 0) <= FEW_PAGES:
        return False
    if window.until - moment(kept["whole"]) > READ_AFTER:
        return False
    return not (_archived(api, window) or any(ids for ids, _ in changed(api, GOALS, window)))


def _archived(api: Api, window: Window) -> bool:
    return any(rows for rows, _ in archived_rows(api, GOALS, since=window.since))


def _translated(api: Api, goals: list[Row], reading: Reading) -> list[Quota]:
    of_user = {}
    if any(translate.has_no_owner(row) for row in goals):
        of_user = translate.owners_by_user(owners_of(api))
    found = [translate.quota(Linked(row), reading, of_user) for row in goals]
    return [quota for quota in found if quota is not None]
