"""What a connector tells people of its CRM: what it is called, its words, how one signs in.

A module that an entry point of the connectors names may hold a `PROFILE` beside its factory; a
CRM without one can be connected from the command line and is spoken of in general words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crm_loop.connector.consent import Consent
from crm_loop.connector.drawing import Drawing, Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One value that signs us in; a `secret` one is typed unseen, a `long` one has many lines."""

    name: str
    label: Texts
    secret: bool = False
    long: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A key that signs us in, as its credentials hold it, and what the CRM is given of it."""

    secret: str = field(repr=False)
    certificate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMaker:
    """Makes the pair of which `fills` names the secret entry; `file` is the certificate's name.

    `make` is given the moment (aware) from which the certificate holds.
    """

    fills: str
    file: str
    make: Callable[[datetime], Pair]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to sign in: all of its entries are needed; `how` says where they come from.

    `drawings` show the screens of the CRM on the way there, in their order. Where there are
    `keys`, the entry that they fill need not be typed; nor the one that a `consent` fills.
    """

    name: str
    title: Texts
    how: Texts
    entries: Sequence[Entry]
    drawings: Sequence[Drawing] = ()
    keys: KeyMaker | None = None
    consent: Consent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nouns:
    """What this CRM calls its records in one language; `deals` where more than one differs.

    `stage` is left out where it is called as everywhere.
    """

    deal: str
    task: str
    deals: str | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of CRM. `address` is filled in beforehand, `address_hint` stands below it.

    `commands` names what its own commands do, for the overview of the command line.
    """

    name: str
    address: str
    address_hint: Texts
    ways: Sequence[Way]
    nouns: Mapping[str, Nouns]
    commands: str = ""
