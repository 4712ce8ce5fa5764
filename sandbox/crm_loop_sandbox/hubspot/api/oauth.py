"""OAuth: authorization codes, tokens, and what a token is."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import bad_request, not_found
from crm_loop_sandbox.hubspot.routing import V1, V3, Rule
from crm_loop_sandbox.hubspot.tokens import LIFETIME_SECONDS, Grant, bad_grant

#: The only hosts to which HubSpot sends a browser back without TLS; here the only ones at all.
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1"})


def _token(call: Call) -> Reply:
    form = dict(parse_qsl(call.raw.decode(errors="replace")))
    tokens = call.portal.tokens
    if (form.get("client_id"), form.get("client_secret")) != (
        tokens.client_id,
        tokens.client_secret,
    ):
        raise bad_grant("BAD_CLIENT_ID", "missing or unknown client id or secret", "invalid_client")
    match form.get("grant_type"):
        case "refresh_token":
            grant = tokens.refresh(form.get("refresh_token", ""), call.now)
        case "authorization_code":
            uri = form.get("redirect_uri", "")
            grant = tokens.redeem(form.get("code", ""), uri, call.now)
        case _:
            raise bad_grant("BAD_GRANT_TYPE", "unknown grant type", "unsupported_grant_type")
    return Reply(_shape(call, grant))


def _shape(call: Call, grant: Grant) -> dict[str, object]:
    return {
        "token_type": "bearer",
        "access_token": grant.access_token,
        "refresh_token": grant.refresh_token,
        "expires_in": LIFETIME_SECONDS,
        "hub_id": call.portal.portal_id,
        "scopes": list(grant.scopes),
    }


def _authorize(call: Call) -> Reply:
    """The consent page, answered at once by somebody who agrees."""
    uri = call.query.get("redirect_uri", "")
    if call.query.get("client_id") != call.portal.tokens.client_id:
        raise bad_request("Unknown client_id")
    target = urlsplit(uri)
    if target.hostname not in _LOCAL_HOSTS or target.scheme not in {"http", "https"}:
        raise bad_request("redirect_uri is not registered for this app")
    asked = f"{call.query.get('scope', '')} {call.query.get('optional_scope', '')}".split()
    answer = {"code": call.portal.tokens.code(uri, asked)}
    if state := call.query.get("state"):
        answer["state"] = state
    return Reply(status=302, headers={"Location": f"{uri}?{urlencode(answer)}"})


def _access_token(call: Call) -> Reply:
    token = call.portal.tokens.find(call.names["token"])
    if token is None or (token.expires is not None and token.expires <= call.now):
        raise not_found()
    left = LIFETIME_SECONDS if token.expires is None else int(token.expires - call.now)
    return Reply(
        {
            "token": token.token,
            "user": "integration@sandbox.example",
            "hub_domain": f"{call.portal.portal_id}.sandbox.example",
            "scopes": sorted(token.scopes),
            "hub_id": call.portal.portal_id,
            "app_id": int(token.app_id),
            "expires_in": left,
            "user_id": token.user_id,
            "token_type": "access",
        }
    )


def _refresh_token(call: Call) -> Reply:
    scopes = call.portal.tokens.scopes_for(call.names["token"])
    if scopes is None:
        raise not_found()
    return Reply(
        {
            "token": call.names["token"],
            "hub_id": call.portal.portal_id,
            "client_id": call.portal.tokens.client_id,
            "scopes": list(scopes),
            "token_type": "refresh",
        }
    )


def _revoke(call: Call) -> Reply:
    call.portal.tokens.revoke(call.names["token"])
    return Reply(status=204)


RULES = (
    Rule("POST", "oauth/token", _token, V1 | V3, open=True),
    Rule("GET", "oauth/authorize", _authorize, frozenset({""}), open=True),
    Rule("GET", "oauth/access-tokens/{token}", _access_token, V1, open=True),
    Rule("GET", "oauth/refresh-tokens/{token}", _refresh_token, V1, open=True),
    Rule("DELETE", "oauth/refresh-tokens/{token}", _revoke, V1, open=True),
)
