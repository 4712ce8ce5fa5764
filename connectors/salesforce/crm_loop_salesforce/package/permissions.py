"""Who has which permission set: given by name, taken away before the sets are removed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from crm_loop.errors import NeedsAttention
from crm_loop_salesforce import soql
from crm_loop_salesforce.batches import pieces
from crm_loop_salesforce.transport import Api

_ASSIGNMENT = "PermissionSetAssignment"
_AT_ONCE = 200


class Role(StrEnum):
    """A permission set of the package, by whom it is for."""

    ACTIVITY = "CrmLoop_Activity"
    INTEGRATION = "CrmLoop_Integration"
    REP = "CrmLoop_Rep"
    MANAGER = "CrmLoop_Manager"


@dataclass(frozen=True, slots=True)
class Given:
    """Permission sets that were given now, those that people had, and who is not in this org."""

    new: int = 0
    had: int = 0
    unknown: Sequence[str] = ()


def give(api: Api, wanted: Mapping[Role, Sequence[str]], *, listed: Iterable[str] = ()) -> Given:
    """Assign each role to its users, named by user name or e-mail; giving twice is harmless.

    Raises NeedsAttention, before anything is given, when a name fits no active user or several;
    those of a list, which may hold people of other systems, are told in the answer instead.
    """
    named = sorted({name for names in wanted.values() for name in names})
    if not named:
        return Given()
    users = _users(api, named)
    unknown = [name for name in named if name.lower() not in users]
    _check_known(set(unknown) - set(listed))
    sets = _sets(api, wanted)
    pairs = {
        (users[name.lower()], sets[role.value])
        for role, names in wanted.items()
        for name in names
        if name not in unknown
    }
    held = {(user, permission) for _, user, permission in _assignments(api, sets.values())}
    rows = [
        {
            "attributes": {"type": _ASSIGNMENT},
            "AssigneeId": user,
            "PermissionSetId": permission,
        }
        for user, permission in sorted(pairs - held)
    ]
    for part in pieces(rows, _AT_ONCE):
        body = {"allOrNone": True, "records": list(part)}
        _accepted(api.once("POST", "composite/sobjects", writing=True, json=body))
    return Given(new=len(rows), had=len(pairs & held), unknown=unknown)


def take_away(api: Api) -> int:
    """End every assignment of the package's permission sets; how many there were."""
    sets = _found_sets(api, Role)
    rows = _assignments(api, sets.values()) if sets else []
    for part in pieces([assignment for assignment, _, _ in rows], _AT_ONCE):
        params = {"ids": ",".join(part), "allOrNone": "true"}
        _accepted(api.once("DELETE", "composite/sobjects", writing=True, params=params))
    return len(rows)


def installed(api: Api) -> frozenset[Role]:
    """The package's permission sets that this org has."""
    return frozenset(map(Role, _found_sets(api, Role)))


def held_by(api: Api, user_id: str) -> set[str]:
    """The names of the package's permission sets that a user has."""
    sets = {id_: name for name, id_ in _found_sets(api, Role).items()}
    rows = _assignments(api, sets) if sets else []
    return {sets[permission] for _, user, permission in rows if user[:15] == user_id[:15]}


def _users(api: Api, named: Sequence[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for part in pieces(named, _AT_ONCE):
        texts = ", ".join(map(soql.text, part))
        query = soql.select(
            ["Id", "Username", "Email"],
            "User",
            where=f"IsActive = true AND (Username IN ({texts}) OR Email IN ({texts}))",
        )
        for row in api.rows("query", query):
            for name in {str(row["Username"]).lower(), str(row["Email"]).lower()}:
                found.setdefault(name, []).append(str(row["Id"]))
    return {name: ids[0] for name, ids in found.items() if len(ids) == 1}


def _check_known(unknown: Iterable[str]) -> None:
    wrong = sorted(unknown)
    if wrong:
        raise NeedsAttention(
            f"No single active user is called {', '.join(wrong)}.",
            code="salesforce.no_such_user",
            kept="No permission set was given to anybody.",
            do="Name people by the user name they sign in to Salesforce with.",
        )


def _sets(api: Api, wanted: Iterable[Role]) -> dict[str, str]:
    names = list(wanted)
    found = _found_sets(api, names)
    missing = sorted({role.value for role in names} - found.keys())
    if missing:
        raise NeedsAttention(
            f"This org has no permission set {', '.join(missing)}.",
            code="salesforce.no_permission_set",
            do="Install the package first: crm-loop salesforce install.",
        )
    return found


def _found_sets(api: Api, roles: Iterable[Role]) -> dict[str, str]:
    names = ", ".join(soql.text(role.value) for role in roles)
    query = soql.select(["Id", "Name"], "PermissionSet", where=f"Name IN ({names})")
    return {str(row["Name"]): str(row["Id"]) for row in api.rows("query", query)}


def _assignments(api: Api, sets: Iterable[str]) -> list[tuple[str, str, str]]:
    """Id, user and permission set of each assignment."""
    ids = ", ".join(map(soql.text, sets))
    query = soql.select(
        ["Id", "AssigneeId", "PermissionSetId"], _ASSIGNMENT, where=f"PermissionSetId IN ({ids})"
    )
    rows = api.rows("query", query)
    return [(str(r["Id"]), str(r["AssigneeId"]), str(r["PermissionSetId"])) for r in rows]


def _accepted(answer: object) -> None:
    rows = answer if isinstance(answer, list) else []
    for row in rows:
        if isinstance(row, Mapping) and not row.get("success"):
            told = (row.get("errors") or [{}])[0]
            raise NeedsAttention(
                f"Salesforce did not change a permission set assignment: {told.get('message')}.",
                code="salesforce.assignment_refused",
                kept="The package stays as it is.",
                do="Check that the user's licence allows it, then run the command again.",
            )
