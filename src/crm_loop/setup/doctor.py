"""Look at a connection the way an admin would want it looked at; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crm_loop.connector.contract import Capabilities
from crm_loop.loop_records import Finding, Insight, Level, Member, Role
from crm_loop.records import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the doctor looks at for one connection.

    `unmapped` are labels of stages nobody has mapped; `skew_seconds` is the CRM's clock
    against ours where that means anything (None on a simulated clock). `open_above`: whether
    people above a manager can open our objects, None where nobody can tell yet.
    """

    connection: str
    capabilities: Capabilities
    unmapped: Sequence[str] = ()
    skew_seconds: float | None = None
    writing: bool = True
    open_above: bool | None = None


#: So many people are named in one finding.
NAMED = 10
#: A CRM clock further off than this spoils windows of incremental reading.
MAX_SKEW_SECONDS = 60


def examine(seen: Seen) -> list[Finding]:
    """Findings about one connection, most pressing first."""
    found = [*_access(seen), *_keys(seen), *_installed(seen), *_data(seen)]
    order = [Level.BLOCKED, Level.ATTENTION, Level.NOTE, Level.OK]
    return sorted(found, key=lambda one: (order.index(one.level), one.code))


def examine_people(members: Iterable[Member]) -> list[Finding]:
    """Findings about who belongs to whom."""
    active = [member for member in members if member.active]
    reps = [m for m in active if m.manager and m.role is not Role.MANAGER]
    if not reps:
        return [Finding(code="people.no_pairs", level=Level.BLOCKED)]
    leading = {member.manager for member in active}
    alone = [m for m in active if not m.manager and m.person not in leading]
    found = [Finding(code="people.pairs", level=Level.OK, facts={"reps": str(len(reps))})]
    if alone:
        facts = {"count": str(len(alone)), "names": _some(m.name for m in alone)}
        found.append(Finding(code="people.no_manager", level=Level.NOTE, facts=facts))
    return found


def _some(names: Iterable[str]) -> str:
    """The first few, and a sign that there are more."""
    shown = sorted(names)
    return ", ".join([*shown[:NAMED], *(["…"] if len(shown) > NAMED else [])])


def examine_key(provider: str) -> Finding:
    """Where the key comes from that seals credentials, as a finding."""
    known = provider in ("file", "environment", "command")
    code = f"keys.{provider}" if known else "keys.installed"
    return Finding(code=code, level=Level.OK, facts={"provider": provider})


def examine_settings(misspelt: Sequence[str]) -> list[Finding]:
    """Names that look like settings and change nothing, as one finding; empty without any."""
    names = ", ".join(misspelt)
    found = Finding(code="settings.unknown", level=Level.NOTE, facts={"names": names})
    return [found] if misspelt else []


def examine_work(
    missed: Sequence[datetime], parked: int, time_zone: str, *, held_back: int = 0
) -> list[Finding]:
    """Findings about slots that nobody was there to fire, jobs that were set aside, full weeks."""
    found = []
    if missed:
        moments = [moment.astimezone(ZoneInfo(time_zone)) for moment in missed]
        facts = {
            "count": str(len(missed)),
            "first": f"{min(moments):%Y-%m-%d %H:%M}",
            "last": f"{max(moments):%Y-%m-%d %H:%M}",
        }
        found.append(Finding(code="schedule.missed", level=Level.NOTE, facts=facts))
    if parked:
        facts = {"count": str(parked)}
        found.append(Finding(code="jobs.parked", level=Level.ATTENTION, facts=facts))
    if held_back:
        facts = {"count": str(held_back)}
        found.append(Finding(code="writes.week_full", level=Level.ATTENTION, facts=facts))
    return found


def examine_data(insights: Iterable[Insight]) -> list[Finding]:
    """Whether the records bear judging by; a matter of the data, told to nobody but an admin."""
    return [
        Finding(code="data.little_trust", level=Level.ATTENTION, facts={"trust": f"{trust:.0f}"})
        for one in insights
        if one.rule == "missing_data" and not one.facts.get("enough", True)
        for trust in (float(one.facts.get("trust") or 0.0),)
    ]


def _access(seen: Seen) -> Iterable[Finding]:
    facts = {"account": seen.capabilities.account_name, "id": seen.capabilities.account_id}
    yield _finding(seen, "connection.signed_in", Level.OK, facts)
    if seen.skew_seconds is not None and abs(seen.skew_seconds) > MAX_SKEW_SECONDS:
        facts = {"seconds": f"{seen.skew_seconds:.0f}"}
        yield _finding(seen, "connection.clock_skew", Level.ATTENTION, facts)
    if not seen.writing:
        yield _finding(seen, "connection.read_only", Level.NOTE)


def _keys(seen: Seen) -> Iterable[Finding]:
    capabilities = seen.capabilities
    if capabilities.unique_key:
        yield _finding(seen, "writes.unique_key", Level.OK)
    else:
        code = "writes.plain_key" if capabilities.key_field else "writes.marker"
        yield _finding(seen, code, Level.NOTE)
    if capabilities.privacy_asked:
        facts = {"connection": seen.connection}
        yield _finding(seen, "writes.who_sees_tasks", Level.ATTENTION, facts)
    elif not capabilities.private_tasks:
        yield _finding(seen, "writes.open_portal", Level.NOTE)
    if not capabilities.can_delete:
        yield _finding(seen, "writes.no_delete", Level.NOTE)


def _installed(seen: Seen) -> Iterable[Finding]:
    """How much of ours the account has, what the next level lacks, and who can open it."""
    capabilities = seen.capabilities
    if capabilities.level is None:
        return
    level = Level.OK if capabilities.own_objects else Level.NOTE
    facts = {"lacking": ", ".join(capabilities.lacking)}
    yield _finding(seen, f"writes.level_{capabilities.level}", level, facts)
    if not capabilities.own_objects:
        return
    if seen.open_above:
        yield _finding(seen, "writes.above_open", Level.ATTENTION)
    elif capabilities.own_private or seen.open_above is False:
        yield _finding(seen, "writes.above_closed", Level.OK)
    else:
        yield _finding(seen, "writes.above_ask", Level.ATTENTION)


def _data(seen: Seen) -> Iterable[Finding]:
    for subject in sorted(set(Subject) - seen.capabilities.subjects):
        level = Level.BLOCKED if subject in _NEEDED else Level.NOTE
        reason = seen.capabilities.missing.get(subject.value, "unavailable")
        facts = {"subject": subject.value, "reason": reason}
        yield _finding(seen, f"data.no_{subject.value}", level, facts)
    if seen.capabilities.hidden:
        facts = {"fields": ", ".join(seen.capabilities.hidden)}
        yield _finding(seen, "data.hidden", Level.NOTE, facts)
    if not seen.capabilities.managers:
        yield _finding(seen, "people.managers_from_file", Level.NOTE)
    if seen.unmapped:
        facts = {"stages": ", ".join(seen.unmapped)}
        yield _finding(seen, "map.unmapped_stages", Level.ATTENTION, facts)


_NEEDED = frozenset({Subject.PEOPLE, Subject.STAGES, Subject.DEALS, Subject.TASKS})


def _finding(seen: Seen, code: str, level: Level, facts: dict[str, str] | None = None) -> Finding:
    return Finding(code=code, level=level, connection=seen.connection, facts=facts or {})
