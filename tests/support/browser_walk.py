"""What somebody does with the console in a browser, step by step."""

import time
from collections.abc import Callable
from typing import Any

from browser_world import PASSWORD, Eyes, World
from playwright.sync_api import Page, expect


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
    # The button that makes a key belongs to another form.
    send(page, "main form button[type=submit]:not([form])")
    expect(page).to_have_url(f"{world.console}/connections/{kind}/check?said=connected")


def agree(eyes: Eyes, world: World, width: str) -> None:
    """Connect HubSpot once more, by agreeing on its own page."""
    access, page = world.crm("/__access")["hubspot"], eyes.page
    page.goto("/connections/consent/hubspot")
    page.fill("#url", access["base_url"])
    for name in ("client_id", "client_secret"):
        page.fill(f"#{name}", access[name])
    send(page)
    eyes.look("consent-link", world.language, width)
    with page.expect_navigation():
        page.locator("main a.button").click()
    expect(page).to_have_url(f"{world.console}/connections/hubspot/check?said=connected")


def trial(page: Page) -> None:
    """Read everything once; the page itself says when it is over."""
    page.goto("/setup/trial")
    send(page, "form[action='/setup/trial'] button")
    expect(page.locator("#trial .chip.ready, #trial .chip.running")).to_have_count(
        0, timeout=600_000
    )
    expect(page.locator("#trial .chip.parked")).to_have_count(0)


def invite(page: Page, email: str, role: str) -> str:
    page.goto("/users")
    page.fill("#email", email)
    page.check(f"#new-{role}")
    send(page, "form[action='/users/invite'] button")
    return page.locator(".link-box").inner_text()


def until(what: Callable[[], Any], seconds: float = 600.0) -> None:
    over = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < over, "it did not happen in time"
        time.sleep(1)


def refused(eyes: Eyes, path: str, form: str) -> None:
    """Go where something is refused; a form is sent emptied, as no page of ours would send it."""
    page = eyes.page
    page.goto(path)
    if form:
        page.locator(form).first.evaluate(
            """form => {
              form.noValidate = true;
              for (const one of form.elements) {
                if (one.name === "csrf" ? form.action.endsWith("/language") : one.type !== "submit")
                  one.value = "";
              }
            }"""
        )
        send(page, f"{form} button")
    # A browser complains of every answer that is no success, which is what was asked for here.
    eyes.complaints[:] = [one for one in eyes.complaints if "Failed to load resource" not in one]
