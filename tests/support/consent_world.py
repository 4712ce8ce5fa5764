"""Two admins, a stranger and HubSpot, in whatever order they act, fail and come back."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from html import unescape
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from consent_page import PORTAL, Portal, TokenEnd
from console_house import Browser, House
from sqlalchemy import delete, select, update

from crm_loop.bootstrap import open_credentials, real_now
from crm_loop.errors import NeedsAttention
from crm_loop.store.connections import ConnectionRow
from crm_loop.store.tables.console import consent, session

PAGE = "/connections/consent/hubspot"
APP = {"client_id": "app-of-ours", "client_secret": "secret-canary"}
WHO = ("admin@acme.example", "second@acme.example", "admin@rival.example")
#: What becomes of the moment between the exchange and what is stored.
NOTHING, KILLED, REVOKED, OTHER_PORTAL = "", "killed", "revoked", "other_portal"


class Killed(BaseException):
    """The process ends here."""


class StrictEnd(TokenEnd):
    """Codes belong to the question that they answer, count once, and are never given out again."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[str, str] = {}
        self.given: list[str] = []
        self._numbers = count()

    def agree(self, challenge: str) -> str:
        code = f"code-canary-{next(self._numbers)}"
        self.codes[code] = challenge
        return code

    def answer(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.seen.append(form)
        digest = sha256(form["code_verifier"].encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if self.codes.pop(form["code"], None) != challenge:
            return 400, {"status": "BAD_AUTH_CODE", "message": f"unknown {form['code']}"}
        self.given.append(f"refresh-canary-{len(self.seen)}")
        known = {"access_token": "access-canary", "refresh_token": self.given[-1]}
        return 200, {**known, "hub_id": int(PORTAL), "expires_in": 1800}


@dataclass
class Moment:
    """What happens while HubSpot is looked at, once."""

    happen: Callable[[], None] | None = None


class Looked(Portal):
    """HubSpot after the exchange."""

    def __init__(self, moment: Moment, account: Any, _ports: Any = None) -> None:
        super().__init__(account)
        self._moment = moment

    def provision(self) -> list[str]:
        happen, self._moment.happen = self._moment.happen, None
        if happen is not None:
            happen()
        return []


@dataclass
class Question:
    """A question that was put to HubSpot, as its link has it."""

    who: int
    state: str
    challenge: str
    spent: bool = False


@dataclass
class World:
    """`expected`: the refresh token that has to stand in the store (None: not connected)."""

    house: House
    end: StrictEnd
    moment: Moment
    browsers: list[Browser]
    questions: list[Question] = field(default_factory=list)
    expected: str | None = None
    said: list[str] = field(default_factory=list)
    sent: int = 0

    def begin(self) -> None:
        """Nothing is connected and nothing asked; everybody has given the password just now."""
        with self.house.app.begin("acme") as state:
            state.connections.remove("hubspot")
            state.connection.execute(delete(consent))
            # Thousands of histories take longer than a password counts.
            state.connection.execute(update(session).values(proved_at=real_now()))
        self.end.seen.clear()
        self.end.codes.clear()
        self.end.given.clear()
        self.moment.happen = None

    def ask(self, who: int) -> None:
        """Somebody asks for consent; their earlier questions still count."""
        page = self.browsers[who].post(PAGE, name="hubspot", url=self.end.url, **APP)
        self.said.append(page.text)
        (link,) = re.findall(r'href="(http[^"]*authorize[^"]*)"', page.text)
        query = parse_qs(urlsplit(unescape(link)).query)
        self.questions.append(Question(who, query["state"][0], query["code_challenge"][0]))

    def agree(self, number: int, who: int, then: str = NOTHING, meanwhile: int = -1) -> None:
        """Somebody's browser brings a true answer to a question, perhaps not their own.

        `then` is what becomes of it after the exchange; `meanwhile` is another question that its
        own admin brings back at that moment.
        """
        if not self.questions:
            return
        one = self.questions[number % len(self.questions)]
        counts = not one.spent and one.who == who
        code = self.end.agree(one.challenge)
        if counts:
            one.spent = True
            self.sent += 1
            self.moment.happen = lambda: self._meanwhile(then, meanwhile)
        answer = self._back(who, one.state, code)
        self.moment.happen = None
        if not counts or then:
            assert answer is None or answer.status_code == 409, answer.status_code
        else:
            assert answer.status_code == 303
            assert answer.headers["location"] == "/connections/hubspot/check?said=connected"

    def _meanwhile(self, then: str, meanwhile: int) -> None:
        mine = self.end.given[-1]
        if meanwhile >= 0 and self.questions:
            other = self.questions[meanwhile % len(self.questions)]
            self.agree(meanwhile, other.who)
        if then == KILLED:
            raise Killed
        if then == REVOKED:
            raise NeedsAttention("The app was uninstalled.", code="connection.revoked", do="Again.")
        self.expected = mine

    def forge(self, number: int, who: int, how: int) -> None:
        """An answer that nobody gave: a wrong state, no state, another one's code, a refusal."""
        if not self.questions:
            return
        one = self.questions[number % len(self.questions)]
        mine = not one.spent and one.who == who
        kinds: list[tuple[str, dict[str, str]]] = [
            (one.state[:-1] + ("A" if one.state[-1] != "A" else "B"), {"code": "x"}),
            ("", {"code": "x"}),
            (one.state, {"code": self.end.agree("challenge-of-somebody-else")}),
            (one.state, {"error": "access_denied"}),
            (one.state, {}),
        ]
        state, query = kinds[how % len(kinds)]
        if state == one.state and mine:
            one.spent = True
            self.sent += "code" in query
        answer = self._back(who, state, query.get("code"), error=query.get("error"))
        assert answer.status_code == 409

    def wait(self, number: int) -> None:
        """More than ten minutes go by for one question: its answer comes too late."""
        if not self.questions:
            return
        one = self.questions[number % len(self.questions)]
        with self.house.app.begin("acme") as state:
            digest = consent.c.digest == sha256(one.state.encode()).hexdigest()
            late = self.house.app.clock() - timedelta(minutes=11)
            state.connection.execute(update(consent).where(digest).values(asked_at=late))
        one.spent = True

    def _back(self, who: int, state: str, code: str | None, error: str | None = None) -> Any:
        given = {"state": state, "code": code, "error": error}
        query = {name: one for name, one in given.items() if one is not None}
        try:
            answer = self.browsers[who].get(f"{PAGE}/return", params=query)
        except Killed:
            return None
        self.said.append(answer.text)
        return answer

    def row(self) -> ConnectionRow | None:
        with self.house.app.look("acme") as state:
            return state.connections.get("hubspot")

    def check(self) -> None:
        """What stands in the store is whole, and is what the last one who got through brought."""
        row = self.row()
        assert (row is None) == (self.expected is None)
        if row is not None:
            kept = open_credentials(self.house.app.seal, "acme", row)
            assert kept == {**APP, "refresh_token": self.expected}
            assert (row.account_id, row.facts["account_name"]) == (PORTAL, "Aoba")
        assert len(self.end.seen) == self.sent
        codes = [form["code"] for form in self.end.seen]
        assert len(set(codes)) == len(codes)
        with self.house.app.look("rival") as state:
            assert state.connections.get("hubspot") is None

    def leaked(self, logged: str) -> list[str]:
        """Secrets that stand in a page, in the log or in the audit trail."""
        with self.house.app.look("acme") as state:
            trail = repr(state.trail.entries(after=0, limit=500))
            waiting = repr(state.connection.execute(select(consent)).all())
        verifiers = [form["code_verifier"] for form in self.end.seen]
        secrets = ["canary", *verifiers, *(one.state for one in self.questions)]
        # A link has its own state, and nothing else has one.
        pages = re.sub(r'href="http[^"]*authorize[^"]*"', "", " ".join(self.said))
        return [one for one in secrets if one in pages + logged + trail + waiting]
