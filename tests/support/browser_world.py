"""A world to look at in a browser, and eyes that notice what is wrong with a page."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from zoneinfo import ZoneInfo

from axe_playwright_python.sync_playwright import Axe
from counted import Spent
from playwright.sync_api import BrowserContext, Page

from crm_loop.bootstrap import build
from crm_loop.settings import Settings
from crm_loop_workers.demo.conductor import Plan, Stage
from crm_loop_workers.demo.sandbox import Sandbox
from crm_loop_workers.demo.setting_up import ORGANISATION

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "var" / "screenshots"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
LOCALES = {"ja": "ja-JP", "en": "en-US"}
PASSWORD = "a long walk by the sea"
#: So many that eight of them are at work: one has left, and one team of all is led by the head.
REPS = 9
#: Monday morning of the sandbox's first week: memos for Tuesday are due.
NOW = "2026-06-08T10:00:00+09:00"


@dataclass(slots=True)
class World:
    """What runs, and what has become of it. `link` makes the first admin, once."""

    console: str
    sandbox: str
    link: str
    language: str
    folder: Path
    house: Any
    people: dict[str, str] = field(default_factory=dict)

    def answers(self) -> bool:
        """Whether the console is there already."""
        try:
            with urlopen(f"{self.console}/livez", timeout=60) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def crm(self, path: str) -> Any:
        with urlopen(f"{self.sandbox}{path}", timeout=60) as answer:
            body = answer.read().decode()
        return body if "file=" in path else json.loads(body)

    def people_file(self) -> str:
        """The sandbox's people.csv with one team of all: the head of sales, who is in both CRMs."""
        first, *lines = self.crm("/__truth?file=people.csv").splitlines()
        rows = [dict(zip(first.split(","), line.split(","), strict=True)) for line in lines]
        (head,) = [row["email"] for row in rows if not row["manager_email"]]
        for row in rows:
            if row["role"] == "Manager":
                row["pilot"] = "no"
            else:
                row["manager_email"] = head
        return "\n".join([first, *(",".join(row.values()) for row in rows)]) + "\n"

    def team(self) -> tuple[str, list[str]]:
        """The manager of all, and those whom that one leads and who are at work."""
        with self.conducted() as stage, stage.app.begin(ORGANISATION) as state:
            led = [one for one in state.people.members() if one.takes_part and one.manager]
        (manager,) = {str(one.manager) for one in led}
        return manager, [one.person for one in led]

    def settings(self) -> dict[str, str]:
        """What the house is started with, as the environment says it."""
        return {
            "database_url": f"sqlite:///{self.folder / 'crm_loop.db'}",
            "secret_key_file": str(self.folder / "key"),
            "clock_file": str(self.folder / "clock"),
            "redis_url": "none",
            "allow_loopback_crm": "1",
        }

    @contextmanager
    def conducted(self) -> Iterator[Stage]:
        """A hand on both clocks; the house's own processes do the work."""
        settings: dict[str, Any] = {**self.settings(), "_env_file": None}
        app = build(Settings(**settings))
        plan = Plan(folder=self.folder, start=date(2026, 6, 8), weeks=1)
        zone = ZoneInfo("Asia/Tokyo")
        yield Stage(plan, app, Sandbox(self.sandbox), zone, self.house, self.folder / "clock")
        app.close()


#: Counts what a hand does on a page, in the page itself: every tap on what can be tapped, fields
#: that were typed into, characters, screens, and what a screen would not do without.
_COUNTING = """
(() => {
  const kept = (name) => +(localStorage.getItem(name) || 0);
  const add = (name, n) => localStorage.setItem(name, kept(name) + n);
  const tapped = "a, button, input, select, textarea, label, summary";
  addEventListener("pointerdown", (e) => {
    if (e.isTrusted && e.target.closest(tapped)) add("taps", 1);
  }, true);
  const fields = new Set();
  addEventListener("input", (e) => {
    if (!e.isTrusted) return;
    add("characters", (e.data || "").length);
    if (e.inputType === "insertLineBreak" || !fields.has(e.target)) add("lines", 1);
    fields.add(e.target);
  }, true);
  addEventListener("DOMContentLoaded", () => {
    add("mandatory", document.querySelectorAll("main [required]").length);
  });
  add("screens", 1);
})();
"""


@dataclass(slots=True)
class Hand:
    """What one visitor has done since counting began."""

    page: Page

    def begin(self) -> None:
        self.page.add_init_script(_COUNTING)

    def open(self, path: str) -> None:
        """Follow a bookmark, or a link of another program: a tap that no page of ours sees."""
        self.page.goto(path)
        self.page.evaluate("localStorage.setItem('taps', +(localStorage.getItem('taps') || 0) + 1)")

    def spent(self) -> Spent:
        found = self.page.evaluate("Object.fromEntries(Object.entries(localStorage))")
        names = ("taps", "lines", "characters", "screens", "mandatory")
        return Spent(**{name: int(found.get(name, 0)) for name in names})


@dataclass(slots=True)
class Eyes:
    """One visitor: what the page says to its own console is kept."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def look(self, name: str, language: str, width: str) -> None:
        """Serious findings of axe, complaints and sideways scrolling fail; a picture is kept."""
        sideways = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        found = Axe().run(self.page).response["violations"]
        serious = [
            (one["id"], [node["target"] for node in one["nodes"]])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        folder = SHOTS / language
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
        assert not serious, name
        assert not sideways, name
        assert not self.complaints, name


@dataclass(slots=True)
class Running:
    """A process as the conductor of a demonstration looks at it."""

    child: subprocess.Popen[str]

    def alive(self) -> bool:
        return self.child.poll() is None


def start(arguments: list[str], folder: Path, **settings: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "crm_loop", *arguments],
        env={**os.environ, **settings},
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process
