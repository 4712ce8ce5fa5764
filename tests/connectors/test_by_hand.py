"""To-dos that people make by hand for a 1on1, told from all others in both CRMs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm_loop.connector.contract import Account
from crm_loop.connector.marked import MarkedTask, Wanted, is_marked, without_mark
from crm_loop.connector.memory import MemoryPorts
from crm_loop.records import Subject
from crm_loop_hubspot.connector import HubSpotConnector
from crm_loop_salesforce.connector import SalesforceConnector

FACES = ("salesforce", "hubspot")
MARKED = ("[1on1] A社に電話する", "［1on1］見積を送る", "【１ｏｎ１】資料を直す", "[1On1]Call Acme")
OTHERS = ("1on1の準備", "A社に電話する", "[2on1] 集まる")


@dataclass
class Office:
    """Two people at the screens of one CRM, and our connector beside them."""

    server: Any
    face: str

    def __post_init__(self) -> None:
        batches = self.connector().pull(Subject.PEOPLE, None)
        people = sorted(
            (one for batch in batches for one in batch.rows if one.active), key=lambda one: one.id
        )
        self.people = [one.email for one in people if "sandbox.example" not in one.email][:2]
        self.started = datetime.fromisoformat(self.server.get("/__clock")["now"])

    def makes(self, actor: int, subject: str, **fields: Any) -> str:
        return self.does(actor, "create", object="task", fields={"subject": subject, **fields})

    def does(self, actor: int, do: str, **wanted: Any) -> str:
        deed = {"actor": self.people[actor], "do": do, "face": self.face, **wanted}
        return str(self.server.post("/__people", deed)["did"][self.face])

    def connector(self) -> Any:
        access = self.server.get("/__access")[self.face]
        names = ("client_id", "client_secret") if self.face == "salesforce" else ("access_token",)
        account = Account(
            organisation="acme",
            connection=self.face,
            url=access.get("base_url", self.server.url),
            settings={"allow_loopback": True},
            credentials={name: access[name] for name in names},
        )
        of = SalesforceConnector if self.face == "salesforce" else HubSpotConnector
        return of(account, MemoryPorts().ports)

    def found(self, *known: str) -> dict[str, MarkedTask]:
        wanted = Wanted(since=self.started - timedelta(days=1), known=known)
        return {one.id: one for one in self.connector().marked_tasks(wanted)}


@pytest.fixture(scope="module")
def both(sandbox_server: Callable[..., Any]) -> Any:
    return sandbox_server(reps=4, weeks=1, faces="both", rate_limits="off")


@pytest.fixture(params=FACES)
def office(both: Any, request: pytest.FixtureRequest) -> Office:
    both.post("/__reset")
    return Office(both, request.param)


def test_marked_to_dos_are_found_in_any_width_and_case_and_no_others(office: Office) -> None:
    marked = {office.makes(0, one): one for one in MARKED}
    for one in OTHERS:
        office.makes(0, one)
    assert {id_: one.subject for id_, one in office.found().items()} == marked


def test_a_to_do_says_whose_it_is_and_who_made_it(office: Office) -> None:
    own = office.makes(0, MARKED[0])
    first = office.found()[own]
    given = office.does(1, "create", object="task",
                        fields={"subject": MARKED[0], "owner": first.owner_id})  # fmt: skip
    found = office.found()[given]
    assert first.made_by == first.owner_id == found.owner_id
    assert found.made_by not in (None, first.owner_id)


def test_a_known_to_do_is_followed_whatever_it_is_called_and_until_it_is_gone(
    office: Office,
) -> None:
    id_ = office.makes(0, MARKED[0])
    office.does(0, "edit", object="task", id=id_, fields={"subject": "B社に電話する"})
    assert office.found() == {}
    assert office.found(id_)[id_].subject == "B社に電話する"
    office.does(0, "delete", object="task", id=id_)
    assert office.found(id_)[id_].deleted


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("[1on1] A社に電話する", "A社に電話する"),
        ("Ａ社に電話する【1on1】", "Ａ社に電話する"),
        ("［１ＯＮ１］： 見積を送る", "見積を送る"),
        ("見積を 送る", "見積を 送る"),
    ],
)
def test_the_words_stay_as_typed_without_the_mark(subject: str, said: str) -> None:
    assert without_mark(subject) == said
    assert is_marked(subject) is (subject != said)
