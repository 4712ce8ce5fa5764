"""Sign-in with the company's own identity provider: OpenID Connect, code with PKCE.

What is checked of an answer: that this very browser asked (state), not long ago and once; that
it comes from the issuer that was asked (RFC 9207); that the code is exchanged by whoever asked
for it (PKCE, S256); that the identity token is signed by the issuer, for us, now, and in answer
to this question (nonce).
"""

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from crm_loop.errors import NeedsAttention, Refused, Transient

#: How long somebody may take at the identity provider.
LONGEST = timedelta(minutes=10)
#: Signatures that only the issuer's private key can make; `none` and shared keys are refused.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
SECONDS = 10
#: Clocks of two companies may differ by so many seconds.
LEEWAY = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What one browser set out with; it carries this, sealed, until it comes back.

    `again`: somebody who is signed in has to prove it once more, at the provider.
    """

    state: str
    nonce: str
    verifier: str
    asked_at: float
    back: str
    again: bool = False

    def text(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom the issuer says it is. `email` only where the issuer has verified it."""

    issuer: str
    subject: str
    email: str | None

    @property
    def digest(self) -> str:
        """What somebody is known by here: issuer and subject, never the address."""
        return sha256(json.dumps([self.issuer, self.subject]).encode()).hexdigest()


def question(back: str, *, now: datetime, again: bool = False) -> Question:
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    verifier = secrets.token_urlsafe(48)
    return Question(
        state=state,
        nonce=nonce,
        verifier=verifier,
        asked_at=now.timestamp(),
        back=back,
        again=again,
    )


def question_of(text: str) -> Question | None:
    """What `text` made; None for anything else."""
    try:
        return Question(**json.loads(text))
    except (TypeError, ValueError):
        return None


@dataclass(frozen=True)
class Provider:
    """One identity provider. `session` makes one of Authlib's for each sign-in."""

    issuer: str
    client_id: str
    client_secret: str
    redirect: str
    session: Callable[[], Any]
    loopback: bool = False

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What the provider says of itself; NeedsAttention when it speaks for another issuer."""
        found = self._json(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise NeedsAttention(
                "The identity provider speaks for another issuer.",
                code="oidc.issuer",
                do="Write CRM_LOOP_OIDC_ISSUER exactly as the provider calls itself.",
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            self._check(str(found.get(name, "")))
        return found

    def address(self, asked: Question) -> str:
        """Where to send the browser."""
        url, _ = self.session().create_authorization_url(
            self.facts["authorization_endpoint"],
            state=asked.state,
            nonce=asked.nonce,
            code_verifier=asked.verifier,
            redirect_uri=self.redirect,
            **({"prompt": "login", "max_age": "0"} if asked.again else {}),
        )
        return str(url)

    def identity(self, asked: Question, told: Mapping[str, str], *, now: datetime) -> Identity:
        """Who came back; Refused when anything about the answer is not as it must be."""
        self._check_answer(asked, told, now=now)
        from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415 - an extra
        from requests import RequestException  # noqa: PLC0415 - an extra

        try:
            token = self.session().fetch_token(
                self.facts["token_endpoint"],
                grant_type="authorization_code",
                code=told["code"],
                code_verifier=asked.verifier,
                redirect_uri=self.redirect,
                timeout=SECONDS,
                allow_redirects=False,
            )
        except RequestException:
            raise away() from None
        except (AuthlibBaseError, ValueError):
            raise refused() from None
        return self._read(str(token.get("id_token", "")), asked, now=now)

    def _check_answer(self, asked: Question, told: Mapping[str, str], *, now: datetime) -> None:
        same = hmac.compare_digest(asked.state.encode(), told.get("state", "").encode())
        age = now.timestamp() - asked.asked_at
        issuer = told.get("iss")
        promised = self.facts.get("authorization_response_iss_parameter_supported", False)
        mixed_up = issuer != self.issuer if issuer is not None else promised
        if not same or not 0 <= age <= LONGEST.total_seconds() or mixed_up or not told.get("code"):
            raise refused()

    def _read(self, token: str, asked: Question, *, now: datetime) -> Identity:
        from joserfc import jwt  # noqa: PLC0415 - an extra
        from joserfc.errors import JoseError  # noqa: PLC0415 - an extra
        from joserfc.jwk import KeySet  # noqa: PLC0415 - an extra

        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": asked.nonce},
        )
        try:
            keys = KeySet.import_key_set(self._json(self.facts["jwks_uri"]))  # type: ignore[arg-type]  # checked there
            found = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
            registry.validate(found.claims)
        except (JoseError, ValueError, KeyError, TypeError):
            raise refused() from None
        claims = found.claims
        audience = claims["aud"]
        party = claims.get("azp", self.client_id)
        several = isinstance(audience, list) and len(audience) > 1 and "azp" not in claims
        proved = claims.get("auth_time")
        fresh = isinstance(proved, int) and proved + LEEWAY >= asked.asked_at
        late = asked.again and not fresh
        if party != self.client_id or several or late:
            raise refused()
        email = claims.get("email") if claims.get("email_verified") is True else None
        return Identity(issuer=self.issuer, subject=str(claims["sub"]), email=email)

    def _json(self, url: str) -> dict[str, Any]:
        from requests import RequestException  # noqa: PLC0415 - an extra

        self._check(url)
        try:
            # Nobody is signed in yet, and nobody is led elsewhere.
            reply = self.session().request(
                "GET", url, withhold_token=True, timeout=SECONDS, allow_redirects=False
            )
            if reply.status_code != 200:  # noqa: PLR2004 - the only one with an answer in it
                raise away()
            found = reply.json()
        except (RequestException, ValueError):
            raise away() from None
        if not isinstance(found, dict):
            raise away()
        return found

    def _check(self, url: str) -> None:
        """NeedsAttention unless an address is https, or plain http on this machine for trials."""
        parts = urlsplit(url)
        here = self.loopback and parts.hostname in ("127.0.0.1", "localhost", "::1")
        if (parts.scheme == "https" and parts.hostname) or here:
            return
        raise NeedsAttention(
            "The identity provider names an address without https.",
            code="oidc.address",
            do="Look at its configuration.",
        )


def provider(
    issuer: str, client_id: str, client_secret: str, redirect: str, *, loopback: bool
) -> Provider:
    """A provider that is asked over the network; NeedsAttention without the extra `oidc`."""
    try:
        from authlib.integrations.requests_client import OAuth2Session  # noqa: PLC0415 - an extra
    except ImportError:
        raise NeedsAttention(
            "Sign-in with an identity provider is not installed.",
            code="oidc.missing",
            do="Install crm-loop[oidc].",
        ) from None
    session = partial(
        OAuth2Session,
        client_id,
        client_secret,
        scope="openid email",
        code_challenge_method="S256",
    )
    return Provider(issuer, client_id, client_secret, redirect, session, loopback)


def refused() -> Refused:
    return Refused(
        "The identity provider's answer cannot be trusted.",
        code="oidc.refused",
        kept="Nobody was signed in.",
        do="Start again from the sign-in page.",
    )


def unknown() -> Refused:
    return Refused(
        "There is no account here for this person.",
        code="oidc.unknown",
        kept="Nobody was signed in.",
        do="Have an admin invite the address that the identity provider knows.",
    )


def away() -> Transient:
    return Transient(
        "The identity provider does not answer.",
        code="oidc.away",
        kept="Nobody was signed in.",
        do="Try again in a few minutes, or sign in with a password.",
    )
