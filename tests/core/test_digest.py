"""The manager's weekly list by mail: once, in working hours, as text and as HTML."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_string
from email.message import Message
from email.policy import default
from typing import Any

import pytest

from crm_loop.digest.letter import Letter, letter_of
from crm_loop.digest.sending import Post
from crm_loop.digest.service import send_lists
from crm_loop.errors import CrmLoopError, NeedsAttention, Transient
from crm_loop.loop_records import Overview
from crm_loop.records import Person, Subject
from crm_loop.store import Begin
from crm_loop.store.connections import ConnectionRow
from crm_loop.wording import words

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
