"""What the commands of `crm-loop hubspot` do in a portal, told in sentences."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crm_loop.connector.commands import Line, Report, kept, line
from crm_loop.connector.contract import Account, Capabilities
from crm_loop.errors import WrongUsage
from crm_loop_hubspot.listing import pages, results
from crm_loop_hubspot.paths import API_VERSION, Paths
from crm_loop_hubspot.portal import Portal, capabilities_of, key_place, portal_of
from crm_loop_hubspot.provision import key_group, lacking, provision
from crm_loop_hubspot.translate import tasks
from crm_loop_hubspot.translate.kinds import KEY, PAYLOAD, TASKS
from crm_loop_hubspot.transport import Api

#: In a wheel the project lies inside the package, in a working copy beside it.
_PROJECTS = (Path(__file__).parent / "project", Path(__file__).parents[1] / "app")
#: Tasks of ours that are named one by one when we go.
LISTED = 20
_GROUP = tasks.KEY_GROUP["name"]
_GROUP_NAME = f"property group {_GROUP}"
_NAMES = (_GROUP_NAME, *(f"property {name}" for name in (KEY, PAYLOAD)))
_THINGS = dict(zip(_NAMES, ("thing_group", "thing_key", "thing_payload"), strict=True))
_SCOPE = "connection.missing_scope"


@dataclass(frozen=True, slots=True)
class _Door:
    """A portal, opened for one command."""

    api: Api
    account: Account
    portal: Portal


def install(organisation: str, connection: str, *, check_only: bool) -> Report:
    """Make the group and our properties, as far as the portal lets us."""
    with _opened(organisation, connection) as door:
        made = _would_make(door) if check_only else provision(door.api, door.account)
        place = key_place(door.api)
    lines = [_listed("would_make" if check_only else "made", "made_nothing", made)]
    if not check_only:
        lines += [line(f"key_{place.value}"), line("next_check")]
    return Report(lines, {"made": made, "key": place.value, "checked_only": check_only})


def check(organisation: str, connection: str) -> Report:
    """What this portal lets us do, and what is in its way."""
    with _opened(organisation, connection) as door:
        place = key_place(door.api)
        able = capabilities_of(door.api, door.account, door.portal, place)
        expected = lacking(door.api, door.account)
    hidden = sorted(name for name, reason in able.missing.items() if reason == _SCOPE)
    lines = [line("signed_in", portal=door.portal.id), line(f"key_{place.value}")]
    if hidden:
        lines.append(line("not_granted", names=[line(f"subject_{name}") for name in hidden]))
    lines.append(line(_who_sees_tasks(able)))
    if PAYLOAD in expected:
        lines.append(line("payload_missing"))
    data = {
        "portal": door.portal.id,
        "key": place.value,
        "not_granted": hidden,
        "private_tasks": able.private_tasks,
    }
    return Report(lines, data, in_part=bool(expected))


def _who_sees_tasks(able: Capabilities) -> str:
    if able.privacy_asked:
        return "tasks_asked"
    return "tasks_private" if able.private_tasks else "tasks_open"


def uninstall(organisation: str, connection: str, *, check_only: bool) -> Report:
    """Take out what `install` made; tasks stay with their owners and are named."""
    with _opened(organisation, connection) as door:
        left = _tasks(door.api)
        there = [name for name in _NAMES if _is_there(door.api, name)]
        foreign = _foreign(door.api)
        if foreign:
            there = [name for name in there if name != _GROUP_NAME]
        if not check_only:
            _remove(door.api, there)
        found = _listed("would_remove" if check_only else "removed", "removed_nothing", there)
        lines = [found, *_left(left, door)]
    if foreign:
        lines.append(line("group_kept", name=_GROUP, names=", ".join(foreign)))
    if not check_only:
        lines.append(line("uninstall_app"))
    listed = [{"id": id_, "subject": subject} for id_, subject in left]
    data = {"removed": there, "tasks": len(left), "listed": listed[:LISTED],
            "checked_only": check_only}  # fmt: skip
    return Report(lines, data)


def project(folder: Path, contact: str = "") -> Report:
    """Copy the project of card and page; WrongUsage where something stands there already.

    `contact` is the address that HubSpot shows beside the app.
    """
    if folder.exists():
        raise WrongUsage(
            f"{folder} is there already.",
            code="usage.project",
            kept="It was left as it is.",
            do="Name a folder that is not there yet.",
        )
    home = next(place for place in _PROJECTS if (place / "hsproject.json").exists())
    shutil.copytree(home / "src", folder / "src")
    shutil.copy(home / "hsproject.json", folder)
    if contact:
        app = folder / "src" / "app" / "app-hsmeta.json"
        told = json.loads(app.read_bytes())
        told["config"]["support"]["supportEmail"] = contact
        app.write_text(f"{json.dumps(told, indent=2, ensure_ascii=False)}\n", "utf-8")
    return Report([line("project", folder=folder)], {"folder": folder})


@contextmanager
def _opened(organisation: str, connection: str) -> Iterator[_Door]:
    with kept(organisation, connection, "hubspot") as (account, ports):
        version = str(account.settings.get("api_version") or API_VERSION)
        api = Api(account, ports, paths=Paths(version))
        yield _Door(api, account, portal_of(api, account))


def _listed(some: str, none: str, names: list[str]) -> Line:
    return line(some, names=[line(_THINGS[name]) for name in names]) if names else line(none)


def _would_make(door: _Door) -> list[str]:
    wanted = [f"property {name}" for name in lacking(door.api, door.account)]
    if wanted and not key_group(door.api):
        return [_GROUP_NAME, *wanted]
    return wanted


def _is_there(api: Api, name: str) -> bool:
    if name == _GROUP_NAME:
        return key_group(api)
    return name in {f"property {one}" for one in _properties(api)}


def _properties(api: Api) -> dict[str, str]:
    """The group of each property of tasks."""
    rows = results(api.get(api.paths.properties(TASKS.name)))
    return {str(row["name"]): str(row.get("groupName")) for row in rows}


def _foreign(api: Api) -> list[str]:
    """Properties that others put into our group."""
    ours = (KEY, PAYLOAD)
    return sorted(n for n, group in _properties(api).items() if group == _GROUP and n not in ours)


def _remove(api: Api, names: list[str]) -> None:
    """Properties first: a group goes only when it is empty."""
    for name in (KEY, PAYLOAD):
        if f"property {name}" in names:
            api.write("DELETE", api.paths.properties(TASKS.name, name))
    if _GROUP_NAME in names:
        api.write("DELETE", api.paths.properties(TASKS.name, "groups", _GROUP))


def _tasks(api: Api) -> list[tuple[str, str]]:
    """Id and subject of living tasks that carry a key of ours, in the order of their ids.

    Read by list: a search shows a write of this minute too late, and cannot look for a last line.
    """
    names = f"hs_task_subject,hs_task_body,{KEY}"
    found = []
    for rows, _ in pages(api, api.paths.objects(TASKS.name), [("properties", names)], None):
        for row in rows:
            props = row.get("properties") or {}
            if tasks.key_of(props):
                found.append((str(row["id"]), str(props.get("hs_task_subject") or "")))
    return sorted(found)


def _left(left: list[tuple[str, str]], door: _Door) -> Iterator[Line]:
    if not left:
        yield line("tasks_none")
        return
    yield line("tasks_left", count=len(left))
    for id_, subject in left[:LISTED]:
        url = f"https://{door.portal.domain}/contacts/{door.portal.id}/record/0-27/{id_}"
        yield line("task", subject=subject, url=url)
