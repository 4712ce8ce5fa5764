"""What a deal's own past shows of a step: a stage, a date, an offer, people, its end; pure."""

from collections.abc import Iterator
from datetime import datetime

from crm_loop.actions.pulled import LOST, RANKS, Pulled, on
from crm_loop.actions.verify import Evidence
from crm_loop.loop_records import Action, RecordRef
from crm_loop.records import ActivityKind, ActivityStatus, DealField

#: From here on a deal counts as offered.
PROPOSAL = RANKS["S3"]
_CALLED_OFF = (ActivityStatus.CANCELED, ActivityStatus.NO_SHOW)


def stage_moves(deal: RecordRef, action: Action, pulled: Pulled) -> Iterator[Evidence]:
    """V3: it came further than it had been, or was won."""
    for at, before, _, after in _moves(deal, action, pulled):
        if after > before:
            yield _of(deal, at)


def offers(deal: RecordRef, action: Action, pulled: Pulled) -> Iterator[Evidence]:
    """V6: an offer was sent, or the deal first came to where there is one, as in the figure.

    Where a CRM does not say when an offer was sent, only one that was made since can tell.
    """
    for at, _, furthest, after in _moves(deal, action, pulled):
        if furthest < PROPOSAL <= after:
            yield _of(deal, at)
    for connection, one in pulled.quotes:
        mine = (connection, one.deal_id) == (deal.connection, deal.id)
        if mine and one.sent and (one.sent_at or one.created_at) >= action.created_at:
            yield _of(deal, one.sent_at or one.modified_at)


def close_dates(deal: RecordRef, action: Action, pulled: Pulled) -> Iterator[Evidence]:
    """V4: its close date is another one since. That the old one still holds, a tick says."""
    before: str | None = None
    for change in pulled.past_of(deal, DealField.CLOSE_DATE):
        if change.at >= action.created_at and change.value not in (None, "", before):
            yield _of(deal, change.at)
        before = change.value


def ends(deal: RecordRef, action: Action, pulled: Pulled) -> Iterator[Evidence]:
    """V8: it was given up."""
    for change in pulled.past_of(deal, DealField.STAGE):
        if change.at >= action.created_at and pulled.stage_of(deal, change) == LOST:
            yield _of(deal, change.at)


def people_met(action: Action, pulled: Pulled) -> Iterator[Evidence]:
    """V5: one event for each of the customer's people, when a meeting with them was entered.

    Who stands on a deal without a meeting has no date in either CRM, so that nobody knows
    whether it was before. Where the people are to be met, and not only asked, it is the day of
    the meeting that counts: one that lies ahead shows nothing yet.
    """
    to_be_met = action.verify.activity is not None
    invited: dict[tuple[str, str], list[str]] = {}
    for connection, guest in pulled.participants:
        if guest.contact_id and not guest.declined:
            invited.setdefault((connection, guest.activity_id), []).append(guest.contact_id)
    for deal in action.verify.deals:
        seen: set[str] = set()
        meetings = (
            (one.start if to_be_met else one.logged_at, one)
            for one in on(deal, pulled.activities)
            if one.kind is ActivityKind.MEETING and one.status not in _CALLED_OFF
        )
        for at, one in sorted(meetings, key=lambda pair: (pair[0], pair[1].id)):
            if one.logged_at < action.created_at:
                continue
            guests = [*one.contact_ids, *invited.get((deal.connection, one.id), ())]
            for contact in dict.fromkeys(guests):
                if contact not in seen:
                    seen.add(contact)
                    ref = RecordRef(connection=deal.connection, object="contact", id=contact)
                    yield Evidence(record=ref, start=at, logged=one.logged_at)


def _moves(
    deal: RecordRef, action: Action, pulled: Pulled
) -> Iterator[tuple[datetime, int, int, int]]:
    """When it moved since the step was agreed: where it was, the furthest so far, where it came to.

    A deal that is made anew was nowhere before, so that its first stage is no move.
    """
    before: int | None = None
    furthest = 0
    for change in pulled.past_of(deal, DealField.STAGE):
        rank = RANKS.get(pulled.stage_of(deal, change))
        if rank is None:
            continue
        if before is not None and change.at >= action.created_at:
            yield change.at, before, furthest, rank
        before, furthest = rank, max(rank, furthest)


def _of(deal: RecordRef, at: datetime) -> Evidence:
    return Evidence(record=deal, start=at, logged=at)
