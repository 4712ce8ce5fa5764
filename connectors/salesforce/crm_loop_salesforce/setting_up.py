"""What the commands of `crm-loop salesforce` do, told in sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crm_loop.connector.commands import Line, Report, kept, line, passing
from crm_loop.connector.contract import Account, Ports, Token
from crm_loop.errors import NeedsAttention, WrongUsage
from crm_loop.outbound import check_url
from crm_loop_salesforce import hosts
from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.package import installer
from crm_loop_salesforce.package.keys import make_pair
from crm_loop_salesforce.package.look import Level, Seen, look
from crm_loop_salesforce.package.people import Listed, read_people
from crm_loop_salesforce.package.permissions import Role, held_by, installed
from crm_loop_salesforce.package.sources import Unit
from crm_loop_salesforce.translate import names
from crm_loop_salesforce.transport import Api

_LABELS = {
    Role.ACTIVITY: "1on1 Notes Activity",
    Role.INTEGRATION: "1on1 Notes Integration",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an administrator asked to install, and for whom."""

    level: int = 2
    japanese: bool = False
    analytics: bool = False
    certificate: Path | None = None
    contact: str = ""
    integration: tuple[str, ...] = ()
    reps: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
    people: Path | None = None

    @property
    def units(self) -> list[Unit]:
        if self.level == Level.KEYS:
            return [Unit.ACTIVITY]
        chosen = {
            Unit.CORE: True,
            Unit.JA: self.japanese,
            Unit.ANALYTICS: self.analytics,
            Unit.SIGN_IN: self.certificate is not None,
        }
        return [unit for unit, wanted in chosen.items() if wanted]

    def roles(self, listed: Listed) -> dict[Role, tuple[str, ...]]:
        if self.level == Level.KEYS:
            found = {Role.ACTIVITY: self.integration}
        else:
            found = {
                Role.INTEGRATION: self.integration,
                Role.REP: (*self.reps, *listed.reps),
                Role.MANAGER: (*self.managers, *listed.managers),
            }
        return {role: people for role, people in found.items() if people}

    def fill(self) -> dict[str, str]:
        """What the sign-in templates need; WrongUsage when it is not all there."""
        if self.certificate is None:
            return {}
        try:
            text = self.certificate.read_text("ascii")
        except (OSError, ValueError):
            text = ""
        if "-----BEGIN CERTIFICATE-----" not in text or "PRIVATE" in text or not self.contact:
            raise WrongUsage(
                "The sign-in app needs a certificate and a contact address.",
                code="usage.sign_in",
                kept="Nothing was installed.",
                do="Give --certificate crm_loop.crt (from keygen) and --contact you@example.com.",
            )
        return {"certificate": text.strip(), "contact_email": self.contact}


def install(
    wanted: Wanted, url: str, admin: Path, *, check_only: bool, save: Path | None = None
) -> Report:
    """Raises Refused when the first unit does not go in; the org is as before then.

    With `save` the zip of each unit is written, the first one there and the others beside it, for
    those who deploy with a tool of their own, and nothing is sent.
    """
    if save is not None:
        return _saved(wanted, save)
    fill = wanted.fill()
    listed = read_people(wanted.people)
    roles = wanted.roles(listed)
    found = installer.install(
        _admin_api(url, admin),
        wanted.units,
        check_only=check_only,
        fill=fill,
        roles=roles,
        listed=(*listed.reps, *listed.managers),
    )
    code = "would_install" if check_only else "installed"
    lines = [line(code, unit=_named(unit), components=n) for unit, n in found.units.items()]
    for unit, failures in found.refused.items():
        told = "; ".join(f"{one.component}: {one.problem}" for one in failures[:3])
        lines.append(line("unit_refused", unit=_named(unit), problem=told))
    if not check_only:
        if roles:
            lines.append(line("given", new=found.given.new, had=found.given.had))
        if found.given.unknown:
            lines.append(line("unknown", names=", ".join(found.given.unknown)))
        if Unit.CORE in found.units:
            lines.append(line("by_hand"))
        lines.append(line("next_check"))
    data = {"units": found.units, "refused": sorted(found.refused), "checked_only": check_only}
    return Report(lines, data, in_part=bool(found.refused))


def _saved(wanted: Wanted, file: Path) -> Report:
    """One zip a unit, as they are deployed: what an org does not take of one keeps none out."""
    fill = wanted.fill()
    first, *more = wanted.units
    saved = {first: file, **{unit: file.with_stem(f"{file.stem}-{unit.value}") for unit in more}}
    for unit, place in saved.items():
        place.write_bytes(installer.built(unit, fill=fill).zipped())
    lines = [line("saved", unit=_named(unit), file=place) for unit, place in saved.items()]
    data = {"file": file, "unit": first, "files": {unit.value: at for unit, at in saved.items()}}
    return Report([*lines, line("nothing_sent")], data)


def check(organisation: str, connection: str) -> Report:
    with kept(organisation, connection, "salesforce") as (account, ports):
        api = Api(account, ports)
        org = Org(api)
        seen = look(org)
        role = _wanted_role(api, seen.level)
        has_set = role is not None and role.value in held_by(api, api.user_id)
        deals = bool(org.description(names.OPPORTUNITY).get("updateable"))
        lines = [line("signed_in", name=org.organization["Name"], user=_user_name(api))]
        lines += _told(seen, role, has_set=has_set)
        if deals:
            lines.append(line("may_change_deals"))
    wrong = seen.level is Level.ALL and bool(seen.absent or seen.fixed or seen.plain_keys)
    data = {
        "level": seen.level.value,
        "absent": seen.absent,
        "fixed": seen.fixed,
        "plain_keys": seen.plain_keys,
        "permission_set": has_set,
    }
    return Report(lines, data, in_part=wrong or (role is not None and not has_set))


def _named(unit: Unit) -> Line:
    return line(f"unit_{unit.value}")


def _wanted_role(api: Api, level: Level) -> Role | None:
    """The permission set that our user should have; None where none is installed."""
    if level is Level.KEYS:
        return Role.ACTIVITY
    there = installed(api)
    return next((role for role in (Role.INTEGRATION, Role.ACTIVITY) if role in there), None)


def _told(seen: Seen, role: Role | None, *, has_set: bool) -> Iterator[Line]:
    yield line(f"level_{seen.level.value}")
    if seen.absent and seen.level is not Level.NOTHING:
        yield line("absent", names=", ".join(seen.absent))
    if seen.fixed:
        yield line("fixed", names=", ".join(seen.fixed))
    if seen.plain_keys:
        yield line("plain_keys", names=", ".join(seen.plain_keys))
    if role is not None:
        code = "has_set" if has_set else "lacks_set"
        yield line(code, permission=role.value, label=_LABELS[role])


def uninstall(url: str, admin: Path, *, check_only: bool) -> Report:
    found = installer.uninstall(_admin_api(url, admin), check_only=check_only)
    lines = list(_left(found))
    if check_only:
        lines.insert(0, line("would_remove", names=_whole(found.remains)))
    else:
        counted = {"components": found.components, "assignments": found.assignments}
        lines.insert(0, line("removed", **counted))
        lines.append(line("remains", names=", ".join(found.remains)) if found.remains
                     else line("clean"))  # fmt: skip
        lines.append(line("by_hand_sign_in"))
    data: dict[str, Any] = {**asdict(found), "checked_only": check_only}
    return Report(lines, data, in_part=bool(found.remains) and not check_only)


def _whole(remains: Sequence[str]) -> str:
    """Objects by their names alone; fields of ours on objects of the platform one by one."""
    return ", ".join(one for one in remains if "__c." not in one) or "–"


def _left(found: installer.Removed) -> Iterator[Line]:
    if found.tasks is None:
        yield line("tasks_unseen")
    elif not found.tasks:
        yield line("tasks_none")
    else:
        yield line("tasks_left", count=found.tasks)
        for task in found.listed:
            yield line("task", subject=task.subject, url=task.url)


def keygen(folder: Path, days: int) -> Report:
    key, certificate = make_pair(folder, now=datetime.now(UTC), life=timedelta(days=days))
    told = {"key": key, "certificate": certificate, "days": days}
    return Report([line("pair", **told)], told)


def _admin_api(url: str, admin: Path) -> Api:
    """An administrator's session for this one command.

    The file holds what any connection takes, or an `access_token` that a tool of the admin's
    has got; that one works at the given address and nowhere else.
    """
    if not url:
        raise WrongUsage(
            "Which org is meant was not said.",
            code="usage.url",
            kept="Nothing was done.",
            do="Give its address with --url https://….my.salesforce.com.",
        )
    account, ports = passing("salesforce", url, admin)
    token = account.credentials.get("access_token")
    return Api(account, ports if token is None else _with_token(account, ports, token))


def _with_token(account: Account, ports: Ports, token: str) -> Ports:
    loopback = bool(account.settings.get("allow_loopback"))
    instance = check_url(account.url, hosts.LOGIN, allow_loopback=loopback, example=hosts.EXAMPLE)
    given = Token(value=token, facts={"instance_url": instance})
    return Ports(gate=ports.gate, vault=_Given(given), notebook=ports.notebook, clock=ports.clock)


@dataclass(frozen=True, slots=True)
class _Given:
    """A vault with one token, which nothing can renew."""

    kept: Token

    def token(self, _refresh: object, *, refused: str | None = None) -> Token:
        if refused is not None:
            raise NeedsAttention(
                "Salesforce turned the administrator's token down.",
                code="connection.token_refused",
                kept="Nothing was done.",
                do="Sign in anew, put the new token into the file, and run the command again.",
            )
        return self.kept


def _user_name(api: Api) -> str:
    found = api.get(f"sobjects/User/{api.user_id}", params={"fields": "Username"})
    return str(found.get("Username") or api.user_id)
