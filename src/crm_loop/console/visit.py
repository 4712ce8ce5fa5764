"""What a handler is given of a request, after the guard has let it through."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from starlette.datastructures import URL
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crm_loop.access.reading import Desk
from crm_loop.access.roles import ConsoleRole, Sight, sight
from crm_loop.access.sign_in import Visitor
from crm_loop.bootstrap import App
from crm_loop.calendars import local_date, week_of
from crm_loop.connector.vocabulary import OTHER
from crm_loop.console.texts import texts
from crm_loop.cycle.turn import Turn
from crm_loop.errors import CrmLoopError
from crm_loop.loop_records import Member
from crm_loop.store import State
from crm_loop.store.audit import record
from crm_loop.store.connections import Organisation
from crm_loop.store.users import User
from crm_loop.wording import Words
from crm_loop.wording.said import said

if TYPE_CHECKING:
    from crm_loop.console.rendering import Pages
    from crm_loop.console.route import Route


class Missing(Exception):
    """There is no such thing for this user, whether or not it exists for another."""


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent: a name may stand there several times; a file is its text."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The value without blanks around it; empty when there is none."""
        return next(iter(self.values.get(name, ())), "").strip()

    def all(self, name: str) -> Sequence[str]:
        return self.values.get(name, ())


@dataclass(frozen=True, slots=True)
class Known:
    """What is read before the handler runs, so that it may open a transaction of its own.

    `crm`: whose words people of this organisation read.
    """

    organisation: Organisation
    crm: str = OTHER
    members: Mapping[str, Member] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request of one visitor. `params` are those of the path, `query` what follows it."""

    app: App
    pages: "Pages"
    route: "Route"
    url: URL
    address: str
    language: str
    csrf: str
    asked: str = field(default="", repr=False)
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Form = field(default_factory=Form)
    visitor: Visitor | None = None
    known: "Known | None" = None

    @property
    def user(self) -> User:
        if self.visitor is None:
            raise Missing
        return self.visitor.user

    @property
    def organisation(self) -> str:
        """The one organisation that anything is read or changed of."""
        return self.user.organisation

    @property
    def words(self) -> Words:
        return texts(self.language, self.known.crm if self.known else OTHER)

    def has(self, *roles: ConsoleRole) -> bool:
        """Whether the user is one of these."""
        return not set(roles).isdisjoint(self.user.roles)

    @property
    def own(self) -> Organisation:
        if self.known is None:
            raise Missing
        return self.known.organisation

    @property
    def members(self) -> Mapping[str, Member]:
        """Everybody by address; only for routes about people."""
        return self.known.members if self.known is not None else {}

    @cached_property
    def now(self) -> datetime:
        return self.app.now()

    @cached_property
    def today(self) -> date:
        return local_date(self.now, self.own.time_zone)

    @property
    def yesterday(self) -> date:
        return self.today - timedelta(days=1)

    @cached_property
    def sight(self) -> Sight:
        return sight(self.user.email, self.user.roles, self.members)

    @property
    def turn_week(self) -> str:
        """The ISO week that it is."""
        return week_of(self.today)

    @property
    def turn(self) -> Turn:
        return self.app.turn(self.organisation)

    def look(self) -> AbstractContextManager[State]:
        return self.app.look(self.organisation)

    def desk(self, state: State) -> Desk:
        """What this user may read about people."""
        return Desk(state, self.sight.me, self.members)

    @contextmanager
    def change(self) -> Iterator[State]:
        with self.app.begin(self.organisation) as state:
            yield state

    def note(self, state: State, what: str, subject: str, detail: str = "") -> None:
        """Enter into the audit trail what this user did."""
        record(state, actor=self.user.id, what=what, subject=subject, at=self.now, detail=detail)

    def name_of(self, person: str) -> str:
        """What stands in an address instead of an e-mail."""
        return self.app.seal.fingerprint(f"person|{self.organisation}|{person}")

    @cached_property
    def person(self) -> Member:
        """The member whom the path names, if this user may read about that one."""
        wanted = self.params.get("person", "")
        if wanted == "me":
            found: str | None = self.sight.me if self.sight.own else None
        else:
            found = next((p for p in self.sight.people if self.name_of(p) == wanted), None)
        if found is None:
            raise Missing
        return self.members[found]

    def page(self, template: str, *, status: int = 200, **facts: Any) -> Response:
        return HTMLResponse(self.pages.render(self, template, facts), status_code=status)

    def go(self, name: str, /, *, said: str = "", **params: str) -> Response:
        """Send the browser to another page; `said` is what it is to be told there."""
        path = self.pages.path(name, **params)
        if said:
            path = f"{path}{'&' if '?' in path else '?'}said={said}"
        return RedirectResponse(path, status_code=303)

    def sentence(self, error: CrmLoopError) -> dict[str, str]:
        """What happened, what was kept and what to do, in the reader's language where known."""
        parts = {"happened": error.happened, "kept": error.kept, "do": error.do}
        return {name: said(text, self.words.language) for name, text in parts.items()}
