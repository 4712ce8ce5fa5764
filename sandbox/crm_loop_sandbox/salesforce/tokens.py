"""Sessions of the org: which token belongs to whom; they live in real time."""

import base64
import hashlib
import hmac
import secrets
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from crm_loop_sandbox.salesforce.errors import ApiError
from crm_loop_sandbox.salesforce.org import Org

#: Two hours without use, as the platform's default session policy.
SESSION_SECONDS = 7200.0
CLOCK_TOLERANCE = 60
#: Sign-ins of one user.
LOGINS_AN_HOUR = 3600
PASSWORD = "sandbox"  # noqa: S105 - the sandbox's password is public
SECURITY_TOKEN = "SBXTOKEN"  # noqa: S105 - the same


@cache
def _key_of_this_process() -> rsa.RSAPrivateKey:
    """Made once: it takes longer than everything else in a reset."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True, slots=True)
class Session:
    """One live token; it lives in real time."""

    user: str
    scope: str
    opened: float

    @property
    def alive(self) -> bool:
        return time.time() < self.opened + SESSION_SECONDS


@dataclass(slots=True)
class Sessions:
    """Clients, keys and live tokens."""

    org: Org
    base_url: str = ""
    tokens: dict[str, Session] = field(default_factory=dict)
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    client_id: str = "3MVG9sandbox"
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    key: rsa.RSAPrivateKey = field(default_factory=_key_of_this_process)
    _logins: dict[str, deque[float]] = field(default_factory=dict)

    def private_pem(self) -> str:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()

    def open(self, user: str, scope: str = "api") -> str:
        token = f"{self.org.org_id[:15]}!{secrets.token_urlsafe(48)}"
        self.tokens[token] = Session(user, scope, time.time())
        return token

    def refresh_token(self, user: str) -> str:
        token = f"5Aep{secrets.token_urlsafe(32)}"
        self.refresh_tokens[token] = user
        return token

    def user_of(self, header: str) -> str | None:
        """The user of an Authorization header (`Bearer` or `OAuth`), None when it is no session."""
        _, _, token = header.partition(" ")
        return self.user_with(token)

    def user_with(self, token: str) -> str | None:
        session = self.tokens.get(token)
        return session.user if session is not None and session.alive else None

    def grant(self, form: dict[str, str], basic: tuple[str, str] | None) -> tuple[str, str]:
        """(user, scope) for a token request; refuses in OAuth's own form."""
        user, scope = self._granted(form, basic)
        self._check_rate(user)
        return user, scope

    def _granted(self, form: dict[str, str], basic: tuple[str, str] | None) -> tuple[str, str]:
        kind = form.get("grant_type", "")
        if kind.endswith("jwt-bearer"):
            return self._bearer(form.get("assertion", "")), "api"
        if kind == "refresh_token":
            # An app may be set up so that refreshing needs no secret.
            self.check_client(form, basic, secret=bool(basic or form.get("client_secret")))
            user = self.refresh_tokens.get(form.get("refresh_token", ""))
            if user is None:
                raise refused("invalid_grant", "expired access/refresh token")
            return user, "refresh_token api"
        self.check_client(form, basic)
        if kind == "client_credentials":
            return self.org.integration_user, "api"
        if kind == "password":
            return self.password(form), "api"
        raise refused("unsupported_grant_type", "grant type not supported")

    def check_client(
        self, form: Mapping[str, str], basic: tuple[str, str] | None, *, secret: bool = True
    ) -> None:
        """Refuse a client that does not know its id or its secret."""
        client = basic or (form.get("client_id", ""), form.get("client_secret", ""))
        if client[0] != self.client_id:
            raise refused("invalid_client_id", "client identifier invalid")
        if secret and not hmac.compare_digest(client[1].encode(), self.client_secret.encode()):
            raise refused("invalid_client", "invalid client credentials")

    def _check_rate(self, user: str) -> None:
        hour_ago = time.time() - 3600
        logins = self._logins.setdefault(user, deque(maxlen=LOGINS_AN_HOUR))
        full = len(logins) == LOGINS_AN_HOUR and logins[0] > hour_ago
        if full and self.org.kernel.options.rate_limits:
            raise refused("invalid_grant", "Login Rate Exceeded")
        logins.append(time.time())

    def password(self, form: Mapping[str, str]) -> str:
        """The user of a name and password, with or without the security token behind it."""
        user = self.named(form.get("username", ""))
        if user is None or form.get("password") not in (PASSWORD, PASSWORD + SECURITY_TOKEN):
            raise refused("invalid_grant", "authentication failure")
        return user

    def _bearer(self, assertion: str) -> str:
        try:
            claims: dict[str, Any] = jwt.decode(
                assertion,
                self.key.public_key(),
                algorithms=["RS256"],
                options={"verify_aud": False, "require": ["exp", "iss", "sub", "aud"]},
                leeway=CLOCK_TOLERANCE,
            )
        except jwt.ExpiredSignatureError:
            raise refused("invalid_grant", "assertion is expired") from None
        except jwt.PyJWTError:
            raise refused("invalid_grant", "invalid assertion") from None
        if claims["iss"] != self.client_id:
            raise refused("invalid_client_id", "client identifier invalid")
        audience = str(claims["aud"]).rstrip("/")
        audiences = ("https://login.salesforce.com", "https://test.salesforce.com", self.base_url)
        if audience not in audiences and not audience.endswith(".my.salesforce.com"):
            raise refused("invalid_grant", "audience is invalid")
        user = self.named(str(claims["sub"]))
        if user is None:
            raise refused("invalid_grant", "user hasn't approved this consumer")
        return user

    def named(self, username: str) -> str | None:
        wanted = username.lower()
        for row in self.org.tables["User"].values():
            if str(row["Username"]).lower() == wanted and row["IsActive"]:
                return str(row["Id"])
        return None

    def signature(self, identity: str, issued_at: str) -> str:
        digest = hmac.new(
            self.client_secret.encode(), (identity + issued_at).encode(), hashlib.sha256
        )
        return base64.b64encode(digest.digest()).decode()


def refused(name: str, description: str) -> ApiError:
    return ApiError(400, {"error": name, "error_description": description})
