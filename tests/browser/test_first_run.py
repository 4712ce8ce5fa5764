"""From the one-time link to the first task in both CRMs, and then every page as it is seen."""

import time
from typing import Any

import pytest
from browser_world import PASSWORD, PHONE, WIDE, Eyes, Hand, World
from playwright.sync_api import Page, expect

ADMIN = "suzuki@aoba.example"

ADMIN_PAGES = {
    "setup": "/setup", "check": "/setup/check", "boxes": "/setup/boxes", "times": "/setup/times",
    "people": "/setup/people", "map": "/setup/map", "kpis": "/setup/kpis",
    "targets": "/setup/targets", "pilot": "/setup/pilot", "trial": "/setup/trial",
    "calendar": "/setup/calendar", "closed": "/setup/closed", "standing": "/standing",
    "notice": "/setup/notice", "writing": "/setup/writing", "connections": "/connections",
    "connect": "/connections/new?kind=salesforce",
    "connect-hubspot": "/connections/new?kind=hubspot", "privacy": "/privacy",
    "privacy-house": "/privacy/house",
    "second-factor": "/account/second-factor", "jobs": "/jobs?state=done",
    "writes": "/writes?tab=written", "users": "/users", "audit": "/audit",
    "audit-verify": "/audit/verify", "account": "/account", "staff-notice": "/notice",
}  # fmt: skip
MANAGER_PAGES = {
    "team": "/team", "talks": "/one-on-ones", "steps": "/steps",
    "meeting-sheet": "/team/meeting-sheet", "trial-report": "/trial-report",
}  # fmt: skip
REP_PAGES = {"figures": "/people/me", "figure": "/people/me/kpis/meetings_held"}


def send(page: Page, selector: str = "main form button[type=submit]") -> None:
    """Press the button and wait for the page that follows."""
    with page.expect_navigation():
        page.locator(selector).first.click()


def come_in(eyes: Eyes, link: str, email: str = "", name: str = "") -> None:
    """Make an account by a link."""
    page = eyes.page
    page.goto(link)
    page.fill("#name", name or "鈴木 花子")
    if email:
        page.fill("#email", email)
    page.fill("#password", PASSWORD)
    send(page)


def sign_in(eyes: Eyes, email: str) -> None:
    page = eyes.page
    page.goto("/sign-in")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    send(page)


def connect(page: Page, world: World, kind: str) -> None:
    access = world.crm("/__access")[kind]
    page.goto(f"/connections/new?kind={kind}")
    if kind == "salesforce":
        page.fill("#url", access["login_url"])
        page.click("details:has(#jwt-private_key) > summary")
        for name in ("client_id", "username", "private_key"):
            page.fill(f"#jwt-{name}", access["jwt"][name])
    else:
        page.fill("#url", access["base_url"])
        page.fill("#token-access_token", access["access_token"])
    send(page)
    expect(page).to_have_url(f"{world.console}/connections/{kind}/check?said=connected")


def until(what: Any, seconds: float = 120.0) -> None:
    over = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < over, "it did not happen in time"
        time.sleep(1)


def invite(page: Page, email: str, role: str) -> str:
    page.goto("/users")
    page.fill("#email", email)
    page.check(f"#new-{role}")
    send(page, "form[action='/users/invite'] button")
    return page.locator(".link-box").inner_text()


def written(world: World) -> dict[str, int]:
    state = world.crm("/__state")
    return {name: state[name]["count"] for name in ("salesforce", "hubspot")}


def test_the_first_run_ends_with_tasks_in_both_crms(world: World, eyes: Any) -> None:
    admin = eyes()
    page = admin.page
    page.goto(world.link)
    admin.look("welcome", world.language, "wide")
    come_in(admin, world.link, ADMIN)
    expect(page).to_have_url(f"{world.console}/setup")
    for kind in ("salesforce", "hubspot"):
        connect(page, world, kind)
    page.goto("/setup/boxes")
    page.check("#disconnected")
    send(page)
    trial(page)
    page.goto("/setup/people")
    file = {"name": "people.csv", "mimeType": "text/csv",
            "buffer": world.crm("/__truth?file=people.csv").encode()}  # fmt: skip
    page.set_input_files("#file", [file])  # type: ignore[list-item]
    send(page)
    page.goto("/setup/times")
    for line in page.locator("select[name^='weekday.']").all():
        line.select_option("1")
    send(page)
    for step in ("closed", "map", "kpis", "targets", "pilot"):
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
    world.people = people_of(world)
    for role, email in world.people.items():
        link = invite(page, email, role)
        come_in(eyes(), link)
    assert not admin.complaints


def trial(page: Page) -> None:
    """Read everything once; the page itself says when it is over."""
    page.goto("/setup/trial")
    send(page, "form[action='/setup/trial'] button")
    expect(page.locator("#trial .chip.ready, #trial .chip.running")).to_have_count(
        0, timeout=180_000
    )
    expect(page.locator("#trial .chip.parked")).to_have_count(0)


def people_of(world: World) -> dict[str, str]:
    """A rep of the first team, and the one who leads it."""
    lines = [line.split(",") for line in world.crm("/__truth?file=people.csv").splitlines()[1:]]
    rep = next(line for line in lines if line[2] and line[3] != "Manager")
    return {"manager": rep[2].lower(), "rep": rep[0].lower()}


@pytest.mark.parametrize("width", ["wide", "phone"])
def test_every_page_can_be_read_by_everybody(world: World, eyes: Any, width: str) -> None:
    viewport = WIDE if width == "wide" else PHONE
    door = eyes(viewport)
    door.page.goto("/sign-in")
    door.look("sign-in", world.language, width)
    for email, pages in (
        (ADMIN, ADMIN_PAGES),
        (world.people["manager"], MANAGER_PAGES),
        (world.people["rep"], REP_PAGES),
    ):
        visitor = eyes(viewport)
        sign_in(visitor, email)
        for name, path in pages.items():
            visitor.page.goto(path)
            visitor.page.wait_for_load_state("networkidle")
            visitor.look(name, world.language, width)


@pytest.mark.parametrize("width", ["wide", "phone"])
def test_a_talk_is_prepared_and_kept_with_a_few_taps(world: World, eyes: Any, width: str) -> None:
    viewport = WIDE if width == "wide" else PHONE
    for role in ("manager", "rep"):
        visitor = eyes(viewport)
        sign_in(visitor, world.people[role])
        page = visitor.page
        page.goto("/one-on-ones")
        with page.expect_navigation():
            page.locator("main .lines a").first.click()
        visitor.look(f"talk-{role}", world.language, width)
        page.fill("#step", f"A社へ電話する {width} {role}")
        send(page, "form:has(#step) button")
        expect(page.locator("main")).to_contain_text(f"A社へ電話する {width} {role}")


def test_a_week_costs_few_taps_and_nothing_is_asked_for(
    world: World, eyes: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three taps and a line for each rep is all that a manager or rep can spend on a week."""
    spent = {}
    for role in ("manager", "rep"):
        visitor = eyes()
        sign_in(visitor, world.people[role])
        page, hand = visitor.page, Hand(visitor.page)
        hand.begin()
        page.goto("/one-on-ones")
        hand.forget()
        reps = page.locator("main section").first.locator(".lines a").count()
        assert reps
        for number in range(reps):
            page.goto("/one-on-ones")
            with page.expect_navigation():
                page.locator("main section").first.locator(".lines a").nth(number).click()
            assert page.locator("main [required]").count() == 0
            field = "#step" if role == "manager" else "#topic"
            page.locator(field).click()
            page.locator(field).press_sequentially("6/12までに見積を直す")
            send(page, f"form:has({field}) button")
            if role == "rep":
                send(page, "button[value=think_together]")
        spent[role] = (reps, hand.counts())
    with capsys.disabled():
        for role, (reps, counts) in spent.items():
            said = ", ".join(f"{count} {name}" for name, count in counts.items())
            print(f"\n{role}: {reps} 1on1s, {said}")  # noqa: T201 - the count is the result
    for reps, counts in spent.values():
        assert counts["taps"] <= 3 * reps
        assert counts["characters"] <= 40 * reps
    notices = {one["owner"] for one in memos(world)}
    assert len(notices) == len(memos(world)), "somebody was told twice"


def memos(world: World) -> list[dict[str, Any]]:
    """The week's memos as they stand in both CRMs."""
    return [
        {**one, "owner": (crm, one["owner"])}
        for crm in ("salesforce", "hubspot")
        for one in world.crm("/__state")[crm]["records"]
        if str(one["subject"]).startswith(("1on1メモ", "1on1 notes"))
    ]
