"""Sign in and keep the token: one at a time for all processes, in the vault."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests

from crm_loop.connector.contract import Account, Ports, Token
from crm_loop.errors import NeedsAttention, Transient
from crm_loop.outbound import check_url, on_loopback
from crm_loop_salesforce import hosts
from crm_loop_salesforce.errors import NotReached

#: Salesforce does not say when a token ends; sessions live two hours unless an org says less.
TOKEN_LIFE = timedelta(minutes=30)
#: An assertion may be valid for three minutes at most.
ASSERTION_LIFE = timedelta(minutes=3)
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
#: A sign-in that was refused is not tried again with the same credentials before this.
LOCKED = timedelta(minutes=5)
_REFUSAL = "sign_in:refused"
_DO = "Check the app, its certificate or secret and the integration user; connect again."
TOKEN_TIMEOUT = (10.0, 30.0)
#: Orgs under `x--y.sandbox.my…` sign in at the test host, `x.my…` at the other one.
_TEST_LOGIN = "https://test.salesforce.com"
_MY_DOMAIN_DOTS = 3
#: Refusals that pass by themselves.
_PASSING = ("login rate exceeded", "retry your request")
_ANSWERED = ("access_token", "instance_url", "id")

Form = Mapping[str, str]


class SignIn:
    """Gives the token of one org and a new one when it was turned down."""

    def __init__(self, account: Account, ports: Ports) -> None:
        self._account = account
        self._ports = ports
        self._loopback = bool(account.settings.get("allow_loopback"))
        self._url = check_url(
            account.url, hosts.LOGIN, allow_loopback=self._loopback, example=hosts.EXAMPLE
        )

    def token(self, session: requests.Session, *, refused: str | None = None) -> Token:
        return self._ports.vault.token(partial(self._refresh, session), refused=refused)

    def _refresh(self, session: requests.Session, refresh_token: str | None) -> Token:
        self._heed_refusal()
        self._ports.gate.acquire("sign_in", 1)
        try:
            answer = self._post(session, self._form(refresh_token))
        except NeedsAttention as error:
            self._keep_refusal(error)
            raise
        self._ports.notebook.put(_REFUSAL, None)
        given = {name: str(answer.get(name) or "") for name in _ANSWERED}
        if not all(given.values()):
            raise Transient("Salesforce's sign-in is down.", code="connection.sign_in")
        org_id, user_id = self._who(given["id"])
        # A sandbox on this machine never sends us out into the world, nor the world to us.
        here = on_loopback(self._url)
        known = () if here else hosts.ORG
        instance = check_url(given["instance_url"], known, allow_loopback=here)
        return Token(
            value=given["access_token"],
            expires_at=self._ports.clock() + TOKEN_LIFE,
            facts={"instance_url": instance, "org_id": org_id, "user_id": user_id},
            # Some apps give a new one each time and take the old one no more.
            refresh_token=answer.get("refresh_token") or refresh_token,
        )

    def _heed_refusal(self) -> None:
        """What was refused stays refused for a while: nobody storms a door that is locked."""
        kept = self._ports.notebook.get(_REFUSAL)
        if kept is None or kept.get("credentials") != self._digest():
            return
        if self._ports.clock() < datetime.fromisoformat(str(kept["until"])):
            raise NeedsAttention(str(kept["happened"]), code=str(kept["code"]), do=_DO)

    def _keep_refusal(self, error: NeedsAttention) -> None:
        until = self._ports.clock() + LOCKED
        kept = {"until": until.isoformat(), "happened": error.happened, "code": error.code}
        self._ports.notebook.put(_REFUSAL, kept | {"credentials": self._digest()})

    def _digest(self) -> str:
        """Tells other credentials from these; too short to say anything of what they are."""
        given = sorted(self._account.credentials.items())
        return sha256(repr([self._url, given]).encode()).hexdigest()[:4]

    def _who(self, identity: str) -> tuple[str, str]:
        """Org and user of the identity URL; refused when another org was connected."""
        org_id, _, user_id = identity.rstrip("/").rpartition("/id/")[2].partition("/")
        wanted = self._account.settings.get("org_id") or self._account.account_id
        if wanted and org_id[:15] != str(wanted)[:15]:
            raise NeedsAttention(
                f"This sign-in belongs to another Salesforce org ({org_id}).",
                code="connection.other_account",
                do="Use the credentials of the org that was connected.",
            )
        return org_id, user_id

    def _form(self, refresh_token: str | None) -> Form:
        given = dict(self._account.credentials)
        if refresh_token is not None and "refresh_token" in given:
            given["refresh_token"] = refresh_token
        for needed, make in _GRANTS:
            if needed <= given.keys():
                return make(given, self._url, self._ports)
        raise NeedsAttention(
            "The credentials are not complete.",
            code="connection.credentials",
            do="Give client_id, username and private_key, or client_id and client_secret.",
        )

    def _post(self, session: requests.Session, form: Form) -> Mapping[str, Any]:
        try:
            answer = session.post(
                f"{self._url}/services/oauth2/token",
                data=dict(form),
                timeout=TOKEN_TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise NotReached(
                f"Salesforce's sign-in cannot be reached ({type(error).__name__}).",
                code="connection.unreachable",
            ) from None
        read = _read(answer)
        if answer.status_code == requests.codes.ok and read is not None:
            return read
        raise _refused(answer.status_code, read or {})


def _read(answer: requests.Response) -> Mapping[str, Any] | None:
    try:
        read = answer.json()
    except requests.exceptions.JSONDecodeError:
        return None
    return read if isinstance(read, dict) else None


def _refused(status: int, read: Mapping[str, Any]) -> Transient | NeedsAttention:
    words = str(read.get("error_description") or read.get("error") or f"it answered {status}")
    busy = any(hint in words.lower() for hint in _PASSING)
    if status >= 500 or status in (200, 429) or busy:  # noqa: PLR2004 - HTTP
        return Transient("Salesforce's sign-in is down.", code="connection.sign_in")
    return NeedsAttention(
        f"Salesforce refused the sign-in: {words}.",
        code="connection.token_refused",
        do=_DO,
    )


def _jwt(given: Form, url: str, ports: Ports) -> Form:
    claims = {
        "iss": given["client_id"],
        "sub": given["username"],
        "aud": given.get("audience") or _audience(url),
        "exp": int((ports.clock() + ASSERTION_LIFE).timestamp()),
    }
    try:
        assertion = jwt.encode(claims, given["private_key"], algorithm="RS256")
    except (ValueError, jwt.PyJWTError):
        raise NeedsAttention(
            "The private key cannot be read.",
            code="connection.credentials",
            do="Give the PEM text of the RSA key whose certificate the app holds.",
        ) from None
    return {"grant_type": JWT_GRANT, "assertion": assertion}


def _audience(url: str) -> str:
    """Salesforce wants the name of its login host, also from an org's own address."""
    host = urlsplit(url).hostname or ""
    if not host.endswith(".my.salesforce.com"):
        return url
    return "https://login.salesforce.com" if host.count(".") == _MY_DOMAIN_DOTS else _TEST_LOGIN


def _client_credentials(given: Form, _url: str, _ports: Ports) -> Form:
    return _with_client(given, {"grant_type": "client_credentials"})


def _refresh_grant(given: Form, _url: str, _ports: Ports) -> Form:
    return _with_client(
        given, {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    )


def _password(given: Form, _url: str, _ports: Ports) -> Form:
    secret = given["password"] + given.get("security_token", "")
    form = {"grant_type": "password", "username": given["username"], "password": secret}
    return _with_client(given, form)


def _with_client(given: Form, form: Form) -> Form:
    client = {name: given[name] for name in ("client_id", "client_secret") if name in given}
    return {**form, **client}


_Make = Callable[[Form, str, Ports], Form]
_GRANTS: tuple[tuple[frozenset[str], _Make], ...] = (
    (frozenset({"client_id", "username", "private_key"}), _jwt),
    (frozenset({"client_id", "refresh_token"}), _refresh_grant),
    (frozenset({"client_id", "client_secret", "username", "password"}), _password),
    (frozenset({"client_id", "client_secret"}), _client_credentials),
)
