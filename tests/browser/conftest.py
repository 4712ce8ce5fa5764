"""A whole house on empty ground, its sandbox CRMs, and a real browser."""

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from browser_walk import until
from browser_world import LOCALES, NOW, REPS, WIDE, Eyes, Running, World, start
from playwright.sync_api import Browser, sync_playwright

#: Houses of their own, so that two cores are at work.
EACH = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("ja", "en")]


@pytest.fixture(scope="module", params=EACH)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Both CRMs, worker, scheduler and console; nobody has an account yet."""
    folder = tmp_path_factory.mktemp("house")
    clock = folder / "clock"
    clock.write_text(NOW, encoding="utf-8")
    crm = start(
        ["sandbox", "serve", "--port", "0", "--reps", str(REPS), "--weeks", "12",
         "--start", "2026-06-08", "--rate-limits", "off"], folder,
    )  # fmt: skip
    port = 8760 + (0 if request.param == "ja" else 1)
    found = World("", "", "", request.param, folder, None)
    house = start(
        ["up", "--json"],
        folder,
        **{f"CRM_LOOP_{name.upper()}": value for name, value in found.settings().items()},
        CRM_LOOP_CONSOLE_BIND=f"127.0.0.1:{port}",
        CRM_LOOP_METRICS_BIND=f"127.0.0.1:{port + 10}",
    )
    found.house = Running(house)
    try:
        found.sandbox = json.loads(crm.stdout.readline())["url"]  # type: ignore[union-attr]
        said = json.loads(house.stdout.readline())  # type: ignore[union-attr]
        found.console, found.link = said["console_url"], said["one_time_link"]
        until(found.answers)
        yield found
    finally:
        for process in (house, crm):
            process.terminate()
            process.wait(300)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    own = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    with sync_playwright() as playwright:
        # The sandbox of the browser itself needs rights that containers do not have.
        browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def eyes(chromium: Browser, world: World) -> Iterator[Any]:
    """Open a browser of somebody: `eyes()` or `eyes(PHONE)`."""
    opened: list[Eyes] = []

    def open_one(viewport: Any = None) -> Eyes:
        context = chromium.new_context(
            viewport=viewport or WIDE, locale=LOCALES[world.language], base_url=world.console
        )
        page = context.new_page()
        page.set_default_timeout(600_000)
        one = Eyes(context, page)
        page.on("pageerror", lambda error: one.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: one.complaints.append(said.text) if said.type == "error" else None,
        )
        opened.append(one)
        return one

    yield open_one
    for one in opened:
        one.context.close()
