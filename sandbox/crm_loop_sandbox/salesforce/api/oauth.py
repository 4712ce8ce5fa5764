"""Sign-in by OAuth: tokens, who they belong to, whether they still live."""

import base64
import binascii
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from crm_loop_sandbox.salesforce.call import Reply
from crm_loop_sandbox.salesforce.errors import ApiError, not_found, session_expired
from crm_loop_sandbox.salesforce.org import Org
from crm_loop_sandbox.salesforce.tokens import SESSION_SECONDS, Sessions

_APIS = {
    "enterprise": "/services/Soap/c/{version}/",
    "metadata": "/services/Soap/m/{version}/",
    "partner": "/services/Soap/u/{version}/",
    "rest": "/services/data/v{version}/",
    "sobjects": "/services/data/v{version}/sobjects/",
    "query": "/services/data/v{version}/query/",
    "tooling_rest": "/services/data/v{version}/tooling/",
}


class OAuth:
    """The paths under `/services/oauth2`, and `/id`, of one org."""

    def __init__(self, org: Org, sessions: Sessions) -> None:
        self._org = org
        self._sessions = sessions

    def answer(
        self, method: str, path: str, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> Reply:
        name = path.removeprefix("/services/oauth2/")
        if path.startswith("/id/") or name == "userinfo":
            return self._who(path, form, headers.get("authorization", ""))
        acts = {"token": self._token, "introspect": self._introspect, "revoke": self._revoke}
        if name not in acts or (method != "POST" and name != "revoke"):
            raise not_found()
        return acts[name](form, basic(headers.get("authorization", "")))

    def _token(self, form: Mapping[str, str], client: tuple[str, str] | None) -> Reply:
        sessions, org = self._sessions, self._org
        user, scope = sessions.grant(dict(form), client)
        base = sessions.base_url
        issued = str(int(time.time() * 1000))
        identity = f"{base}/id/{org.org_id}/{user}"
        row = org.get(user)
        if row is not None:
            # A sign-in is no change of the user: SystemModstamp stays.
            row["LastLoginDate"] = org.now
        return Reply(
            {
                "access_token": sessions.open(user, scope),
                "signature": sessions.signature(identity, issued),
                "scope": scope,
                "instance_url": org.kernel.options.instance_url or base,
                "id": identity,
                "token_type": "Bearer",
                "issued_at": issued,
            }
        )

    def _introspect(self, form: Mapping[str, str], client: tuple[str, str] | None) -> Reply:
        """Inactive is no error; the asking client has to name itself."""
        sessions = self._sessions
        sessions.check_client(form, client)
        session = sessions.tokens.get(form.get("token", ""))
        if session is None or not session.alive:
            return Reply({"active": False})
        row = self._org.tables["User"][session.user]
        opened = int(session.opened)
        return Reply(
            {
                "active": True,
                "scope": session.scope,
                "client_id": sessions.client_id,
                "username": row.get("Username"),
                "sub": f"{sessions.base_url}/id/{self._org.org_id}/{session.user}",
                "token_type": "access_token",
                "exp": opened + int(SESSION_SECONDS),
                "iat": opened,
                "nbf": opened,
            }
        )

    def _revoke(self, form: Mapping[str, str], _client: tuple[str, str] | None) -> Reply:
        token = form.get("token", "")
        known = (
            self._sessions.tokens.pop(token, None),
            self._sessions.refresh_tokens.pop(token, None),
        )
        if known == (None, None):
            body = {"error": "unsupported_token_type", "error_description": "invalid token"}
            raise ApiError(400, body)
        return Reply(b"", media="text/plain")

    def _who(self, path: str, form: Mapping[str, str], header: str) -> Reply:
        user = self._sessions.user_of(header or f"Bearer {form.get('access_token', '')}")
        if user is None:
            if path.startswith("/id/"):
                raise ApiError(403, "Bad_OAuth_Token")
            raise session_expired()
        if path.startswith("/id/"):
            return Reply(self._identity(user))
        return Reply(self._user_info(user))

    def _user_info(self, user: str) -> dict[str, Any]:
        row = self._org.tables["User"][user]
        return {
            "sub": f"{self._sessions.base_url}/id/{self._org.org_id}/{user}",
            "user_id": user,
            "organization_id": self._org.org_id,
            "preferred_username": row.get("Username"),
            "nickname": row.get("Alias"),
            "name": row.get("Name"),
            "email": row.get("Email"),
            "email_verified": True,
            "given_name": row.get("FirstName"),
            "family_name": row.get("LastName"),
            "zoneinfo": row.get("TimeZoneSidKey"),
            "user_type": "STANDARD",
            "language": row.get("LanguageLocaleKey"),
            "locale": row.get("LocaleSidKey"),
            "active": row.get("IsActive"),
            "urls": self._urls(),
        }

    def _identity(self, user: str) -> dict[str, Any]:
        row = self._org.tables["User"][user]
        return {
            "id": f"{self._sessions.base_url}/id/{self._org.org_id}/{user}",
            "asserted_user": True,
            "user_id": user,
            "organization_id": self._org.org_id,
            "username": row.get("Username"),
            "nick_name": row.get("Alias"),
            "display_name": row.get("Name"),
            "email": row.get("Email"),
            "first_name": row.get("FirstName"),
            "last_name": row.get("LastName"),
            "timezone": row.get("TimeZoneSidKey"),
            "active": row.get("IsActive"),
            "user_type": "STANDARD",
            "language": row.get("LanguageLocaleKey"),
            "locale": row.get("LocaleSidKey"),
            "last_modified_date": row.get("LastModifiedDate"),
            "urls": self._urls(),
        }

    def _urls(self) -> dict[str, str]:
        base = self._org.kernel.options.instance_url or self._sessions.base_url
        return {name: base + path for name, path in _APIS.items()}


def form_of(raw: bytes, query: Mapping[str, str]) -> dict[str, str]:
    """Fields of the body, and of the address where a client puts them there."""
    return {**query, **dict(parse_qsl(raw.decode("utf-8", "replace")))}


def basic(header: str) -> tuple[str, str] | None:
    """Client id and secret of a Basic header."""
    if not header.lower().startswith("basic "):
        return None
    try:
        name, _, secret = base64.b64decode(header[6:]).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name, secret
