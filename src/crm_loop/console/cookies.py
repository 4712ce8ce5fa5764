"""The cookies: who is signed in, which browser is about to, and what it asked elsewhere."""

import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from crm_loop.access.sign_in import LONGEST


@dataclass(frozen=True, slots=True)
class Cookies:
    """`secure`: the console is reached by https; then no other host or path can set them."""

    secure: bool

    def session_of(self, request: Request) -> str:
        return request.cookies.get(self._name("session"), "")

    def visit_of(self, request: Request) -> str:
        """What the forms in front of the door are bound to."""
        return request.cookies.get(self._name("visit"), "")

    def sign_in(self, response: Response, secret: str) -> None:
        self._set(response, "session", secret, seconds=int(LONGEST.total_seconds()))

    def sign_out(self, response: Response) -> None:
        self._set(response, "session", "", seconds=0)

    def asked_of(self, request: Request) -> str:
        """What this browser set out to the identity provider with."""
        return request.cookies.get(self._name("asked"), "")

    def asked(self, response: Response, sealed: str) -> None:
        """Keep it for ten minutes; empty forgets it."""
        self._set(response, "asked", sealed, seconds=600 if sealed else 0)

    def new_visit(self) -> str:
        return secrets.token_urlsafe(32)

    def visit(self, response: Response, secret: str) -> None:
        self._set(response, "visit", secret, seconds=3600)

    def _name(self, what: str) -> str:
        # Browsers take a __Host- cookie over https only.
        return f"__Host-crm_loop_{what}" if self.secure else f"crm_loop_{what}"

    def _set(self, response: Response, what: str, value: str, *, seconds: int) -> None:
        response.set_cookie(
            self._name(what),
            value,
            max_age=seconds,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )
