"""The access token: fixed, or refreshed by the clock and once more when it is turned down."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol

from crm_loop.connector.contract import Account, Ports, Token
from crm_loop.errors import CrmLoopError, NeedsAttention, Refused, Transient
from crm_loop_hubspot.errors import SILENT, TokenRefused, unreadable

#: Tokens live 30 minutes and are exchanged after 25.
EARLY = timedelta(minutes=5)

#: Sends a form to the token endpoint and gives back the answer's body.
PostForm = Callable[[Mapping[str, str]], Mapping[str, Any]]


class Tokens(Protocol):
    """Where the transport takes its token from."""

    def current(self, *, refused: str | None = None) -> str:
        """Give a token; `refused` is one that HubSpot has just turned down."""
        ...


class FixedToken:
    """A service key or the token of a static-auth app, which never expires."""

    def __init__(self, value: str) -> None:
        self._value = value

    def current(self, *, refused: str | None = None) -> str:
        del refused
        return self._value


class OAuthToken:
    """An app's access token, kept by the vault so that only one process refreshes it."""

    def __init__(self, account: Account, ports: Ports, post_form: PostForm) -> None:
        self._credentials = account.credentials
        self._ports = ports
        self._post_form = post_form

    def current(self, *, refused: str | None = None) -> str:
        return self._ports.vault.token(self._refresh, refused=refused).value

    def _refresh(self, newest: str | None) -> Token:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._credentials["client_id"],
            "client_secret": self._credentials["client_secret"],
            "refresh_token": newest or self._credentials["refresh_token"],
        }
        try:
            return self._read(self._post_form(form))
        except Refused as refusal:
            raise why(refusal) from refusal

    def _read(self, answer: Mapping[str, Any]) -> Token:
        if not answer.get("access_token"):
            raise unreadable()
        life = timedelta(seconds=float(answer.get("expires_in") or 1800))
        return Token(
            value=str(answer["access_token"]),
            expires_at=self._ports.clock() + max(life - EARLY, timedelta(0)),
            facts={"portal_id": str(answer.get("hub_id") or "")},
            refresh_token=answer.get("refresh_token"),
        )


def why(refusal: Refused) -> CrmLoopError:
    """What it means for whoever set us up; an app is uninstalled only where HubSpot says so."""
    code = refusal.code.upper()
    if "REFRESH_TOKEN" in code:
        return TokenRefused("The app was uninstalled in HubSpot, or its access was taken away.")
    if "CLIENT" in code:
        return NeedsAttention(
            "HubSpot does not know this app, or not with this secret.",
            code="connection.credentials_incomplete",
            do="Copy client_id and client_secret from the app's page in HubSpot.",
        )
    if refusal.happened.startswith(SILENT):
        return Transient("HubSpot's sign-in cannot be reached.", code="crm.sign_in")
    return NeedsAttention(
        f"HubSpot refused the sign-in: {refusal.happened}.",
        code="connection.sign_in_refused",
        do="Check the connection's URL and the app's credentials.",
    )


def tokens_of(account: Account, ports: Ports, post_form: PostForm) -> Tokens:
    """Choose by what the credentials hold; raises NeedsAttention when they hold too little."""
    if account.credentials.get("access_token"):
        return FixedToken(account.credentials["access_token"])
    if all(
        account.credentials.get(name) for name in ("client_id", "client_secret", "refresh_token")
    ):
        return OAuthToken(account, ports, post_form)
    raise NeedsAttention(
        "The credentials for HubSpot are incomplete.",
        code="connection.credentials_incomplete",
        do="Give access_token, or client_id, client_secret and refresh_token.",
    )
