"""The deeds that people's work is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from crm_loop_sandbox.world.activities import SUBJECTS
from crm_loop_sandbox.world.ledger import LiveDeal
from crm_loop_sandbox.world.story import Deed, Human

#: So begins the name of a meeting that a planned step was about; it takes place.
ARRANGED = "people:"


@dataclass(frozen=True, slots=True)
class Doer:
    """Makes the deeds of one person."""

    human: Human

    def deal(self, at: datetime, ref: str, fields: Mapping[str, Any], *, do: str = "edit") -> Deed:
        return self._deed(at, do, "deal", ref=ref, fields=fields)

    def activity(
        self,
        at: datetime,
        ref: str,
        kind: str,
        deal: LiveDeal | None,
        *,
        start: datetime,
        minutes: int = 0,
        status: str = "held",
    ) -> Deed:
        """Enter a call, a meeting, a mail or a to-do; `at` is when it is entered."""
        subjects = SUBJECTS[self.human.language][kind]
        fields = {
            "kind": kind,
            "owner": self.human.ref,
            "start": start,
            "minutes": minutes,
            "status": status,
            "deal": deal.ref if deal else None,
            "company": deal.company if deal else None,
            "subject": subjects[sum(map(ord, ref)) % len(subjects)],
        }
        return self._deed(at, "create", "activity", ref=ref, fields=fields)

    def next_step(
        self, at: datetime, ref: str, deal: LiveDeal, *, kind: str, day: date, hour: int
    ) -> Deed:
        """Plan a meeting, or a to-do with a due date, on a deal."""
        if kind == "todo":
            start = datetime.combine(day, time(), UTC)
            return self.activity(at, ref, kind, deal, start=start, status="open")
        start = datetime.combine(day, time(hour), at.tzinfo)
        return self.activity(at, ref, kind, deal, start=start, minutes=60, status="scheduled")

    def to_do(
        self, at: datetime, ref: str, deal: LiveDeal | None, *, due: datetime, subject: str
    ) -> Deed:
        """Enter a to-do in words of one's own."""
        made = self.activity(at, ref, "todo", deal, start=due, status="open")
        return replace(made, fields={**made.fields, "subject": subject})

    def lead(self, at: datetime, ref: str, fields: Mapping[str, Any]) -> Deed:
        """Somebody new asks, and is given to this person."""
        return self._deed(at, "create", "lead", ref=ref, fields=fields)

    def settle(self, at: datetime, ref: str, status: str) -> Deed:
        """Say what became of something that was planned."""
        if status == "closed":
            return self._deed(at, "close", "activity", ref=ref)
        return self._deed(at, "edit", "activity", ref=ref, fields={"status": status})

    def task(self, at: datetime, key: str, do: str, **fields: Any) -> Deed:
        """Do something to a record that carries a key of somebody's software."""
        return self._deed(at, do, "task", key=key, fields=fields)

    def _deed(
        self,
        at: datetime,
        do: str,
        thing: str,
        *,
        ref: str | None = None,
        key: str | None = None,
        fields: Mapping[str, Any] | None = None,
    ) -> Deed:
        return Deed(at=at, actor_email=self.human.email, do=do, object=thing, ref=ref, key=key,
                    fields=fields or {})  # fmt: skip
