"""What staff and admins are told, from what is set now: what is written, who reads it, how long."""

from collections.abc import Sequence
from datetime import timedelta

from crm_loop.connector.disclosure import disclosed
from crm_loop.console.texts import texts
from crm_loop.cycle.alerting import QUIET
from crm_loop.loop_records import WriteKind
from crm_loop.setup.approval import Account, memo_readers
from crm_loop.store.connections import ConnectionRow
from crm_loop.store.retention import RECORDS, TALKS

#: Days of a month, on the average.
_MONTH = 30.44


def notice_text(language: str, rows: Sequence[ConnectionRow], contact: str) -> str:
    """The notice in one language; who reads memos is said for every account."""
    months = {name: str(number) for name, number in months_kept().items()}
    readers = "".join(_readers(language, rows))
    return texts(language).say("notice.text", contact=contact, readers=readers, **months)


def _readers(language: str, rows: Sequence[ConnectionRow]) -> list[str]:
    """One sentence if it is the same everywhere, else one for each account."""
    say = texts(language).say
    found = {row.name: memo_readers(row) for row in rows}
    if len(set(found.values())) == 1:
        return [say(f"notice.{code}", where="") for code in sorted(set(found.values()))]
    return [
        say(f"notice.{code}", where=say("notice.where", name=name)) for name, code in found.items()
    ]


def months_kept() -> dict[str, int]:
    """For how many months records of the CRM and what was said in talks are kept."""
    spans: dict[str, timedelta] = {"records": RECORDS, "talks": TALKS}
    return {name: round(span.days / _MONTH) for name, span in spans.items()}


def tasks_written(profile: str) -> list[WriteKind]:
    """The kinds of tasks that are written into a CRM while this profile is on."""
    return [kind for kind in WriteKind if kind is not WriteKind.ALERT or profile != QUIET]


def objects_written(rows: Sequence[ConnectionRow], language: str) -> list[tuple[str, str, str]]:
    """What is written beside tasks: account, its name in the CRM, what it is.

    These are objects and fields that were installed for us, at the level that an account has.
    """
    accounts = [Account(row=row, disclosure=told) for row in rows if (told := disclosed(row.kind))]
    return [
        (one.row.name, item.name, item.what[language])
        for one in accounts
        for item in one.disclosure.at(one.level).writes
        if item.levels
    ]
