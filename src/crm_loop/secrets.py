"""Sealed texts: AES-256-GCM, bound to the row they belong to; and the file with the house's key.

Each organisation has a data key of its own, which lies wrapped in the database. What wraps it is
the key-encryption key, which a `KeyProvider` gives: this file, unless the settings name another.
"""

import base64
import hashlib
import hmac
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crm_loop.errors import NeedsAttention

VERSION = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12


class Sealing(Protocol):
    """Locks and opens texts; `row` names where a text belongs, its organisation first."""

    def fingerprint(self, text: str) -> str: ...

    def lock(self, text: str, *row: str) -> str: ...

    def open(self, sealed: str, *row: str) -> str: ...


class Wrapping(Protocol):
    """Wraps data keys: with a key that is in this process, or by asking whoever holds one.

    `key_id` stands in what was wrapped (`v1.<key_id>.….…`), so it holds no dot and stays the
    same for as long as the key does.
    """

    @property
    def key_id(self) -> str: ...

    def wrap(self, other: "Seal", *row: str) -> str: ...

    def unwrap(self, wrapped: str, *row: str) -> "Seal":
        """NeedsAttention for what was wrapped with another key or for another row."""
        ...


class KeyProvider(Protocol):
    """Where the key of the house comes from; `name` is what the settings call it."""

    @property
    def name(self) -> str: ...

    def seals(self) -> Sequence[Wrapping]:
        """The keys, the first of which wraps; others only open, while a rotation is under way.

        NeedsAttention when it is away, or gives no key.
        """
        ...


class Seal:
    """Locks and opens texts with one key; `row` names where a text belongs.

    The row is authenticated too, so a sealed text moved into another row does not open.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._key = key
        self.key_id = hashlib.sha256(key).hexdigest()[:8]

    def fingerprint(self, text: str) -> str:
        """Sixteen characters that tell texts apart and give none away."""
        return hmac.new(self._key, text.encode(), "sha256").hexdigest()[:16]

    def lock(self, text: str, *row: str) -> str:
        return self._lock(text.encode(), row)

    def open(self, sealed: str, *row: str) -> str:
        """NeedsAttention when it was sealed with another key or for another row."""
        return self._open(sealed, row).decode()

    def wrap(self, other: "Seal", *row: str) -> str:
        """Another key, locked with this one."""
        return self._lock(other._key, row)  # noqa: SLF001 - another one of the same kind

    def unwrap(self, wrapped: str, *row: str) -> "Seal":
        """NeedsAttention when it was wrapped with another key or for another row."""
        return Seal(self._open(wrapped, row))

    def is_same(self, other: "Seal") -> bool:
        return hmac.compare_digest(self._key, other._key)  # noqa: SLF001 - the same kind

    def _lock(self, plain: bytes, row: tuple[str, ...]) -> str:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, plain, _bound(row))
        return f"{VERSION}.{self.key_id}.{_text(nonce)}.{_text(sealed)}"

    def _open(self, sealed: str, row: tuple[str, ...]) -> bytes:
        try:
            # Another version or key fails as surely as a changed text does.
            nonce, cipher_text = sealed.removeprefix(f"{VERSION}.{self.key_id}.").split(".")
            return self._cipher.decrypt(_bytes(nonce), _bytes(cipher_text), _bound(row))
        except (ValueError, InvalidTag):
            raise wrong_key() from None


def seals_in(lines: bytes) -> list[Seal]:
    """Keys of 256 bits in base64 for addresses, one a line; none where any line is none."""
    try:
        keys = [base64.urlsafe_b64decode(line) for line in lines.split()]
    except ValueError:
        return []
    return [Seal(key) for key in keys] if all(len(key) == KEY_BYTES for key in keys) else []


def new_seal() -> Seal:
    return Seal(os.urandom(KEY_BYTES))


def key_id_of(sealed: str) -> str:
    """Which key a text was sealed with; empty for what is no sealed text."""
    parts = sealed.split(".")
    return parts[1] if len(parts) == 4 and parts[0] == VERSION else ""  # noqa: PLR2004 - the form


def wrong_key() -> NeedsAttention:
    return NeedsAttention(
        "A stored secret cannot be opened with this key.",
        code="secrets.key",
        do="Put the right key file in place; "
        "if it is lost: crm-loop keys forget, then connect again.",
    )


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The file with the key of the house, one a line.

    The first one wraps; there are others only while a rotation is under way, to open what they
    wrapped. `may_create`: it is made on first use (not in production).
    """

    path: Path
    may_create: bool = False
    name: str = "file"

    def seals(self) -> Sequence[Seal]:
        """The keys in their order; NeedsAttention for a file that is missing, open or no key."""
        try:
            raw = self._read()
        except OSError as error:
            what = f"The key file {self.path} cannot be read or made: {error.strerror}."
            raise _bad_key(what, "Correct CRM_LOOP_SECRET_KEY_FILE or the rights on it.") from None
        seals = seals_in(raw)
        if not seals:
            do = "Restore the right file."
            raise _bad_key(f"The key file {self.path} holds no 256-bit key.", do)
        return seals

    def write(self, seals: Sequence[Seal]) -> None:
        """Put these keys there, all of them or none; OSError where the file cannot be replaced."""
        lines = [base64.urlsafe_b64encode(one._key) for one in seals]  # noqa: SLF001 - our own
        before = self.path.stat()
        part = self.path.with_name(f".{self.path.name}.part")
        part.unlink(missing_ok=True)
        _write_private(part, b"\n".join(lines) + b"\n")
        # Whoever could read it, as a service that is not root, can go on reading it.
        os.chown(part, before.st_uid, before.st_gid)
        part.chmod(stat.S_IMODE(before.st_mode))
        part.replace(self.path)
        _settle(self.path.parent)

    def keep_copy(self) -> Path:
        """A copy beside it under another name: older backups open with that key only."""
        key = self.seals()[0].key_id
        copy = self.path.with_name(f"{self.path.name}.{key}")
        if not copy.exists():
            part = self.path.with_name(f".{self.path.name}.part")
            part.unlink(missing_ok=True)
            _write_private(part, self.path.read_bytes())
            part.replace(copy)
        return copy

    def _read(self) -> bytes:
        if not self.path.exists():
            if not self.may_create:
                do = f"Put the key file in place; for a new house: crm-loop keys new {self.path}"
                raise _bad_key(f"The key file {self.path} is missing.", do)
            new_key(self.path)
        # The group may read: that is how orchestrators hand a secret to an unprivileged process.
        if self.path.stat().st_mode & (stat.S_IWGRP | stat.S_IXGRP | stat.S_IRWXO):
            do = f"Run: chmod 600 {self.path}"
            raise _bad_key(f"The key file {self.path} is open to others.", do)
        return self.path.read_bytes()


def key_text() -> str:
    """A fresh key as a key file holds it."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def new_key(file: Path) -> bool:
    """Write a fresh key for its owner only; False, and nothing touched, when there is one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write_private(file, key_text().encode())
    except FileExistsError:
        # Perhaps another process of ours was faster; its key is the key.
        return False
    return True


def _write_private(file: Path, content: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _settle(folder: Path) -> None:
    """Make a renamed file outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _bad_key(happened: str, do: str) -> NeedsAttention:
    return NeedsAttention(happened, code="secrets.key_file", do=do)


def _bound(row: tuple[str, ...]) -> bytes:
    return "|".join((VERSION, *row)).encode()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text)
