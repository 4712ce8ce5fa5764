"""Whether a form is one of ours: nobody else's page can make what it carries."""

import hmac
from hashlib import sha256

from starlette.requests import Request

from crm_loop.console.visit import Visit


def csrf_of(cookie: str) -> str:
    """What a form of ours carries: it can be made from the cookie only, which no page can read."""
    return hmac.new(cookie.encode(), b"form", sha256).hexdigest() if cookie else ""


def is_ours(request: Request, visit: Visit) -> bool:
    """Whether a form was sent by a page that we gave to this very browser."""
    site = request.headers.get("sec-fetch-site")
    if site not in (None, "same-origin"):
        return False
    origin = request.headers.get("origin")
    if origin is not None and origin != f"{request.url.scheme}://{request.url.netloc}":
        return False
    sent = request.headers.get("x-csrf-token") or visit.form.get("csrf")
    return bool(visit.csrf) and hmac.compare_digest(sent.encode(), visit.csrf.encode())
