"""Who is calling: static app tokens, tokens of single people, and OAuth tokens."""

import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from crm_loop_sandbox.hubspot.errors import ApiError, expired, not_authenticated
from crm_loop_sandbox.hubspot.rows import Source
from crm_loop_sandbox.kernel import Kernel

LIFETIME_SECONDS = 1800


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """`expires` is real time in seconds since 1970; None for tokens that last."""

    token: str
    app_id: str
    scopes: frozenset[str]
    oauth: bool = False
    user_id: int | None = None
    expires: float | None = None

    @property
    def source(self) -> Source:
        return Source("INTEGRATION", self.app_id, self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What an authorization code stands for; with a challenge only its verifier redeems it."""

    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str = ""

    def fits(self, redirect_uri: str, verifier: str) -> bool:
        if redirect_uri != self.redirect_uri:
            return False
        digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        return not self.challenge or digest == self.challenge


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    access_token: str
    refresh_token: str
    scopes: tuple[str, ...]


class Tokens:
    """Makes and checks tokens; every secret derives from the seed."""

    def __init__(self, kernel: Kernel, scopes: Sequence[str]) -> None:
        self._kernel = kernel
        self._scopes = tuple(scopes)
        self._issued = 0
        self._known: dict[str, Identity] = {}
        self._codes: dict[str, Code] = {}
        self._refresh: dict[str, tuple[str, ...]] = {}
        self.client_id = self._uuid("client")
        self.client_secret = self._uuid("client secret")
        self.app_id = str(int.from_bytes(kernel.digest("hubspot", "app")[:3]) + 1_000_000)
        self.developer_key = self._uuid("developer key")
        self.access_token = self._static("app", None)
        self.refresh_token = self._new_refresh(self._scopes)

    def of_person(self, user_id: int) -> str:
        return self._static(f"user {user_id}", user_id)

    def identify(self, authorization: str, now: float) -> Identity:
        """Raise the 401 that HubSpot answers when the header does not hold a good token."""
        scheme, _, token = authorization.partition(" ")
        identity = self._known.get(token.strip()) if scheme.lower() == "bearer" else None
        if identity is None:
            raise not_authenticated()
        if identity.expires is not None and identity.expires <= now:
            raise expired(int(now - identity.expires))
        return identity

    def find(self, token: str) -> Identity | None:
        return self._known.get(token)

    def scopes_for(self, refresh_token: str) -> tuple[str, ...] | None:
        return self._refresh.get(refresh_token)

    def lacking(self, asked: Sequence[str]) -> list[str]:
        """Of these scopes, those that no app can be granted in this account."""
        return [scope for scope in asked if scope not in self._scopes]

    def code(self, redirect_uri: str, asked: Sequence[str], challenge: str = "") -> str:
        """A single-use authorization code; scopes that the account lacks are left out."""
        self._issued += 1
        code = f"na1-{self._uuid('code', self._issued)}"
        granted = tuple(scope for scope in asked if scope in self._scopes)
        self._codes[code] = Code(redirect_uri=redirect_uri, scopes=granted, challenge=challenge)
        return code

    def redeem(self, code: str, redirect_uri: str, verifier: str, now: float) -> Grant:
        known = self._codes.pop(code, None)
        if known is None or not known.fits(redirect_uri, verifier):
            raise bad_grant("BAD_AUTH_CODE", "missing or unknown auth code")
        return self._grant(self._new_refresh(known.scopes), known.scopes, now)

    def refresh(self, refresh_token: str, now: float) -> Grant:
        scopes = self._refresh.get(refresh_token)
        if scopes is None:
            raise bad_grant("BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked")
        return self._grant(refresh_token, scopes, now)

    def revoke(self, refresh_token: str) -> None:
        self._refresh.pop(refresh_token, None)

    def _grant(self, refresh_token: str, scopes: tuple[str, ...], now: float) -> Grant:
        self._issued += 1
        token = f"CN{self._kernel.digest('hubspot', 'access', self._issued).hex()}"
        self._known[token] = Identity(
            token=token,
            app_id=self.app_id,
            scopes=frozenset(scopes),
            oauth=True,
            expires=now + LIFETIME_SECONDS,
        )
        return Grant(access_token=token, refresh_token=refresh_token, scopes=scopes)

    def _static(self, name: str, user_id: int | None) -> str:
        token = f"pat-na1-{self._uuid('token', name)}"
        self._known[token] = Identity(
            token=token, app_id=self.app_id, scopes=frozenset(self._scopes), user_id=user_id
        )
        return token

    def _new_refresh(self, scopes: tuple[str, ...]) -> str:
        token = f"na1-{self._uuid('refresh', len(self._refresh))}"
        self._refresh[token] = scopes
        return token

    def _uuid(self, *parts: object) -> str:
        return str(uuid.UUID(bytes=self._kernel.digest("hubspot", *parts)[:16]))


def bad_grant(status: str, message: str, error: str = "invalid_grant") -> ApiError:
    """OAuth refusals carry `error` beside HubSpot's own keys, and their code as `status`."""
    details = {"error": error, "error_description": message, "status": status}
    return ApiError(400, message, details=details)
