"""What the sandbox's journal says after the storm; nothing of ours is asked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rig.control import SUBJECT
from rig.workload import Wish

Entry = Mapping[str, Any]


def judge(entries: Sequence[Entry], wishes: Sequence[Wish]) -> dict[str, int]:
    """Duplicates, losses, stale texts, unplanned writes, overwritten human edits."""
    own: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry["key"]:
            own[entry["key"]].append(entry)
    planned = {wish.key for wish in wishes}
    by_us = [entry for entry in entries if entry["key"] and entry["actor"] == "api"]
    control = {entry["key"] for entry in by_us if _subject(entry).startswith(SUBJECT)}
    unplanned = [one for one in by_us if one["key"] not in planned | control]
    creates = {wish.key: _count(own[wish.key], "create", "api") for wish in wishes}
    return {
        "planned": len(planned),
        "confirmed": sum(count >= 1 for count in creates.values()),
        "duplicates": sum(max(0, count - 1) for count in creates.values()),
        "lost": sum(count == 0 for count in creates.values()),
        "stale": sum(_is_stale(own[wish.key], wish) for wish in wishes),
        "unplanned_writes": len(unplanned),
        "human_edits": sum(_count(own[wish.key], "update", "people") for wish in wishes),
        "human_edits_overwritten": sum(_overwrites(own[wish.key]) for wish in wishes),
    }


def control_duplicates(entries: Iterable[Entry]) -> int:
    made = Counter(
        subject
        for entry in entries
        if entry["op"] == "create" and (subject := _subject(entry)).startswith(SUBJECT)
    )
    return sum(count - 1 for count in made.values())


def _count(entries: Iterable[Entry], op: str, actor: str) -> int:
    return sum(entry["op"] == op and entry["actor"] == actor for entry in entries)


def _is_stale(entries: Sequence[Entry], wish: Wish) -> bool:
    """The last text is ours and not the one that was wanted last."""
    texts = [(one["actor"], _body(one)) for one in entries if _body(one) is not None]
    if not texts or any(actor == "people" for actor, _ in texts):
        return False
    return f"revision {wish.revision}" not in str(texts[-1][1])


def _overwrites(entries: Sequence[Entry]) -> int:
    """Updates of ours that took the place of a text which a person had written."""
    found, by_person = 0, False
    for entry in entries:
        if entry["op"] != "update" or _body(entry) is None:
            continue
        if entry["actor"] == "people":
            by_person = True
        elif by_person:
            found, by_person = found + 1, False
    return found


def _body(entry: Entry) -> str | None:
    fields = entry["fields"] or {}
    return next((fields[name] for name in ("Description", "hs_task_body") if name in fields), None)


def _subject(entry: Entry) -> str:
    fields = entry["fields"] or {}
    return str(fields.get("Subject") or fields.get("hs_task_subject") or "")
