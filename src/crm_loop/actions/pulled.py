"""What was pulled that may show that steps were done, in one place; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crm_loop.loop_records import RecordRef
from crm_loop.records import (
    Activity,
    Deal,
    DealChange,
    DealField,
    Lead,
    LeadChange,
    Participant,
    Quote,
    Task,
)

Activities = Sequence[tuple[str, Activity]]
Tasks = Sequence[tuple[str, Task]]

#: Meetings that took place, anybody's, by connection and customer: when, and which.
Met = Mapping[tuple[str, str], Sequence[tuple[datetime, str]]]

#: How far along a deal is, by our name of its stage. One that was lost is nowhere on the way.
RANKS = {"S1": 1, "S2": 2, "S3": 3, "S4": 4, "won": 5}
LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """Records with their connection; those of deals and leads only where a step asks for them.

    `deals` by connection and id. `changes` are the whole past of those deals. `canonical` names
    a stage S1 to S4, won or lost by connection, pipeline and the CRM's own id. `met` says which
    customers had been met before.
    """

    activities: Activities = ()
    tasks: Tasks = ()
    met: Met = field(default_factory=dict)
    deals: Mapping[tuple[str, str], Deal] = field(default_factory=dict)
    changes: Sequence[tuple[str, DealChange]] = ()
    quotes: Sequence[tuple[str, Quote]] = ()
    participants: Sequence[tuple[str, Participant]] = ()
    leads: Sequence[tuple[str, Lead]] = ()
    lead_changes: Sequence[tuple[str, LeadChange]] = ()
    canonical: Mapping[tuple[str, str, str], str] = field(default_factory=dict)

    def past_of(self, deal: RecordRef, what: DealField) -> list[DealChange]:
        """How one thing about a deal changed, in order."""
        found = [
            one
            for connection, one in self.changes
            if connection == deal.connection and one.deal_id == deal.id and one.field is what
        ]
        return sorted(found, key=lambda one: (one.at, one.id))

    def stage_of(self, deal: RecordRef, change: DealChange) -> str:
        """Our name of the stage that a change led to; empty where nobody has mapped it."""
        known = self.deals.get((deal.connection, deal.id))
        pipeline = known.pipeline if known else ""
        return self.canonical.get((deal.connection, pipeline, change.value or ""), "")


def on(deal: RecordRef, records: Iterable[tuple[str, Activity]]) -> list[Activity]:
    """What people did about one deal."""
    return [
        one
        for connection, one in records
        if (connection, one.deal_id) == (deal.connection, deal.id)
    ]
