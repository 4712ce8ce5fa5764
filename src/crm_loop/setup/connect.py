"""Connect a CRM account: sign in, make what we need there, remember what it can do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from crm_loop.connector.contract import Capabilities, Connector
from crm_loop.errors import NeedsAttention
from crm_loop.store import Begin
from crm_loop.store.connections import ConnectionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A connection as an admin names it; credentials are plain here and nowhere else.

    `account_id`: which account of the CRM the sign-in was given for, where it said so.
    """

    name: str
    kind: str
    url: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    account_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What setting up needs of the house.

    `seal` locks credentials for a connection of this name; `connect` opens a stored one, `open`
    one that is not stored yet; `skew` compares a CRM's clock with ours (None where business time
    is simulated).
    """

    begin: Begin
    organisation: str
    seal: Callable[[str, Mapping[str, str]], str]
    connect: Callable[[str], Connector]
    open: Callable[[ConnectionRow], Connector]
    skew: Callable[[Connector], float | None]


def connect(door: Door, wanted: Wanted) -> Capabilities:
    """Keep the connection if it works; until then what was there before stands, whatever happens.

    It is stored whole and at once: whoever else reads connections, and whoever starts again after
    the process was killed, finds the old one or the new one.

    Connecting again keeps the settings that are not named anew, such as an admin's answers. Raises
    NeedsAttention when the name is taken by another account of the CRM, in which nothing is made.
    """
    with door.begin(door.organisation) as state:
        before = state.connections.get(wanted.name)
    if before is not None and wanted.account_id is not None:
        check_same_account(before, wanted.account_id)
    row = ConnectionRow(
        name=wanted.name,
        kind=wanted.kind,
        url=wanted.url,
        settings={**_settings_of(before, wanted), **wanted.settings},
        credentials=door.seal(wanted.name, wanted.credentials),
        account_id=None,
        facts={},
        paused=False,
    )
    connector = door.open(row)
    if before is not None and before.account_id is not None:
        check_same_account(before, connector.capabilities().account_id)
    if wanted.account_id is not None:
        _check_given_for(wanted.account_id, connector.capabilities().account_id)
    connector.provision()
    capabilities = connector.capabilities()
    with door.begin(door.organisation) as state:
        now = state.connections.get(wanted.name)
        if now is not None:
            # Somebody else may have connected another account meanwhile.
            check_same_account(now, capabilities.account_id)
        settings = {**_settings_of(now, wanted), **wanted.settings}
        known = replace(row, settings=settings, account_id=capabilities.account_id)
        state.connections.put(replace(known, facts=facts_of(capabilities)))
    return capabilities


def facts_of(capabilities: Capabilities) -> dict[str, Any]:
    """What later steps ask of a connection without asking the CRM again."""
    return {
        **{f"{kind}_url": url for kind, url in capabilities.urls.items()},
        "account_name": capabilities.account_name,
        "time_zone": capabilities.time_zone,
        "currency": capabilities.currency,
        "unique_key": capabilities.unique_key,
        "key_field": capabilities.key_field,
        "managers": capabilities.managers,
        "private_tasks": capabilities.private_tasks,
        "can_delete": capabilities.can_delete,
        "own_objects": capabilities.own_objects,
        "own_private": capabilities.own_private,
        "own_url": capabilities.own_url,
        "level": capabilities.level,
        "deal_url": capabilities.deal_url,
        "task_url": capabilities.task_url,
        "event_url": capabilities.event_url,
        "assumed_meetings": capabilities.assumed_meetings,
        "missing": dict(capabilities.missing),
        "unknown_fields": list(capabilities.unknown_fields),
    }


def say_who_sees_tasks(door: Door, name: str, *, private: bool) -> Capabilities:
    """Keep an admin's answer: whether tasks can be kept to their owner and those above.

    Raises NeedsAttention when there is no such connection.
    """
    door.connect(name)  # says in words when there is none
    with door.begin(door.organisation) as state:
        row = state.connections.get(name)
        if row is not None:
            settings = {**row.settings, "tasks_private": private}
            state.connections.put(replace(row, settings=settings))
    capabilities = door.connect(name).capabilities()
    with door.begin(door.organisation) as state:
        row = state.connections.get(name)
        if row is not None:
            state.connections.put(replace(row, facts={**row.facts, **facts_of(capabilities)}))
    return capabilities


def _settings_of(before: ConnectionRow | None, wanted: Wanted) -> Mapping[str, Any]:
    return before.settings if before is not None and before.kind == wanted.kind else {}


def check_same_account(before: ConnectionRow, account_id: str) -> None:
    """NeedsAttention where a connection that is there belongs to another account of the CRM."""
    if before.account_id in (None, account_id):
        return
    raise NeedsAttention(
        f"The connection {before.name} belongs to another account ({before.account_id}).",
        code="connection.other_account",
        kept="The old connection is unchanged.",
        do="Choose another name for this account.",
    )


def _check_given_for(given: str, found: str) -> None:
    if given == found:
        return
    raise NeedsAttention(
        f"The consent was given for account {given}, and the CRM answers as {found}.",
        code="connection.other_account",
        kept="Nothing was connected.",
        do="Begin again from the page on which the CRM is connected.",
    )
