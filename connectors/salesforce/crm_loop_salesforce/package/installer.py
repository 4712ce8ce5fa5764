"""Install and take out: deploys in an order in which each step can stand alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import sleep as real_sleep
from xml.sax.saxutils import escape

from crm_loop_salesforce import soql
from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.package.archive import Archive, archive, removal
from crm_loop_salesforce.package.deploy import Failure, deploy, refused
from crm_loop_salesforce.package.look import remains
from crm_loop_salesforce.package.permissions import Given, Role, give, take_away
from crm_loop_salesforce.package.sources import Unit, files
from crm_loop_salesforce.translate import names
from crm_loop_salesforce.transport import Api

Sleep = Callable[[float], None]

#: What has to be in an org before the others can be.
_FIRST = (Unit.ACTIVITY, Unit.CORE)
#: What is taken out, in this order: whoever shows or uses something goes before it.
_REMOVED: tuple[tuple[str, ...], ...] = (
    ("Dashboard", "Report", "ReportType", "CustomApplication"),
    ("ExtlClntAppConfigurablePolicies", "ExtlClntAppOauthConfigurablePolicies"),
    ("ExtlClntAppGlobalOauthSettings", "ExtlClntAppOauthSettings"),
    ("FlexiPage", "ExternalClientApplication"),
    ("LightningComponentBundle", "CustomTab", "PermissionSet"),
    ("CustomLabel", "CustomField", "CustomObject"),
)
#: Tasks of ours that are named one by one when the package goes.
LISTED = 20


@dataclass(frozen=True, slots=True)
class Installed:
    """Units that are in now (or would be), and what was refused of the others."""

    units: Mapping[Unit, int] = field(default_factory=dict)
    refused: Mapping[Unit, Sequence[Failure]] = field(default_factory=dict)
    given: Given = field(default_factory=Given)


@dataclass(frozen=True, slots=True)
class Left:
    """A task of ours that stays with its owner as an ordinary task."""

    id: str
    subject: str
    url: str


@dataclass(frozen=True, slots=True)
class Removed:
    """`tasks` counts all that stay (None: cannot be seen), `listed` are the first of them.

    `remains` are objects and fields that are still there: it should be empty.
    """

    assignments: int
    components: int
    tasks: int | None
    listed: Sequence[Left]
    remains: Sequence[str]


def built(*units: Unit, fill: Mapping[str, str] | None = None) -> Archive:
    """The archive of some units; `fill` replaces `{{name}}` in the sign-in templates."""
    found = (file for unit in units for file in files(unit))
    if not fill:
        return archive(found)
    return archive((name, _filled(content, fill)) for name, content in found)


def _filled(content: bytes, fill: Mapping[str, str]) -> bytes:
    text = content.decode("utf-8")
    for name, value in fill.items():
        text = text.replace(f"{{{{{name}}}}}", escape(value))
    return text.encode("utf-8")


def install(
    api: Api,
    units: Sequence[Unit],
    *,
    check_only: bool = False,
    fill: Mapping[str, str] | None = None,
    roles: Mapping[Role, Sequence[str]] | None = None,
    listed: Sequence[str] = (),
    sleep: Sleep = real_sleep,
) -> Installed:
    """Deploy the units, then give the permission sets; `listed` may be people of other systems.

    Raises Refused when the first one does not go in; what else is refused is told in the answer.
    """
    done: dict[Unit, int] = {}
    not_taken: dict[Unit, Sequence[Failure]] = {}
    for unit in units:
        # Where nothing stays, what a unit stands on has to come along.
        with_it = () if unit in _FIRST or not check_only else (Unit.CORE,)
        package = built(*with_it, unit, fill=fill).zipped()
        found = deploy(api, package, check_only=check_only, sleep=sleep)
        if found.success:
            done[unit] = found.components
        elif unit in _FIRST:
            raise refused(found)
        else:
            not_taken[unit] = found.failures
    given = Given() if check_only else give(api, roles or {}, listed=listed)
    return Installed(done, not_taken, given)


def uninstall(api: Api, *, check_only: bool = False, sleep: Sleep = real_sleep) -> Removed:
    """Take everything of the package out; records of its objects go with them.

    Tasks stay with their owners: they are counted, and the first ones named.
    """
    tasks, listed = _tasks(api)
    if check_only:
        return Removed(0, 0, tasks, listed, remains(Org(api)))
    assignments = take_away(api)
    members = _every_member()
    components = 0
    for step in _REMOVED:
        wanted = {type_: members[type_] for type_ in step if type_ in members}
        found = deploy(api, removal(wanted), check_only=False, sleep=sleep)
        if not found.success:
            raise refused(found)
        components += found.components - len(found.missing)
    return Removed(assignments, components, tasks, listed, remains(Org(api)))


def _every_member() -> dict[str, Sequence[str]]:
    found: dict[str, set[str]] = {}
    for unit in (Unit.CORE, Unit.ANALYTICS, Unit.SIGN_IN):
        for type_, members in built(unit).members.items():
            found.setdefault(type_, set()).update(members)
    fields = found.get("CustomField", set())
    # Fields of our own objects go with their objects.
    found["CustomField"] = {name for name in fields if name.startswith("Activity.")}
    return {type_: sorted(members) for type_, members in found.items()}


def _tasks(api: Api) -> tuple[int | None, list[Left]]:
    """Living tasks that carry a key of ours; None where this user does not see the key."""
    if names.KEY_FIELD not in Org(api).fields(names.TASK):
        return None, []
    query = soql.select(
        ["Id", "Subject"], names.TASK, where=f"{names.KEY_FIELD} != null", order="Id"
    )
    rows = list(api.rows("query", query))
    listed = [
        Left(
            str(row["Id"]),
            str(row.get("Subject") or ""),
            f"{api.instance_url}/lightning/r/Task/{row['Id']}/view",
        )
        for row in rows[:LISTED]
    ]
    return len(rows), listed
