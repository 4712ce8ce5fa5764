"""From the one-time link to the first tasks in both CRMs; every page as it is seen; a week."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from browser_pages import ADMIN, LATER, MANAGER, PAGES, REFUSALS, REP, WEEK, Look
from browser_walk import agree, come_in, connect, invite, refused, send, sign_in, trial, until
from browser_week import Week
from browser_world import PHONE, WIDE, World
from counted import HEADING, excess
from playwright.sync_api import Page, expect

from crm_loop_workers.demo.setting_up import ORGANISATION

SUZUKI = "suzuki@aoba.example"


def written(world: World) -> dict[str, int]:
    state = world.crm("/__state")
    return {name: state[name]["count"] for name in ("salesforce", "hubspot")}


def test_the_first_run_ends_with_tasks_in_both_crms(world: World, eyes: Any) -> None:
    for viewport, width in ((PHONE, "phone"), (WIDE, "wide")):
        stranger = eyes(viewport)
        stranger.page.goto(world.link)
        stranger.look("welcome", world.language, width)
    admin = eyes()
    page = admin.page
    come_in(admin, world.link, SUZUKI)
    expect(page).to_have_url(f"{world.console}/setup")
    for kind in ("salesforce", "hubspot"):
        connect(page, world, kind)
    page.goto("/setup/boxes")
    page.check("#disconnected")
    send(page)
    trial(page)
    # Whom the file leaves out of the team afterwards is left out.
    page.goto("/setup/pilot")
    send(page)
    page.goto("/setup/people")
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": world.people_file().encode()}
    page.set_input_files("#file", [file])  # type: ignore[list-item]
    send(page)
    page.goto("/setup/times")
    for line in page.locator("select[name^='weekday.']").all():
        line.select_option("1")
    send(page)
    for step in ("closed", "map", "kpis", "targets"):
        page.goto(f"/setup/{step}")
        send(page)
    page.goto("/setup/check")
    trial(page)
    assert written(world) == {"salesforce": 0, "hubspot": 0}
    page.goto("/setup/notice")
    send(page)
    page.goto("/setup/writing")
    send(page)
    page.goto("/setup")
    expect(page.locator(".wizard li.done")).to_have_count(14)
    page.goto("/writes")
    send(page, "form[action='/writes/approve'] button")
    until(lambda: all(written(world).values()))
    manager, reps = world.team()
    world.people = {ADMIN: SUZUKI, MANAGER: manager, REP: reps[0]}
    for role in (MANAGER, REP):
        come_in(eyes(), invite(page, world.people[role], role))
    assert not admin.complaints


@pytest.mark.parametrize("width", ["wide", "phone"])
def test_every_page_can_be_read_by_everybody(world: World, eyes: Any, width: str) -> None:
    look_at(PAGES, world, eyes, width)


def look_at(pages: Mapping[str, Sequence[Look]], world: World, eyes: Any, width: str) -> None:
    for who, looks in pages.items():
        visitor = eyes(WIDE if width == "wide" else PHONE)
        if who:
            sign_in(visitor, world.people[who])
        page = visitor.page
        for look in looks:
            answer = page.goto(look.path)
            assert answer is not None
            assert answer.status == 200, look.name
            if look.link:
                send(page, look.link)
            page.wait_for_load_state("networkidle")
            visitor.look(look.name, world.language, width)


@pytest.mark.parametrize("width", ["wide", "phone"])
def test_every_refusal_can_be_read_too(world: World, eyes: Any, width: str) -> None:
    for name, who, path, form in REFUSALS:
        visitor = eyes(WIDE if width == "wide" else PHONE)
        if who:
            sign_in(visitor, world.people[who])
        refused(visitor, path, form)
        visitor.look(name, world.language, width)


@pytest.mark.parametrize("width", ["wide", "phone"])
def test_a_talk_is_prepared_and_kept_with_a_few_taps(world: World, eyes: Any, width: str) -> None:
    for role in (MANAGER, REP):
        visitor = eyes(WIDE if width == "wide" else PHONE)
        sign_in(visitor, world.people[role])
        page = visitor.page
        page.goto("/one-on-ones")
        with page.expect_navigation():
            page.locator("main .lines a").first.click()
        visitor.look(f"talk-of-{role}", world.language, width)
        page.fill("#topic" if role == REP else "textarea", f"A社のこと {width}")
        send(page, f"form:has({'#topic' if role == REP else 'textarea'}) button")
        expect(page.locator("main")).to_contain_text(f"A社のこと {width}")


def test_a_week_of_everybody_is_two_minutes(
    world: World, eyes: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Eight reps and their manager, both CRMs; an admin who does nothing once all is set up."""
    week = Week(world, WEEK)
    assert len(week.reps) == 8
    admin = eyes()
    sign_in(admin, SUZUKI)
    for rep in week.reps[1:]:
        come_in(eyes(), invite(admin.page, rep, REP))
    spent = week.lived(lambda: eyes(PHONE))
    with capsys.disabled():
        print(f"\n{HEADING}")  # noqa: T201 - the count is the result
        for who, counts in spent.items():
            print(counts.row(who))  # noqa: T201
    assert {who: excess(one, talks=week.talks(who)) for who, one in spent.items()} == {
        who: [] for who in (*week.reps, week.manager, SUZUKI)
    }
    assert week.crms() == {"salesforce", "hubspot"}
    assert week.typed_steps() == week.agreed_tasks()
    # The week after begins without anybody's doing.
    assert week.memos_of_the_next() >= len(week.reps) - 1


@pytest.mark.parametrize("width", ["wide", "phone"])
def test_so_can_the_pages_that_need_a_larger_profile_and_a_past(
    world: World, eyes: Any, width: str
) -> None:
    with world.conducted() as stage, stage.app.begin(ORGANISATION) as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile="standard"))
    look_at(LATER, world, eyes, width)


#: What people print, and who; each has to fit on one sheet.
SHEETS = (
    (MANAGER, "/team/meeting-sheet"),
    (MANAGER, "/trial-report"),
    (REP, f"/people/me/one-on-ones/{WEEK}"),
)


def test_a_memo_and_the_sheets_are_one_page_of_a4(world: World, eyes: Any) -> None:
    for who, path in SHEETS:
        visitor = eyes()
        sign_in(visitor, world.people[who])
        page = visitor.page
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert pages_of(page) == 1, path
        page.emulate_media(media="print")
        assert page.locator("form:visible, button:visible").count() == 0, path
    # A printer that puts everything on one page would prove nothing.
    page.evaluate("document.querySelector('main').style.height = '2000px'")
    assert pages_of(page) > 1


def pages_of(page: Page) -> int:
    """How many pages of paper a page of ours is."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


@pytest.mark.parametrize("width", ["wide", "phone"])
def test_hubspot_is_connected_by_agreeing_on_its_own_page(
    world: World, eyes: Any, width: str
) -> None:
    visitor = eyes(WIDE if width == "wide" else PHONE)
    sign_in(visitor, SUZUKI)
    agree(visitor, world, width)
    # The same answer once more is refused, in one sentence and without a mistake.
    answer = visitor.page.goto("/connections/consent/hubspot/return?code=x&state=x")
    assert answer is not None
    assert answer.status == 409
    assert visitor.page.locator("main [role=alert]").inner_text()


def test_the_count_sees_one_tap_too_many_and_a_field_that_is_asked_for(
    world: World, eyes: Any
) -> None:
    visitor = eyes(PHONE)
    sign_in(visitor, world.people[REP])
    hand = Week(world, WEEK).hand(visitor)
    hand.open("/one-on-ones")
    visitor.page.locator("main h1").click()
    assert hand.spent().taps == 1
    for _ in range(3):
        visitor.page.locator("main a").first.focus()
        visitor.page.locator("header .mark").hover()
    assert hand.spent().taps == 1
    with visitor.page.expect_navigation():
        visitor.page.locator("main section .lines a").first.click()
    visitor.page.locator("#topic").click()
    visitor.page.locator("#topic").press_sequentially("ab")
    visitor.page.locator("#step").click()
    visitor.page.locator("#step").press_sequentially("c")
    counts = hand.spent()
    assert (counts.taps, counts.lines, counts.characters) == (4, 2, 3)
    assert counts.mandatory == 0
    visitor.page.goto("/prove")
    assert hand.spent().mandatory == 1
