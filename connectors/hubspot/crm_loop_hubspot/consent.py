"""HubSpot's own page of consent, and the token that comes of it.

HubSpot's manual of OAuth (2026-03) names `client_id`, `redirect_uri`, `scope`, `optional_scope`
and `state` for the page, and `code_verifier` for the exchange. The challenge that belongs to it is
sent to the page as RFC 7636 has it; where HubSpot should not look at it, state and the app's
secret still hold.
"""

from urllib.parse import quote, urlencode

from crm_loop.connector.consent import Asked, Consent, Granted
from crm_loop.errors import CrmLoopError, Refused, Transient
from crm_loop.outbound import check_url, on_loopback

#: Where people agree; the account that they choose there may live in any data centre.
PAGE = "https://app.hubspot.com"
#: Without these there is nothing to do; an account that lacks others can be connected all the same.
NEEDED = (
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.deals.read",
    "crm.objects.owners.read",
    "crm.schemas.deals.read",
)


def address(asked: Asked) -> str:
    """The page of consent; one account's own where only that one may agree."""
    base = _base(asked)
    only = f"/{quote(asked.account, safe='')}" if asked.account else ""
    query = {
        "client_id": asked.client_id,
        "redirect_uri": asked.redirect,
        "scope": " ".join(NEEDED),
        "optional_scope": " ".join(optional()),
        "state": asked.state,
        "code_challenge": asked.challenge,
        "code_challenge_method": "S256",
    }
    page = base if on_loopback(base) else PAGE
    return f"{page}/oauth{only}/authorize?{urlencode(query, quote_via=quote)}"


def optional() -> list[str]:
    """What else the approval pack names; HubSpot leaves out what an account has not bought."""
    from crm_loop_hubspot.disclosure import disclosure  # noqa: PLC0415 - only when it is asked for

    return [one.name for one in disclosure().permissions if one.name not in NEEDED]


def redeem(asked: Asked, code: str) -> Granted:
    """Exchange the code for a refresh token; it is sent once, whatever becomes of it."""
    from crm_loop_hubspot import wire  # noqa: PLC0415 - HubSpot's client, only when it is needed
    from crm_loop_hubspot.errors import Failure, body_of, classify, unreadable  # noqa: PLC0415
    from crm_loop_hubspot.paths import Paths  # noqa: PLC0415

    form = {
        "grant_type": "authorization_code",
        "client_id": asked.client_id,
        "client_secret": asked.client_secret,
        "redirect_uri": asked.redirect,
        "code": code,
        "code_verifier": asked.verifier,
    }
    request = wire.Request(method="POST", path=Paths().token, form=form)
    answer = wire.exchange(_base(asked), request, token=None)
    if not answer.ok:
        body = body_of(_without_secrets(answer.data, asked, code))
        raise _why(classify(Failure(status=answer.status, body=body, headers=answer.headers)))
    told = body_of(answer.data)
    if not told.get("refresh_token") or not told.get("hub_id"):
        raise unreadable()
    kept = {"client_id": asked.client_id, "client_secret": asked.client_secret}
    return Granted(
        credentials={**kept, "refresh_token": str(told["refresh_token"])},
        account_id=str(told["hub_id"]),
    )


def _base(asked: Asked) -> str:
    from crm_loop_hubspot.transport import HOST, HOSTS  # noqa: PLC0415 - it loads the client

    return check_url(asked.url or HOST, HOSTS, allow_loopback=asked.loopback, example=HOST)


def _without_secrets(raw: bytes, asked: Asked, code: str) -> str:
    """HubSpot repeats what it was sent in its messages, which end up in logs."""
    text = raw.decode(errors="replace")
    for secret in (asked.client_secret, asked.verifier, code):
        text = text.replace(secret, "…")
    return text


def _why(error: CrmLoopError) -> CrmLoopError:
    """What it means for whoever agreed."""
    from crm_loop_hubspot.auth import why  # noqa: PLC0415 - beside the rest of the exchange

    if isinstance(error, Refused) and "AUTH_CODE" in error.code.upper():
        return Refused(
            "HubSpot does not take this consent: each one counts once, and not for long.",
            code="connection.consent",
            kept="Nothing was connected.",
            do="Begin again from the page on which the CRM is connected.",
        )
    if isinstance(error, Transient):
        return Transient(
            "HubSpot's sign-in cannot be reached.",
            code="crm.sign_in",
            kept="Nothing was connected.",
            do="Begin again from the page on which the CRM is connected.",
        )
    return why(error) if isinstance(error, Refused) else error


CONSENT = Consent(fills="refresh_token", address=address, redeem=redeem)
