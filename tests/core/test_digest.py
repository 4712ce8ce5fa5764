"""The manager's weekly list by mail: once, in working hours, as text and as HTML."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_string
from email.message import Message
from email.policy import default
from typing import Any, cast

import pytest

from crm_loop.cycle.mails import own_lists
from crm_loop.digest.letter import Letter, letter_of
from crm_loop.digest.own_list import OwnWeek, own_list_of
from crm_loop.digest.sending import Post
from crm_loop.digest.service import send_lists
from crm_loop.errors import CrmLoopError, NeedsAttention, Transient
from crm_loop.loop_records import (
    Action,
    AgendaState,
    Member,
    Origin,
    Overview,
    Role,
    Verify,
    VerifyRule,
)
from crm_loop.records import Person, Subject
from crm_loop.store import Begin, State
from crm_loop.store.agenda_rows import SessionRow
from crm_loop.store.connections import ConnectionRow
from crm_loop.wording import words
from crm_loop.wording.linter import blocked, lint

ORGANISATION, BOSS, WEEK = "acme", "sato@example.com", "2026-W25"
MONDAY = datetime(2026, 6, 15, 0, 0, tzinfo=UTC)


def a_list(**fields: Any) -> Overview:
    text = "6/16（火） 10:00 田中さん\n [ ] A社 <b> & B社へ電話する\n メモ https://crm.example/t?id=1&x=2"
    base: dict[str, Any] = {
        "manager": BOSS, "week": WEEK, "connection": "crm", "key": "cl1a1",
        "due": date(2026, 6, 16), "subject": "今週の1on1（1人）", "text": text,
        "publish_at": MONDAY,
    }  # fmt: skip
    return Overview(**(base | fields))


def test_a_letter_says_the_same_twice_and_lets_nothing_through_as_markup() -> None:
    letter = letter_of(a_list(), words("ja"))
    assert letter.text.startswith("6/16（火） 10:00 田中さん\n [ ] A社 <b> & B社へ電話する")
    assert "&emsp;[ ] A社 &lt;b&gt; &amp; B社へ電話する" in letter.html
    assert '<a href="https://crm.example/t?id=1&amp;x=2">' in letter.html
    assert '<html lang="ja">' in letter.html
    assert "タスク" in letter.text


@pytest.fixture
def house(begin: Begin) -> Begin:
    with begin(ORGANISATION) as state:
        url = "https://127.0.0.1"
        state.connections.put(ConnectionRow(name="crm", kind="salesforce", url=url))
        boss = Person(id="1", email=BOSS, name="佐藤 一", family_name="佐藤", language="ja")
        state.crm.remember("crm", Subject.PEOPLE, [boss])
        state.agendas.put_overviews([a_list()])
    return begin


def sent(
    house: Begin, send: Callable[[Letter], None], *, now: datetime = MONDAY, at_work: bool = True
) -> int:
    return send_lists(house, ORGANISATION, week=WEEK, now=now, send=send,
                      at_work=lambda _member, _now: at_work)  # fmt: skip


def test_a_list_is_sent_once_when_it_is_due_and_its_reader_at_work(house: Begin) -> None:
    letters: list[Letter] = []
    assert sent(house, letters.append, now=MONDAY - timedelta(hours=1)) == 0
    assert sent(house, letters.append, at_work=False) == 0
    assert sent(house, letters.append) == 1
    assert sent(house, letters.append, now=MONDAY + timedelta(hours=1)) == 0
    assert [one.to for one in letters] == [BOSS]


def test_what_was_surely_not_taken_is_sent_the_next_time(house: Begin) -> None:
    def fails(_letter: Letter) -> None:
        raise Transient("The mail server did not take a letter.")

    with pytest.raises(Transient):
        sent(house, fails)
    assert sent(house, lambda _letter: None) == 1


class Server(socketserver.ThreadingTCPServer):
    """A mail server that takes letters, or says no to their reader."""

    daemon_threads = True
    allow_reuse_address = True
    says_no = False
    taken: list[str]


class Talk(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "DATA":
                self.say("354 go on")
                self.server.taken.append(self._letter())
                self.say("250 ok")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("550 nobody" if verb == "RCPT" and self.server.says_no else "250 ok")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def _letter(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
            lines.append(line)
        return "\n".join(lines)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Talk) as made:
        made.taken = []
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()


def at(server: Server) -> Post:
    return Post(f"smtp://127.0.0.1:{server.server_address[1]}")


def test_a_mail_server_gets_text_and_html_under_a_name_that_never_changes(server: Server) -> None:
    at(server).send(letter_of(a_list(), words("ja")))
    (raw,) = server.taken
    message: Message = message_from_string(raw, policy=default)
    assert message["Subject"] == "今週の1on1（1人）"
    assert message["Message-ID"] == "<cl1a1@127.0.0.1>"
    assert [part.get_content_type() for part in message.walk()][1:] == ["text/plain", "text/html"]


def test_an_address_that_nobody_has_needs_attention(server: Server) -> None:
    server.says_no = True
    with pytest.raises(NeedsAttention):
        at(server).send(letter_of(a_list(), words("ja")))
    assert server.taken == []


def test_a_password_is_never_given_without_encryption_to_another_machine(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_loop.digest.sending.on_loopback", lambda _url: False)
    port = server.server_address[1]
    with pytest.raises(NeedsAttention):
        Post(f"smtp://me:geheim@127.0.0.1:{port}").send(letter_of(a_list(), words("en")))
    assert server.taken == []


def test_a_mail_server_that_is_not_there_is_tried_again() -> None:
    with pytest.raises(CrmLoopError) as caught:
        Post("smtp://me:geheim@127.0.0.1:1").send(letter_of(a_list(), words("en")))
    assert isinstance(caught.value, Transient)
    assert "geheim" not in repr(Post("smtp://me:geheim@127.0.0.1:1")) + str(caught.value)


REP = "tanaka@example.com"


def people() -> dict[str, Member]:
    base: dict[str, Any] = {"role": Role.AE, "language": "ja", "country": "JP",
                            "time_zone": "Asia/Tokyo", "accounts": {"crm": "2"}}  # fmt: skip
    rep = Member(person=REP, name="田中 一郎", family_name="田中", manager=BOSS, **base)
    boss = Member(person=BOSS, name="佐藤 一", family_name="佐藤", manager=None, **base)
    return {REP: rep, BOSS: boss}


def a_step(number: int, day: int) -> Action:
    return Action(
        id=f"cl1t{number}", key=f"cl1t{number}", who=REP, manager=BOSS, week=WEEK,
        origin=Origin.REP, text=f"6/{day}までに、A{number}社へ電話する",
        due=date(2026, 6, day), created_at=MONDAY,
        verify=VerifyRule(kind=Verify.CLOSED_TASK), connection="crm",
    )  # fmt: skip


def own_week(language: str = "ja", steps: int = 2) -> OwnWeek:
    talk = SessionRow(REP, BOSS, WEEK, "crm", "cl1a2", AgendaState.READY,
                      MONDAY + timedelta(days=1, hours=1), MONDAY)  # fmt: skip
    members = people()
    return OwnWeek(
        organisation=ORGANISATION,
        session=talk,
        rep=replace(members[REP], language=language),
        manager=members[BOSS],
        steps=[a_step(number, 19 - number) for number in range(steps)],
    )


def test_a_rep_s_own_list_names_the_talk_and_the_steps_in_hand() -> None:
    found = own_list_of(own_week())
    assert (found.manager, found.publish_at) == (REP, MONDAY)
    assert found.subject == "今週の1on1と次の一歩 6/16（火）"
    assert found.text.splitlines() == [
        "6/16（火）10:00 佐藤さんと1on1",
        "いま手元にある次の一歩",
        "・6/18までに、A1社へ電話する",
        "・6/19までに、A0社へ電話する",
    ]
    assert own_list_of(own_week(steps=0)).text == "6/16（火）10:00 佐藤さんと1on1"
    assert len(own_list_of(own_week(steps=9)).text.splitlines()) == 5


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_rep_s_own_letter_keeps_the_tone_and_says_where_the_memo_is(language: str) -> None:
    letter = letter_of(own_list_of(own_week(language)), words(language), "letter.where_own")
    assert not blocked(letter.text, language)
    assert "CRM" in letter.text.splitlines()[-1]
    assert not lint(letter.subject, language)


def own_sent(house: Begin, letters: list[Letter], *own: Overview) -> int:
    return send_lists(house, ORGANISATION, week=WEEK, now=MONDAY, send=letters.append,
                      at_work=lambda _member, _now: True, own=own)  # fmt: skip


def test_a_rep_gets_one_letter_a_week_however_often_it_is_made(house: Begin) -> None:
    with house(ORGANISATION) as state:
        rep = Person(id="2", email=REP, name="田中 一郎", family_name="田中", language="ja")
        state.crm.remember("crm", Subject.PEOPLE, [rep])
    letters: list[Letter] = []
    for steps in (2, 1, 0):
        own_sent(house, letters, own_list_of(own_week(steps=steps)))
    assert [one.to for one in letters] == [BOSS, REP]


def test_who_gets_a_manager_s_list_gets_no_list_of_their_own(house: Begin) -> None:
    letters: list[Letter] = []
    own_sent(house, letters, replace(own_list_of(own_week()), manager=BOSS))
    assert [one.subject for one in letters] == ["今週の1on1（1人）"]


class Shared:
    """A house in which memos stand in the CRM or do not, as far as own lists look."""

    def __init__(self, *sessions: SessionRow) -> None:
        self.people = self.actions = self.agendas = self
        self._sessions = sessions

    def members(self) -> list[Member]:
        return list(people().values())

    def unsettled(self) -> list[Action]:
        return [a_step(1, 19)]

    def sessions(self, since: str) -> list[SessionRow]:
        return [one for one in self._sessions if one.week >= since]


def test_a_rep_hears_of_a_memo_that_stands_in_the_crm_and_of_no_other() -> None:
    talk = own_week().session
    ones = [talk, talk._replace(shared_at=None), talk._replace(state=AgendaState.SKIPPED),
            talk._replace(starts_at=MONDAY), talk._replace(rep="gone@example.com")]  # fmt: skip
    counts = [len(own_lists(cast("State", Shared(one)), ORGANISATION, now=MONDAY)) for one in ones]
    assert counts == [1, 0, 0, 0, 0]
