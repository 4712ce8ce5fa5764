"""A world to look at in a browser, and eyes that notice what is wrong with a page."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "var" / "screenshots"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
LOCALES = {"ja": "ja-JP", "en": "en-US"}
PASSWORD = "a long walk by the sea"
#: Monday morning of the sandbox's first week: memos for Tuesday are due.
NOW = "2026-06-08T10:00:00+09:00"


@dataclass(slots=True)
class World:
    """What runs, and what has become of it. `link` makes the first admin, once."""

    console: str
    sandbox: str
    link: str
    language: str
    people: dict[str, str] = field(default_factory=dict)

    def crm(self, path: str) -> Any:
        with urlopen(f"{self.sandbox}{path}", timeout=60) as answer:
            body = answer.read().decode()
        return body if "file=" in path else json.loads(body)


#: Counts what a hand does on a page, in the page itself: taps on what can be tapped, characters.
_COUNTING = """
(() => {
  const add = (name, n) => localStorage.setItem(name, +(localStorage.getItem(name) || 0) + n);
  addEventListener("click", (e) => {
    if (e.isTrusted && e.target.closest("a, button")) add("taps", 1);
  }, true);
  addEventListener("input", (e) => {
    if (e.isTrusted) add("characters", (e.data || "").length);
  }, true);
  add("screens", 1);
})();
"""


@dataclass(slots=True)
class Hand:
    """What one visitor has done since counting began."""

    page: Page

    def begin(self) -> None:
        self.page.add_init_script(_COUNTING)

    def forget(self) -> None:
        self.page.evaluate("localStorage.clear()")

    def counts(self) -> dict[str, int]:
        found = self.page.evaluate("Object.fromEntries(Object.entries(localStorage))")
        return {name: int(found.get(name, 0)) for name in ("taps", "characters", "screens")}


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
