"""Sealed credentials: AES-256-GCM, bound to the row they belong to."""

import base64
import hashlib
import hmac
import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crm_loop.errors import NeedsAttention

VERSION = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12


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
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, text.encode(), _bound(row))
        return f"{VERSION}.{self.key_id}.{_text(nonce)}.{_text(sealed)}"

    def open(self, sealed: str, *row: str) -> str:
        """NeedsAttention when it was sealed with another key or for another row."""
        try:
            # Another version or key fails as surely as a changed text does.
            nonce, cipher_text = sealed.removeprefix(f"{VERSION}.{self.key_id}.").split(".")
            plain = self._cipher.decrypt(_bytes(nonce), _bytes(cipher_text), _bound(row))
        except (ValueError, InvalidTag):
            raise NeedsAttention(
                "A stored secret cannot be opened with this key.",
                code="secrets.key",
                do="Put the right key file in place, or connect the CRM again.",
            ) from None
        return plain.decode()


def load_seal(file: Path, *, may_create: bool) -> Seal:
    """The seal of a key file; made on first use where that is allowed (not in production)."""
    try:
        if not file.exists():
            if not may_create:
                do = f"Put the key file in place; for a new house: crm-loop keys new {file}"
                raise _bad_key(f"The key file {file} is missing.", do)
            new_key(file)
        # The group may read: that is how orchestrators hand a secret to an unprivileged process.
        if file.stat().st_mode & (stat.S_IWGRP | stat.S_IXGRP | stat.S_IRWXO):
            raise _bad_key(f"The key file {file} is open to others.", f"Run: chmod 600 {file}")
        key = base64.urlsafe_b64decode(file.read_bytes())
    except OSError as error:
        what = f"The key file {file} cannot be read or made: {error.strerror}."
        raise _bad_key(what, "Correct CRM_LOOP_SECRET_KEY_FILE or the rights on it.") from None
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise _bad_key(f"The key file {file} holds no 256-bit key.", "Restore the right file.")
    return Seal(key)


def new_key(file: Path) -> bool:
    """Write a fresh key for its owner only; False, and nothing touched, when there is one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        # Perhaps another process of ours was faster; its key is the key.
        return False
    with os.fdopen(handle, "wb") as out:
        out.write(base64.urlsafe_b64encode(os.urandom(KEY_BYTES)))
    return True


def _bad_key(happened: str, do: str) -> NeedsAttention:
    return NeedsAttention(happened, code="secrets.key_file", do=do)


def _bound(row: tuple[str, ...]) -> bytes:
    return "|".join((VERSION, *row)).encode()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text)
