"""Small subjects, always read from end to end."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from crm_loop.connector.contract import Batch
from crm_loop.errors import NeedsAttention
from crm_loop.records import Record, Stage, Subject
from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.translate import names, people, sources
from crm_loop_salesforce.translate.sources import Whole
from crm_loop_salesforce.translate.values import Row
from crm_loop_salesforce.windows import Windows


def read_whole(
    subject: Subject, windows: Windows, org: Org, pipelines: Iterable[str] = ()
) -> Batch:
    """The only batch of such a subject: what it does not hold no longer exists.

    Stages belong to every one of the pipelines: Salesforce keeps one list for all of them.
    """
    if subject is Subject.PEOPLE:
        return Batch(rows=_people(windows, org), complete=True, cursor={})
    rows = [one for whole in sources.WHOLE[subject] for one in _records(whole, windows, org)]
    stages = [one for one in rows if isinstance(one, Stage)]
    own = sorted(set(pipelines))
    rows += [replace(one, pipeline=pipeline) for pipeline in own for one in stages]
    return Batch(rows=rows, complete=True, cursor={})


def _people(windows: Windows, org: Org) -> list[Record]:
    users: Sequence[Row] = windows.whole(names.USERS, "UserType = 'Standard'")
    roles = windows.whole(names.ROLES) if org.has(names.ROLES) else []
    return list(made_of(names.USERS.name, lambda: people.people(users, roles)))


def at_the_top(windows: Windows, org: Org) -> list[str]:
    """Active users in the roles that have none above them."""
    users = windows.whole(names.USERS, "UserType = 'Standard' AND IsActive = true")
    roles = windows.whole(names.ROLES) if org.has(names.ROLES) else []
    tops = {role["Id"] for role in roles if not role.get("ParentRoleId")}
    return [user["Id"] for user in users if user.get("UserRoleId") in tops]


def _records(whole: Whole, windows: Windows, org: Org) -> Iterator[Record]:
    if whole.optional and not org.has(whole.table):
        return iter(())
    rows = windows.whole(whole.table, whole.where)
    return made_of(whole.table.name, lambda: (one for row in rows for one in whole.make(row)))


T = TypeVar("T")


def made_of(table: str, make: Callable[[], Iterable[T]]) -> Iterator[T]:
    """The records of rows; a hidden field is no empty one, so without it there is nothing."""
    try:
        yield from make()
    except KeyError as hidden:
        raise NeedsAttention(
            f"Salesforce does not show {table}.{hidden.args[0]} to the integration user.",
            code="salesforce.no_field",
            do="Give the integration user this permission, then run the doctor.",
        ) from None
