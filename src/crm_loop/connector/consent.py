"""Consent that an admin gives on the CRM's own page: what is asked, and what comes of it.

The flow is OAuth 2.0's authorization code grant (RFC 6749, 4.1) with PKCE (RFC 7636, S256).
"""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question. `redirect` is where the CRM sends the browser back to, exactly as written.

    `url` is the base address of the CRM. `account`: only this account of the CRM may agree.
    `loopback`: an address on this machine may be asked (the sandbox).
    """

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)
    account: str | None = None
    loopback: bool = False

    @property
    def challenge(self) -> str:
        """What the verifier is checked against: unpadded base64url of its SHA-256."""
        digest = sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What the CRM gave for a consent: all entries of the way, and the account that agreed."""

    credentials: Mapping[str, str] = field(repr=False)
    account_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """How one way to sign in is agreed to; `fills` is the entry that need not be typed then.

    `address` makes the page to open; it raises NeedsAttention where the CRM's own address may not
    be talked to. `redeem` sends the code once and never again: Refused where it does not count,
    NeedsAttention where the app is not right, Transient where nobody answered.
    """

    fills: str
    address: Callable[[Asked], str]
    redeem: Callable[[Asked, str], Granted]


def new_secret() -> str:
    """A state or a verifier: 256 bits that nobody can guess."""
    return secrets.token_urlsafe(32)
