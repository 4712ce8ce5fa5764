"""What is typed into a memo comes back as a task, whatever HubSpot's editor makes of the lines."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from html import escape
from typing import Any

import houses
import pytest
from opened import everything

from crm_loop_workers.scheduler import latest_slot
from crm_loop_workers.schedules import SCHEDULES

MONDAY, TUESDAY = date(2026, 6, 8), date(2026, 6, 9)
TYPED = "お客様へ3件電話する"
STEP = f" 6/12までに、{TYPED}"
EDITORS: dict[str, Callable[[list[str]], str]] = {
    "br": "<br>".join,
    "p": lambda lines: "".join(f"<p>{line or '<br>'}</p>" for line in lines),
    "div": lambda lines: "".join(f"<div>{line or '<br>'}</div>" for line in lines),
    "li": lambda lines: "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>",
}


@pytest.fixture(scope="module")
def house(
    sandbox_server: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[houses.House]:
    """A small portal whose memos have stood there since Monday at nine."""
    server = sandbox_server(reps=6, weeks=2, rate_limits="off", faces="both")
    folder = tmp_path_factory.mktemp("house")
    with houses.opened(folder, server.url, {"hubspot": "hubspot"}) as opened:
        opened.check(opened.at(MONDAY, 6))
        opened.publish(opened.at(MONDAY, 9))
        yield opened


@pytest.mark.slow
def test_typed_lines_are_tasks_a_quarter_of_an_hour_later(house: houses.House) -> None:
    memos = [one for one in everything(house.sandbox) if one.is_memo and one.crm == "hubspot"]
    assert len(memos) >= len(EDITORS)
    # the 1on1s of this day are over by then
    typed = house.at(TUESDAY, 15, 1)
    house.sandbox.move_clock(typed)
    edited = {memo.owner: name for memo, name in zip(memos, EDITORS, strict=False)}
    for memo in memos[: len(EDITORS)]:
        lines = memo.text.split("\n")
        place = next(n for n, line in enumerate(lines) if line.startswith(("▼決めた", "> Agreed")))
        lines.insert(place + 1, STEP)
        body = EDITORS[edited[memo.owner]]([escape(line, quote=False) for line in lines])
        deed = {"actor": memo.owner, "do": "edit", "key": memo.key, "face": "hubspot"}
        house.sandbox.post("/__people", deed | {"fields": {"hs_task_body": body}})
    house.listen(_next_listening(typed))
    tasks = [one for one in everything(house.sandbox) if one.is_action and TYPED in one.subject]
    assert sorted(edited[task.owner] for task in tasks) == sorted(EDITORS)


def _next_listening(after: datetime) -> datetime:
    listening = next(one for one in SCHEDULES if one.name == "listen")
    slots = [
        latest_slot(listening, after + timedelta(minutes=minute), "Asia/Tokyo")
        for minute in range(15)
    ]
    return next(slot for slot in slots if slot is not None and slot > after)
