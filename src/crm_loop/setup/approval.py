"""The pack with which a company approves crm_loop: every line of it from what is set now; pure."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any

from crm_loop.access.roles import ConsoleRole
from crm_loop.connector.disclosure import Disclosure, Item
from crm_loop.settings import Settings
from crm_loop.setup.addresses import broker, database, host
from crm_loop.store.connections import ConnectionRow, Organisation
from crm_loop.store.retention import RECORDS, TALKS, WORK

#: What is kept for how long; None: until it is removed.
KEPT: Mapping[str, timedelta | None] = {
    "records": RECORDS,
    "talks": TALKS,
    "work": WORK,
    "stays": None,
}
_DAYS_OF_A_MONTH = 30.4
#: Facts that have a table of their own.
LISTS = ("permissions", "read", "written")

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One connection with what its connector discloses at the level that it has."""

    row: ConnectionRow
    disclosure: Disclosure

    @property
    def level(self) -> int:
        """0: nothing of ours is installed, 1: fields for our key, 2: objects too."""
        known = self.row.facts.get("level")
        return int(known) if known is not None else int(bool(self.row.facts.get("key_field")))

    @property
    def memo_readers(self) -> str:
        """Who can read a memo here, as the memo's own last line says it: the code of a text."""
        return memo_readers(self.row)


def memo_readers(row: ConnectionRow) -> str:
    """The code of a text: who can read a memo in this account."""
    facts = row.facts
    if not facts.get("private_tasks"):
        return "readers_open"
    sealed = facts.get("own_objects") and facts.get("closed_above", facts.get("own_private"))
    return "readers" if sealed else "readers_above"


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What is set now. `notice` is the day on which staff are told, and whom they ask."""

    day: date
    version: str
    own: Organisation
    settings: Settings
    accounts: Sequence[Account]
    pilot: int
    notice: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The pack as its page draws it; lists of rows, and sentences."""

    title: str
    issued: str
    note: str
    headings: Mapping[str, str]
    columns: Mapping[str, str]
    summary: Sequence[Row]
    changes: Sequence[Row]
    permissions: Sequence[tuple[str, Sequence[Row]]]
    reads: Sequence[tuple[str, Sequence[Row]]]
    writes: Sequence[tuple[str, Sequence[Row]]]
    never: Sequence[str]
    kept: Sequence[Row]
    roles: Sequence[Row]
    outside: Sequence[str]
    stop: Sequence[str]
    staff: Sequence[str]
    questions: Sequence[Row]


def facts(live: Live) -> dict[str, str]:
    """What the pack says, by code, so that two issues can be compared."""
    own, settings = live.own, live.settings
    found = {
        "profile": own.profile,
        "writing": "writing_on" if own.writing else "writing_off",
        "second_approver": "yes" if own.second_approver else "no",
        "appraisal": "appraisal_off",
        "pilot": str(live.pilot),
        "notice": live.notice[0] if live.notice else "none_yet",
        "contact": live.notice[1] if live.notice else "none_yet",
        "environment": settings.env.value,
        "database": database(settings.database_url),
        "broker": broker(settings.redis_url),
        "console": settings.public_url or settings.console_url,
        "mail": host(settings.smtp_url) if settings.smtp_url else "none",
        "letters_to_reps": "yes" if settings.letters_to_reps else "no",
        "traces": host(settings.traces_url) if settings.traces_url else "none",
        "sign_in": host(settings.oidc_issuer) if settings.oidc_issuer else "passwords",
        "rewriter": settings.rewriter or "none",
    }
    for account in live.accounts:
        found |= {f"{account.row.name}/{name}": said for name, said in _of(account).items()}
    return found


def _of(account: Account) -> dict[str, str]:
    told = account.disclosure.at(account.level)
    return {
        "account": f"{account.row.url} ({account.row.account_id or '–'})",
        "level": str(account.level),
        "memo_readers": account.memo_readers,
        "permissions": ", ".join(sorted(one.name for one in told.permissions)),
        "read": ", ".join(sorted(one.name for one in told.reads)),
        "written": ", ".join(sorted(one.name for one in told.writes)),
    }


def pack(live: Live, language: str, before: Mapping[str, str] | None = None) -> Pack:
    """The pack in one language; `before` are the facts of the last issue, if there was one."""
    texts = _texts()[language]
    now = facts(live)
    return Pack(
        title=texts["title"],
        issued=texts["issued"].format(day=live.day.isoformat(), version=live.version),
        note=texts["page"],
        headings=texts["headings"],
        columns=texts["columns"],
        summary=[
            (texts["facts"]["purpose"], texts["facts"]["purpose_is"]),
            *(
                (_label(texts, code), _value(texts, code, said))
                for code, said in now.items()
                if code.rpartition("/")[2] not in LISTS
            ),
        ],
        changes=_changes(texts, before, now) if before is not None else [],
        permissions=_items(live, language, "permissions"),
        reads=_items(live, language, "reads"),
        writes=_items(live, language, "writes"),
        never=_never(live, texts),
        kept=[(texts["kept"][code], _how_long(texts, keep)) for code, keep in KEPT.items()],
        roles=[(texts["role_names"][one], texts["roles"][one]) for one in ConsoleRole],
        outside=_outside(live, texts),
        stop=_stop(live, texts, language),
        staff=_staff(live, texts, language),
        questions=_questions(live, texts),
    )


def _label(texts: Mapping[str, Any], code: str) -> str:
    account, _, name = code.rpartition("/")
    label = texts["facts"].get(name) or texts["columns"].get(name) or texts["headings"][name]
    label = label.partition(". ")[2] or label
    return f"{account}: {label}" if account else label


def _value(texts: Mapping[str, Any], code: str, said: str) -> str:
    name = code.rpartition("/")[2]
    if name == "pilot":
        return str(texts["people"].format(n=said))
    known, _, where = said.partition(" ")
    if name in ("database", "broker"):
        return str(texts["values"].get(known, said).format(host=where))
    if said in texts["values"]:
        return str(texts["values"][said])
    return str(texts.get(said, said) if said in ("yes", "no", "none") else said)


def _changes(
    texts: Mapping[str, Any], before: Mapping[str, str], now: Mapping[str, str]
) -> list[Row]:
    codes = [*now, *(code for code in before if code not in now)]
    return [
        (
            _label(texts, code),
            _value(texts, code, before[code]) if code in before else texts["none"],
            _value(texts, code, now[code]) if code in now else texts["none"],
        )
        for code in codes
        if before.get(code) != now.get(code)
    ]


def _items(live: Live, language: str, kind: str) -> list[tuple[str, Sequence[Row]]]:
    def row(one: Item) -> Row:
        readers = (one.readers[language],) if kind == "writes" else ()
        return (one.name, one.what[language], *readers)

    return [
        (
            account.row.name,
            [row(one) for one in getattr(account.disclosure.at(account.level), kind)],
        )
        for account in live.accounts
    ]


def _never(live: Live, texts: Mapping[str, Any]) -> list[str]:
    lines = [
        texts["never"]["line"].format(
            crm=account.row.name, names=", ".join(account.disclosure.never)
        )
        for account in live.accounts
    ]
    return [*lines, texts["never"]["notes"]]


def _outside(live: Live, texts: Mapping[str, Any]) -> list[str]:
    settings, said = live.settings, texts["outside"]
    also = {
        "mail": settings.smtp_url,
        "mail_reps": settings.smtp_url if settings.letters_to_reps else None,
        "traces": settings.traces_url,
        "sign_in": settings.oidc_issuer,
    }
    more = [said[name].format(host=host(url)) for name, url in also.items() if url]
    return [said["crm"], _rewriter(live, texts), *more]


def _rewriter(live: Live, texts: Mapping[str, Any]) -> str:
    """Whether anything but rules has a hand in the texts."""
    name = live.settings.rewriter
    said = texts["outside"]["rewriter"].format(name=name) if name else texts["outside"]["no_model"]
    return str(said)


def _stop(live: Live, texts: Mapping[str, Any], language: str) -> list[str]:
    lines = [
        f"{account.row.name}: {said[language]}"
        for account in live.accounts
        for said in (
            account.disclosure.stop,
            account.disclosure.remove,
            account.disclosure.remains,
        )
    ]
    return [*lines, texts["stop"]["keep"]]


def _staff(live: Live, texts: Mapping[str, Any], language: str) -> list[str]:
    said = texts["staff"]
    names = [
        one.name for account in live.accounts for one in account.disclosure.at(account.level).reads
    ]
    kept = {name: _how_long(texts, keep) for name, keep in KEPT.items()}
    contact = live.notice[1] if live.notice else texts["values"]["none_yet"]
    lines = [
        said["text"],
        said["items"].format(items=("、" if language == "ja" else ", ").join(dict.fromkeys(names))),
        *(said[one.memo_readers].format(crm=one.row.name) for one in live.accounts),
        said["verdict"],
        said["kept"].format(**kept),
        said["appraisal_off"],
        said["wrong"].format(contact=contact),
    ]
    return [*lines, said["day"].format(day=live.notice[0])] if live.notice else lines


def _questions(live: Live, texts: Mapping[str, Any]) -> list[Row]:
    said = texts["staff"]["appraisal_off"]
    model = _rewriter(live, texts)
    return [(one["q"], one["a"].format(appraisal=said, model=model)) for one in texts["questions"]]


def _how_long(texts: Mapping[str, Any], keep: timedelta | None) -> str:
    if keep is None:
        return str(texts["until_removed"])
    if keep <= timedelta(days=31):
        return str(texts["days"].format(n=keep.days))
    return str(texts["months"].format(n=round(keep.days / _DAYS_OF_A_MONTH)))


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(files(__package__).joinpath("approval.toml").read_text("utf-8"))
