"""Passwords: argon2id, a few at a time, and which ones are good enough."""

import string
import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from crm_loop.errors import WrongUsage

#: OWASP's second choice: 19 MiB, two passes, one lane; 28 ms on the machine of the study.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: More at once would let a crowd at the door fill the memory.
_AT_ONCE = threading.BoundedSemaphore(2)

SHORTEST, LONGEST = 12, 128
#: What people put around a word in order to make it longer.
_AROUND = string.digits + string.punctuation + " "
_BEST = 1000


#: As slow to check as a real one, for addresses that nobody has.
@lru_cache(maxsize=1)
def _nobody() -> str:
    return HASHER.hash("nobody has this password")


def hashed(password: str) -> str:
    """The hash to keep; WrongUsage for a password that is not good enough."""
    with _AT_ONCE:
        return HASHER.hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Whether it is the password of this hash; as slow for no hash at all."""
    with _AT_ONCE:
        try:
            HASHER.verify(kept or _nobody(), password[:LONGEST])
        except (Argon2Error, InvalidHashError):
            return False
    return kept is not None


def check(password: str, *, about: Iterable[str] = ()) -> None:
    """WrongUsage says what is wrong with a new password; `about` are words it may not be made of.

    Long and not well known is all that is asked: no rules on signs or capitals.
    """
    plain = password.casefold()
    if len(password) < SHORTEST:
        raise _bad("password.short", f"The password has fewer than {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise _bad("password.long", f"The password has more than {LONGEST} characters.")
    if is_common(plain):
        raise _bad("password.common", "This password is one of the first that are tried.")
    if any(len(word) > 3 and plain.strip("0123456789!-_. ") == word.casefold() for word in about):  # noqa: PLR2004 - shorter words are in everything
        raise _bad("password.about", "This password is a name with a number.")


def is_common(plain: str) -> bool:
    """Whether a password (its case folded) is one of the first that are tried.

    That is a well-known one, one made longer (`dragon2026!!`), said again (`dragondragon`) or
    two of the best known in a row, and what consists of three different signs or fewer.
    """
    known = common()
    core = plain.strip(_AROUND)
    return (
        len(set(plain)) < 4  # noqa: PLR2004 - "aaaaaaaaaaaa" is none
        or plain in known
        or core in known
        or any(core == core[:size] * (len(core) // size) for size in _halves(core))
        or any(core[:at] in best() and core[at:] in best() for at in range(3, len(core) - 2))
    )


def _halves(core: str) -> Iterable[int]:
    """Lengths of beginnings that may be said again and again, well-known ones only."""
    return (size for size in range(1, len(core) // 2 + 1) if core[:size] in common())


@lru_cache(maxsize=1)
def common() -> frozenset[str]:
    """Well-known passwords of any length: 30,000 by how often leaks hold them, and a few more."""
    text = files("crm_loop.access").joinpath("common_passwords.txt").read_text("utf-8")
    own = (line.strip().casefold() for line in text.splitlines() if line.strip())
    return frozenset([*own, *_ranked()])


@lru_cache(maxsize=1)
def best() -> frozenset[str]:
    """The best known thousand: two of them in a row are no secret either."""
    return frozenset(_ranked()[:_BEST])


def _ranked() -> Sequence[str]:
    # Loaded when somebody chooses a password, and never before.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415

    return list(FREQUENCY_LISTS["passwords"])


def _bad(code: str, happened: str) -> WrongUsage:
    return WrongUsage(
        happened,
        code=code,
        kept="Nothing was changed.",
        do=f"Choose {SHORTEST} characters or more; a few words in a row are easy to keep in mind.",
    )
