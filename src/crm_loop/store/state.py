"""One transaction's view of one organisation."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from crm_loop.store.actions import Actions
from crm_loop.store.agendas import Agendas
from crm_loop.store.audit import Trail
from crm_loop.store.captures import Captures
from crm_loop.store.connections import Connections
from crm_loop.store.consents import Consents
from crm_loop.store.crm import Crm
from crm_loop.store.cycles import Cycles
from crm_loop.store.figures import Figures
from crm_loop.store.flags import Flags
from crm_loop.store.frozen import Frozen
from crm_loop.store.hand_tasks import HandTasks
from crm_loop.store.insights import Insights
from crm_loop.store.jobs import Jobs, NewJob
from crm_loop.store.key_pairs import KeyPairs
from crm_loop.store.learnings import Learnings
from crm_loop.store.listing import Listing
from crm_loop.store.mapping import StageMapping
from crm_loop.store.notes import Notes
from crm_loop.store.pairs import Pairs
from crm_loop.store.people import People
from crm_loop.store.setting_up import SettingUp
from crm_loop.store.slots import Slots
from crm_loop.store.templates import Templates
from crm_loop.store.users import Users
from crm_loop.store.views import Views
from crm_loop.store.writes import Writes


class State:
    """Repositories of one organisation in one transaction; whoever opened it commits."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def ask_for(self, kind: str, connection: str | None, *, slot: datetime, now: datetime) -> bool:
        """Add a job for what somebody wants now; one that waits already is enough.

        `slot` is the business moment it is done for, `now` real time.
        """
        minute = now.replace(second=0, microsecond=0).isoformat()
        job = NewJob(
            id=f"asked:{kind}:{connection or '-'}:{minute}",
            kind=kind,
            connection=connection,
            payload={"slot": slot.isoformat()},
        )
        return self.jobs.add(job, now=now)

    @cached_property
    def crm(self) -> Crm:
        return Crm(self.connection, self.organisation)

    @cached_property
    def people(self) -> People:
        return People(self.connection, self.organisation)

    @cached_property
    def pairs(self) -> Pairs:
        return Pairs(self.connection, self.organisation)

    @cached_property
    def mapping(self) -> StageMapping:
        return StageMapping(self.connection, self.organisation)

    @cached_property
    def figures(self) -> Figures:
        return Figures(self.connection, self.organisation)

    @cached_property
    def agendas(self) -> Agendas:
        return Agendas(self.connection, self.organisation)

    @cached_property
    def actions(self) -> Actions:
        return Actions(self.connection, self.organisation)

    @cached_property
    def cycles(self) -> Cycles:
        return Cycles(self.connection, self.organisation)

    @cached_property
    def writes(self) -> Writes:
        return Writes(self.connection, self.organisation)

    @cached_property
    def connections(self) -> Connections:
        return Connections(self.connection, self.organisation)

    @cached_property
    def insights(self) -> Insights:
        return Insights(self.connection, self.organisation)

    @cached_property
    def flags(self) -> Flags:
        return Flags(self.connection, self.organisation)

    @cached_property
    def frozen(self) -> Frozen:
        return Frozen(self.connection, self.organisation)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self.connection, self.organisation)

    @cached_property
    def learnings(self) -> Learnings:
        return Learnings(self.connection, self.organisation)

    @cached_property
    def slots(self) -> Slots:
        return Slots(self.connection, self.organisation)

    @cached_property
    def captures(self) -> Captures:
        return Captures(self.connection, self.organisation)

    @cached_property
    def hand_tasks(self) -> HandTasks:
        return HandTasks(self.connection, self.organisation)

    @cached_property
    def listing(self) -> Listing:
        return Listing(self.connection, self.organisation)

    @cached_property
    def notes(self) -> Notes:
        return Notes(self.connection, self.organisation)

    @cached_property
    def key_pairs(self) -> KeyPairs:
        return KeyPairs(self.connection, self.organisation)

    @cached_property
    def consents(self) -> Consents:
        return Consents(self.connection, self.organisation)

    @cached_property
    def templates(self) -> Templates:
        return Templates(self.connection, self.organisation)

    @cached_property
    def setting_up(self) -> SettingUp:
        return SettingUp(self.connection, self.organisation)

    @cached_property
    def users(self) -> Users:
        return Users(self.connection, self.organisation)

    @cached_property
    def views(self) -> Views:
        return Views(self.connection, self.organisation)

    @cached_property
    def trail(self) -> Trail:
        return Trail(self.connection, self.organisation)


#: Opens a transaction for one organisation; leaving it commits, an error rolls it back.
Begin = Callable[[str], AbstractContextManager[State]]
