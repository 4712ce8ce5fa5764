"""One row of the route table: who may ask for what."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from starlette.responses import Response

from crm_loop.access.roles import ConsoleRole
from crm_loop.console.visit import Visit

Handler = Callable[[Visit], Response]


class Scope(StrEnum):
    """What of the organisation a route reaches; the guard holds it, whatever the handler does.

    DOOR: nobody has signed in yet, nothing of any organisation. OWN: the user's own account.
    ORGANISATION: the one organisation of the user. PERSON: the member in the path, if the CRM's
    manager chain lets this user read about that one. PAIR: the talks of that member, for the two
    who hold them.
    """

    DOOR = "door"
    OWN = "own"
    ORGANISATION = "organisation"
    PERSON = "person"
    PAIR = "pair"


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a script may say behind the address, or send."""

    name: str
    text: str
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one path. Nobody may who is not named in `roles`.

    `proof`: the password must have been given a few minutes ago. `section`: the entry of the
    menu that is lit. `shown`: what the audit trail says was shown, where that is about a person.
    `upload`: large files are taken. `data`: for scripts, as JSON, with these parameters.
    `before_factor`: it does not wait for the second factor that an admin needs in production.
    """

    name: str
    method: str
    path: str
    handler: Handler
    scope: Scope
    roles: frozenset[ConsoleRole] = frozenset()
    proof: bool = False
    section: str = ""
    shown: str = ""
    upload: bool = False
    data: bool = False
    before_factor: bool = False
    parameters: tuple[Parameter, ...] = ()

    def __post_init__(self) -> None:
        if (self.scope is Scope.DOOR) == bool(self.roles):
            message = f"{self.name}: a door has no roles, and everything else has some"
            raise ValueError(message)

    @property
    def is_safe(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"
