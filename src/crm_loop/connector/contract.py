"""The contract every connector fulfils, and the ports it is handed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from crm_loop.records import Record, Subject

#: Opaque to everybody but the connector that made it; JSON-able.
Cursor = Mapping[str, Any]
#: Added to a cursor, it asks for a look at every id (a sweep); who cannot do that ignores it.
RECONCILE = "reconcile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One CRM account. `credentials` are opened by the caller just before and never logged.

    `account_id` is the org or portal that was connected, None before that: credentials that
    open another one are refused, so that nothing is ever written into the wrong account.
    """

    organisation: str
    connection: str
    url: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    account_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What this account has.

    `account_id` is the org or portal id. `subjects` can be pulled; `missing` says why each of
    the others cannot (code by subject). `unique_key`: the CRM refuses a second task with our
    key. `key_field`: our key has a field of its own (otherwise it is the body's last line).
    `managers`: the CRM knows who manages whom. `private_tasks`: a task can be kept to its owner
    and those above (False: assume that everybody reads it). `task_url`, `deal_url` and
    `own_url` are patterns with `{id}`, `event_url` is where a new meeting is entered; `urls` are
    patterns of further kinds of records, by kind as own KPIs name them (account, quote, lead …).
    `own_objects`: an admin has installed objects of ours, and the connector is a `Publisher`.
    `hidden` are objects and fields that would be read and are not shown to our user: what they
    hold is unknown, never empty. `level` says how much of ours is installed (0 nothing, 1
    fields for our key, 2 objects too; None: this CRM has no such levels), `lacking` what the
    next level still needs. `own_private`: an admin has confirmed that nobody but owner and
    share rows opens our objects. `assumed_meetings` is how the ids of meetings begin of which this
    CRM keeps no outcome, so that those whose time has passed are told as held. `unknown_fields`
    are fields of its own that the settings name and it does not show, as kind.name (deal.region).
    """

    account_id: str
    account_name: str
    time_zone: str
    currency: str
    fiscal_start: int | None
    subjects: frozenset[Subject]
    missing: Mapping[str, str]
    unique_key: bool
    key_field: bool
    managers: bool
    private_tasks: bool
    can_delete: bool
    deal_url: str
    task_url: str
    event_url: str = ""
    own_objects: bool = False
    hidden: Sequence[str] = ()
    privacy_asked: bool = False
    level: int | None = None
    lacking: Sequence[str] = ()
    own_private: bool = False
    own_url: str = ""
    urls: Mapping[str, str] = field(default_factory=dict)
    assumed_meetings: str = ""
    unknown_fields: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some rows of one subject, the ids that are gone, and where to go on from.

    Store the rows first, then `cursor` in the same transaction. `complete` (on the only batch
    of a subject that is always read whole): what is not in `rows` no longer exists. A sweep of a
    larger subject comes in many batches: `present` are ids that exist, and `swept` ends it: what
    was known and named by none of them no longer exists. `merged` are records that became part
    of another one, loser to survivor: what points to them points elsewhere now. `whole_of` are
    ids of records that those of this subject belong to (roles to deals): what belongs to one of
    them and is not in `rows` no longer exists. `outdated` ends a list that was made a while ago:
    what of it belongs to deals that have gone meanwhile is gone too.
    """

    rows: Sequence[Record] = ()
    removed: Sequence[str] = ()
    cursor: Cursor | None = None
    complete: bool = False
    present: Sequence[str] = ()
    swept: bool = False
    merged: Mapping[str, str] = field(default_factory=dict)
    whole_of: Sequence[str] = ()
    outdated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFields:
    """The fields of a task that we may write. `body` is plain text; lines end in a newline."""

    owner_id: str
    subject: str
    body: str
    due: date
    deal_id: str | None = None


class Op(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    CLOSE = "close"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One intended write; `crm_id` is needed but for CREATE.

    UPDATE rewrites the body only. CLOSE completes a task and changes nothing else of it; one that
    is completed already stays so.
    """

    key: str
    op: Op
    fields: TaskFields
    crm_id: str | None = None


class Result(StrEnum):
    """What became of one change.

    NOT_SENT: surely not applied, try again. UNKNOWN: perhaps applied, only `look_up` may follow.
    """

    DONE = "done"
    ALREADY_THERE = "already_there"
    GONE = "gone"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`code` and `text` are the CRM's own words where it refused; `request_id` is its own too."""

    key: str
    result: Result
    crm_id: str | None = None
    code: str | None = None
    text: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """One of our records to look for; the hints serve CRMs without a field for our key.

    `deal_id` is the deal that it was to be made on. `sent`: an attempt to make it may have reached
    the CRM lately, so that only what shows every write at once can prove that it is absent.
    """

    key: str
    crm_id: str | None = None
    owner_id: str | None = None
    due: date | None = None
    since: datetime | None = None
    deal_id: str | None = None
    sent: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One of our records as the CRM holds it now.

    `copies` counts living records with the same key, `others` has those besides this one.
    `modified_by` is the user who changed it last, None where the CRM does not tell.
    """

    key: str
    crm_id: str
    fields: TaskFields | None
    deleted: bool = False
    is_closed: bool = False
    completed_at: datetime | None = None
    modified_at: datetime | None = None
    modified_by: str | None = None
    copies: int = 1
    others: Sequence["Found"] = ()


class Gate(Protocol):
    """The budget of API calls, shared by everything that talks to this account.

    Threads may wait here side by side.
    """

    def acquire(self, kind: str, calls: int = 1) -> None:
        """Wait until the calls may be made; Transient when that would take too long."""
        ...

    def observe(self, headers: Mapping[str, str]) -> None:
        """Tell what the CRM said about its limits."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """`facts` are public (instance URL, org id). `expires_at` is real time, None if unknown."""

    value: str = field(repr=False)
    expires_at: datetime | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    refresh_token: str | None = field(default=None, repr=False)


class Vault(Protocol):
    """Keeps the access token, sealed; one refresh at a time for all processes."""

    def token(self, refresh: Callable[[str | None], Token], *, refused: str | None = None) -> Token:
        """Return the kept token, or what `refresh` gives.

        `refresh` gets the newest refresh token, if any. `refused` is a token value that the
        CRM has just turned down: it is not returned again.
        """
        ...


class Notebook(Protocol):
    """Small resumable state of one connection, such as a job id."""

    def get(self, name: str) -> Mapping[str, Any] | None: ...

    def put(self, name: str, value: Mapping[str, Any] | None) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What a connector needs of the house. `clock` is real time, for leases and expiry.

    `at_once` holds a place among the calls on their way while one is (its argument: it may take
    long); Transient when none becomes free.
    """

    gate: Gate
    vault: Vault
    notebook: Notebook
    clock: Callable[[], datetime]
    at_once: Callable[[bool], AbstractContextManager[None]] = lambda _long: nullcontext()


class Connector(Protocol):
    """One CRM account, seen through our records.

    Every method may raise Transient, NeedsAttention or Refused, and nothing else.
    """

    def capabilities(self) -> Capabilities:
        """Say what this account has; asked afresh at each call."""
        ...

    def provision(self) -> Sequence[str]:
        """Make what we need in the CRM and may make; names what was made. Harmless twice."""
        ...

    def clock(self) -> datetime:
        """The CRM's own business time."""
        ...

    def pull(self, subject: Subject, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield what changed since the cursor, or everything; resumable at every batch.

        Whoever asks for the next batch has kept those before. Reading may begin at once and run
        ahead of that; it ends with the iterator.
        """
        ...

    def look_up(self, sought: Sequence[Sought]) -> dict[str, Found]:
        """Find our own records by key. A key that is absent was surely never applied."""
        ...

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Write; one outcome each, in the same order. Transient: none of them was applied."""
        ...


ConnectorFactory = Callable[[Account, Ports], Connector]
