"""Passwords: argon2id, a few at a time, and which ones are good enough."""

import threading
from collections.abc import Iterable
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
    if plain in common() or len(set(plain)) < 4:  # noqa: PLR2004 - "aaaaaaaaaaaa" is none
        raise _bad("password.common", "This password is one of the first that are tried.")
    if any(len(word) > 3 and plain.strip("0123456789!-_. ") == word.casefold() for word in about):  # noqa: PLR2004 - shorter words are in everything
        raise _bad("password.about", "This password is a name with a number.")


@lru_cache(maxsize=1)
def common() -> frozenset[str]:
    """Well-known passwords of twelve characters and more."""
    text = files("crm_loop.access").joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(line.strip().casefold() for line in text.splitlines() if line.strip())


def _bad(code: str, happened: str) -> WrongUsage:
    return WrongUsage(
        happened,
        code=code,
        kept="Nothing was changed.",
        do=f"Choose {SHORTEST} characters or more; a few words in a row are easy to keep in mind.",
    )
