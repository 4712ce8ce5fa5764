"""Keys that name a record of ours for ever."""

import hashlib
from enum import StrEnum


class KeyKind(StrEnum):
    """The fourth character of every key we put into a CRM."""

    TASK = "t"
    AGENDA = "a"
    EVENT = "e"
    KPI = "k"
    ITEM = "i"


def key_of(organisation: str, connection: str, kind: KeyKind, *subject: str) -> str:
    """Name one record of ours for ever: no clock, attempt, wording or version goes into it."""
    text = "|".join((organisation, connection, kind.value, *subject))
    return f"cl1{kind.value}{hashlib.sha256(text.encode()).hexdigest()[:40]}"
