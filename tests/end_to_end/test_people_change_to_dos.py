"""What people do to to-dos in each kind of CRM account is what the loop goes on with."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from town import ACCOUNTS, ORGANISATION, Town, settle_in

from crm_loop.calendars import monday_of
from crm_loop.loop_records import Action, ActionStatus, AgendaState, Origin, Verify

pytestmark = [pytest.mark.slow, pytest.mark.long(2)]

FIRST, WEEK, NEXT = date(2026, 6, 8), "2026-W24", "2026-W25"
TYPED = "6/19（金）までに、提案書の型を見直す"
ANEW = "6/19（金）までに、お客様との面談を2件行う"
BY_HAND, FROM_BOSS, GONE = (
    "［1on1］見積のひな形を直す",
    "[1ON1] 事例集を読む",
    "[1on1] 電話を3件かける",
)


class Office:
    """One rep and the manager, a week long."""

    def __init__(self, town: Town) -> None:
        self.town = town
        town.turn(self.at(0, 6), ("pull", "check"))
        town.turn(self.at(0, 9), ("listen", "settle", "prepare", "write"))
        with town.app.begin(ORGANISATION) as state:
            own = [one for one in state.agendas.of_week(WEEK) if one.language == "ja"]
            self.agenda = own[0]
            self.users = {one.person: one.accounts for one in state.people.members()}
        self.rep, self.boss = self.agenda.rep, self.agenda.manager
        self.memo = ""

    def at(self, day: int, hour: int) -> Any:
        return self.town.at(str(monday_of(WEEK) + timedelta(days=day)), hour)

    def makes(self, actor: str, subject: str) -> str:
        """A to-do in the rep's list; its id."""
        owner = self.users[self.rep][self.town.crm]
        deed = {"actor": actor, "do": "create", "object": "task", "face": self.town.crm,
                "fields": {"subject": subject, "owner": owner}}  # fmt: skip
        return str(self.town.server.post("/__people", deed)["did"][self.town.crm])

    def deletes(self, id_: str) -> None:
        deed = {"actor": self.rep, "do": "delete", "object": "task", "id": id_,
                "face": self.town.crm}  # fmt: skip
        self.town.server.post("/__people", deed)

    def steps(self) -> dict[str, Action]:
        with self.town.app.begin(ORGANISATION) as state:
            return {one.text: one for one in state.actions.of(self.rep)}

    def writes(self) -> list[str]:
        """Subjects of the to-dos that we have made."""
        made = [one for one in self.town.journal() if one["actor"] == "api" and one["key"]]
        fields = [one["fields"] for one in made if one["op"] == "create"]
        return [str(one.get("Subject") or one.get("hs_task_subject")) for one in fields]


@pytest.fixture(scope="module", params=list(ACCOUNTS))
def office(
    request: pytest.FixtureRequest,
    sandbox_server: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Office]:
    serve = ACCOUNTS[request.param]["serve"]
    server = sandbox_server(
        reps=6, weeks=3, faces="both", start="2026-06-08T05:00:00+09:00", rate_limits="off", **serve
    )
    town = settle_in(server, tmp_path_factory.mktemp("house"), request.param)
    found = Office(town)
    live(found)
    yield found
    town.app.close()


def live(office: Office) -> None:
    """A typed step is worded anew; three are made by hand, of which one is taken away."""
    town = office.town
    label = "▼決めたこと（日付とひとこと）："
    lines = town.memo(office.rep, WEEK).splitlines()
    body = "\n".join(f"{label}\n{TYPED}" if one.strip() == label else one for one in lines)
    town.does(office.rep, "edit", office.agenda.key, body=body)
    town.turn(office.at(1, 17), ("listen", "settle", "write"))
    town.does(office.rep, "edit", office.steps()[TYPED].key, subject=ANEW)
    office.makes(office.rep, BY_HAND)
    office.makes(office.boss, FROM_BOSS)
    gone = office.makes(office.rep, GONE)
    office.makes(office.rep, "1on1の前に読むもの")
    town.turn(office.at(2, 10), ("pull", "listen", "settle", "write"))
    office.deletes(gone)
    town.turn(office.at(3, 6), ("pull", "listen", "settle", "check", "write"))
    town.turn(office.at(7, 9), ("pull", "listen", "settle", "check", "prepare", "write"))
    office.memo = town.memo(office.rep, NEXT)
    answer(office, "見積のひな形を直す", "下ろす")
    town.turn(office.at(8, 17), ("listen", "settle", "write"))


def answer(office: Office, step: str, text: str) -> None:
    """Said of a step in the memo, or where that is a record of ours in a field beside it."""
    town, key = office.town, office.town.agenda(office.rep, NEXT).key
    if town.records()[key].get("Summary__c"):
        town.does(office.rep, "edit", key, Next_Step__c=f"{step}：{text}")
        return
    lines = office.memo.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("2. 前回決めたこと"))
    body = [*lines[: place + 1], f" {step} → {text}", *lines[place + 1 :]]
    town.does(office.rep, "edit", key, body="\n".join(body))


def test_new_words_of_a_to_do_are_the_steps_words_and_what_is_looked_for(office: Office) -> None:
    step = office.steps()[ANEW]
    assert step.former == TYPED
    assert (step.verify.kind, step.verify.target) == (Verify.ACTIVITIES, 2)
    assert TYPED not in office.steps()


def test_to_dos_made_by_hand_are_steps_of_who_made_them(office: Office) -> None:
    steps = office.steps()
    assert steps["見積のひな形を直す"].origin is Origin.REP
    assert steps["事例集を読む"].origin is Origin.MANAGER
    assert steps["電話を3件かける"].status is ActionStatus.WITHDRAWN
    assert len(steps) == 4
    assert office.town.agenda(office.rep, WEEK).state is AgendaState.HELD


def test_nothing_is_written_beside_or_into_what_people_made(office: Office) -> None:
    wrote = office.writes()
    assert wrote.count(TYPED) == 1
    assert not [one for one in wrote if "見積" in one or "事例集を読む" in one or one == ANEW]
    entries = [one for one in office.town.journal() if one["actor"] == "api"]
    assert not [one for one in entries if one["op"] != "create" and "Subject" in one["fields"]]


def test_the_next_memo_quotes_people_in_their_own_words(office: Office) -> None:
    assert "見積のひな形を直す" in office.memo or "ほか" in office.memo
    assert TYPED not in office.memo


def test_an_answer_reaches_its_step_wherever_the_account_lets_people_write(office: Office) -> None:
    step = office.steps()["見積のひな形を直す"]
    assert (step.status, step.said) == (ActionStatus.DROPPED, "下ろす")
    assert office.town.agenda(office.rep, NEXT).next_steps == ()
