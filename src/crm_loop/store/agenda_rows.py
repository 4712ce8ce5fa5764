"""Rows of agendas, talks and suggestions, as the records that they are."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple

from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    Answer,
    Block,
    Felt,
    GoOn,
    Prompt,
    RecordRef,
    Suggestion,
    SuggestionState,
    Talk,
    Topic,
)
from crm_loop.store.actions import deal_ref, path_of_text, verify_rule
from crm_loop.store.packing import plain

#: Kept together in the JSON column: they are only ever read as one.
DOCUMENT = (
    "blocks",
    "manager_blocks",
    "reserve",
    "opening",
    "put_off",
    "felt",
    "felt_reason",
    "go_on",
    "answers",
    "off_by",
)
COLUMNS = tuple(one.name for one in fields(Agenda) if one.name not in DOCUMENT)


def agenda_of(row: Any) -> Agenda:
    document = json.loads(row["document"])
    values = {name: row[name] for name in COLUMNS} | {
        "state": AgendaState(row["state"]),
        "next_steps": tuple(filter(None, row["next_steps"].split("\n"))),
        "asked": tuple(filter(None, row["asked"].split("\n"))),
        "blocks": tuple(_block(one) for one in document["blocks"]),
        "manager_blocks": tuple(_block(one) for one in document.get("manager_blocks", ())),
        "reserve": _topic(document["reserve"]) if document["reserve"] else None,
        "opening": tuple(document["opening"]) if document["opening"] else None,
        "put_off": document.get("put_off", False),
        "felt": Felt(document["felt"]) if document.get("felt") else None,
        "felt_reason": document.get("felt_reason", ""),
        "go_on": GoOn(document["go_on"]) if document.get("go_on") else None,
        "answers": tuple(Answer(**one) for one in document.get("answers", ())),
        "off_by": document.get("off_by", ""),
    }
    return Agenda(**values)


def documents_of(one: Agenda) -> dict[str, str]:
    """The texts of the JSON columns: all of it, and apart what later 1on1s need of it."""
    document = {name: plain(getattr(one, name)) for name in DOCUMENT}
    found = {"document": document, "gist": _gist(document)}
    return {name: json.dumps(value, ensure_ascii=False) for name, value in found.items()}


def _gist(document: Mapping[str, Any]) -> dict[str, Any]:
    blocks = document["blocks"]
    theme = _theme(document)
    asked = [
        id_
        for block in blocks
        for id_ in (*(prompt["id"] for prompt in block["prompts"]), *block.get("ladder", ()))
    ]
    return {
        "code": theme.get("code", ""),
        "topic": theme.get("key", ""),
        "driver": theme.get("driver", ""),
        "opening": document["opening"],
        "asked": asked,
        "put_off": document.get("put_off", False),
        "felt": document.get("felt"),
    }


def talk_of(row: Any) -> Talk:
    """A row with the gist of a talk, or its whole document where an earlier version wrote it."""
    gist = json.loads(row.gist)
    if "blocks" in gist:
        gist = _gist(gist)
    return Talk(
        rep=row.rep,
        manager=row.manager,
        week=row.week,
        state=AgendaState(row.state),
        code=gist["code"],
        topic=gist["topic"],
        driver=gist["driver"],
        opening=tuple(gist["opening"]) if gist["opening"] else None,
        asked=gist["asked"],
        put_off=gist["put_off"],
        felt=Felt(gist["felt"]) if gist["felt"] else None,
    )


class SessionRow(NamedTuple):
    """A prepared 1on1 without its texts; `shared_at` is when the memo stood in the CRM."""

    rep: str
    manager: str
    week: str
    connection: str
    key: str
    state: AgendaState
    starts_at: datetime
    shared_at: datetime | None


class Draft(NamedTuple):
    """A drafted 1on1 and its theme, without questions and texts."""

    rep: str
    manager: str
    week: str
    language: str
    connection: str
    starts_at: datetime
    theme: Topic | None


def draft_of(row: Any) -> Draft:
    theme = _theme(json.loads(row.document))
    return Draft(
        rep=row.rep,
        manager=row.manager,
        week=row.week,
        language=row.language,
        connection=row.connection,
        starts_at=row.starts_at,
        theme=_topic(theme) if theme else None,
    )


def cause_of(document: str) -> tuple[bool, bool]:
    """Whether the theme named a cause, and whether the rep confirmed or corrected it."""
    read = json.loads(document)
    opened = bool(_theme(read).get("driver"))
    return opened, opened and bool(read.get("felt"))


def went_on(document: str) -> GoOn:
    """What the rep said of going on, in a document that says it."""
    return GoOn(json.loads(document)["go_on"])


def _theme(document: Mapping[str, Any]) -> dict[str, Any]:
    blocks = document["blocks"]
    topics = (one for block in blocks if block["code"] == "theme" for one in block["topics"])
    return next(topics, {})


def bare_talk_of(row: Any) -> Talk:
    return Talk(rep=row.rep, manager=row.manager, week=row.week, state=AgendaState(row.state))


def _block(value: dict[str, Any]) -> Block:
    known: dict[str, Sequence[Any]] = {
        "lines": tuple(value["lines"]),
        "prompts": tuple(Prompt(**one) for one in value["prompts"]),
        "topics": tuple(_topic(one) for one in value["topics"]),
        "ladder": tuple(value.get("ladder", ())),
        "records": tuple(RecordRef(**one) for one in value.get("records", ())),
    }
    return Block(**(value | known))


def _topic(value: dict[str, Any]) -> Topic:
    return Topic(**(value | {"records": tuple(RecordRef(**one) for one in value["records"])}))


def suggestion_of(row: Any) -> Suggestion:
    return Suggestion(
        rep=row["rep"],
        week=row["week"],
        slot=row["slot"],
        text=row["text"],
        due=row["due"],
        verify=verify_rule(row["verify"]),
        connection=row["connection"],
        kpi=row["kpi"],
        deal=deal_ref(row),
        cause=row["cause"],
        state=SuggestionState(row["state"]),
        path=path_of_text(row["path"]),
        said=row["said"] or "",
    )
