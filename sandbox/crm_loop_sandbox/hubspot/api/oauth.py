"""OAuth: authorization codes, tokens, and what a token is."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import bad_request, not_found
from crm_loop_sandbox.hubspot.routing import V1, V2, V3, Rule
from crm_loop_sandbox.hubspot.tokens import LIFETIME_SECONDS, Grant, bad_grant

#: The only hosts to which HubSpot sends a browser back without TLS; here the only ones at all.
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1"})


def _form(call: Call) -> dict[str, str]:
    """The form's fields, once they name the app and its secret."""
    form = dict(parse_qsl(call.raw.decode(errors="replace")))
    tokens = call.portal.tokens
    if (form.get("client_id"), form.get("client_secret")) != (
        tokens.client_id,
        tokens.client_secret,
    ):
        raise bad_grant("BAD_CLIENT_ID", "missing or unknown client id or secret", "invalid_client")
    return form


def _token(call: Call) -> Reply:
    form, tokens = _form(call), call.portal.tokens
    match form.get("grant_type"):
        case "refresh_token":
            grant = tokens.refresh(form.get("refresh_token", ""), call.now)
        case "authorization_code":
            uri, verifier = form.get("redirect_uri", ""), form.get("code_verifier", "")
            grant = tokens.redeem(form.get("code", ""), uri, verifier, call.now)
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
    """The consent page, answered at once by somebody who agrees.

    HubSpot's manual names client_id, redirect_uri, scope, optional_scope, state, and an account
    in the path. It names no code_challenge here but a code_verifier at the exchange: a challenge
    (RFC 7636, S256) that is sent has to be met there; that HubSpot holds it so is not recorded.
    """
    uri = call.query.get("redirect_uri", "")
    if call.query.get("client_id") != call.portal.tokens.client_id:
        raise bad_request("Unknown client_id")
    target = urlsplit(uri)
    if target.hostname not in _LOCAL_HOSTS or target.scheme not in {"http", "https"}:
        raise bad_request("redirect_uri is not registered for this app")
    if call.names.get("portal", str(call.portal.portal_id)) != str(call.portal.portal_id):
        raise bad_request("This account is another one")
    challenge = call.query.get("code_challenge", "")
    if challenge and call.query.get("code_challenge_method") != "S256":
        raise bad_request("Unknown code_challenge_method")
    needed = call.query.get("scope", "").split()
    lacking = call.portal.tokens.lacking(needed)
    if lacking:
        # An app that needs what the account has not bought cannot be installed there.
        raise bad_request(f"This account lacks required scopes: {', '.join(lacking)}")
    asked = [*needed, *call.query.get("optional_scope", "").split()]
    answer = {"code": call.portal.tokens.code(uri, asked, challenge)}
    if state := call.query.get("state"):
        answer["state"] = state
    return Reply(status=302, headers={"Location": f"{uri}?{urlencode(answer)}"})


def _access_shape(call: Call, name: str) -> dict[str, object] | None:
    """What an access token is; None for one that is unknown or too old."""
    token = call.portal.tokens.find(name)
    if token is None or (token.expires is not None and token.expires <= call.now):
        return None
    left = LIFETIME_SECONDS if token.expires is None else int(token.expires - call.now)
    return _account(call) | {
        "token": token.token,
        "scopes": sorted(token.scopes),
        "app_id": int(token.app_id),
        "expires_in": left,
        "token_type": "access",
        **({} if token.user_id is None else {"user_id": token.user_id}),
    }


def _account(call: Call) -> dict[str, object]:
    """The account, and the user who installed the app there."""
    return {
        "user_id": call.portal.ids.small("installer"),
        "user": "integration@sandbox.example",
        "hub_domain": f"{call.portal.portal_id}.sandbox.example",
        "hub_id": call.portal.portal_id,
    }


def _refresh_shape(call: Call, name: str) -> dict[str, object] | None:
    scopes = call.portal.tokens.scopes_for(name)
    if scopes is None:
        return None
    return _account(call) | {
        "token": name,
        "client_id": call.portal.tokens.client_id,
        "scopes": list(scopes),
        "token_type": "refresh",
    }


def _access_token(call: Call) -> Reply:
    shape = _access_shape(call, call.names["token"])
    if shape is None:
        raise not_found()
    return Reply(shape)


def _refresh_token(call: Call) -> Reply:
    shape = _refresh_shape(call, call.names["token"])
    if shape is None:
        raise not_found()
    return Reply(shape)


def _introspect(call: Call) -> Reply:
    name = _form(call).get("token", "")
    shape = _access_shape(call, name) or _refresh_shape(call, name)
    return Reply({"active": False} if shape is None else {"active": True} | shape)


def _revoke_by_form(call: Call) -> Reply:
    call.portal.tokens.revoke(_form(call).get("token", ""))
    return Reply(status=204)


def _private_app(call: Call) -> Reply:
    """What the token of a private app is; the call needs no other token."""
    token = call.portal.tokens.find(str(call.json().get("tokenKey", "")))
    if token is None or token.oauth:
        raise not_found()
    return Reply(
        {
            "userId": token.user_id or call.portal.ids.small("installer"),
            "hubId": call.portal.portal_id,
            "appId": int(token.app_id),
            "scopes": sorted(token.scopes),
        }
    )


def _revoke(call: Call) -> Reply:
    call.portal.tokens.revoke(call.names["token"])
    return Reply(status=204)


RULES = (
    Rule("POST", "oauth/token", _token, V1 | V3, open=True),
    Rule("POST", "oauth/token/introspect", _introspect, V3, open=True),
    Rule("POST", "oauth/token/revoke", _revoke_by_form, V3, open=True),
    Rule("POST", "oauth/private-apps/get/access-token-info", _private_app, V2, open=True),
    Rule("GET", "oauth/authorize", _authorize, frozenset({""}), open=True),
    Rule("GET", "oauth/{portal}/authorize", _authorize, frozenset({""}), open=True),
    Rule("GET", "oauth/access-tokens/{token}", _access_token, V1, open=True),
    Rule("GET", "oauth/refresh-tokens/{token}", _refresh_token, V1, open=True),
    Rule("DELETE", "oauth/refresh-tokens/{token}", _revoke, V1, open=True),
)
