"""What somebody needs who tries a served sandbox by hand: sign-ins, its people, its day."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

#: Who may install the package and see everything there.
ADMIN = "admin@sandbox.example"
_TIMEOUT = 30


def hand_out(url: str, folder: Path) -> Iterator[Path]:
    """Write `sf.json`, `hs.json`, `admin.json`, `people.csv` and `clock` of the sandbox at `url`.

    `clock` is its date and time, ISO 8601 in UTC: whoever tries it lives on the same day. Files
    of those names are replaced. OSError where nothing answers there, or what does is no sandbox.
    """
    kept = {
        "sf.json": json.dumps(_access(url)["salesforce"]["jwt"], indent=1),
        "hs.json": json.dumps(_only(_access(url)["hubspot"], "access_token"), indent=1),
        "admin.json": json.dumps(_only(_access(url, ADMIN)["salesforce"], "access_token")),
        "clock": json.loads(_read(f"{url}/__clock"))["now"],
        "people.csv": _read(f"{url}/__truth?file=people.csv").decode(),
    }
    for name, text in kept.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        yield path


def _access(url: str, person: str = "") -> dict[str, Any]:
    found = _read(f"{url}/__access" + (f"?user={person}" if person else ""))
    try:
        access: dict[str, Any] = json.loads(found)
    except json.JSONDecodeError:
        raise OSError from None
    return access


def _only(access: dict[str, Any], name: str) -> dict[str, Any]:
    return {name: access[name]}


def _read(url: str) -> bytes:
    with urlopen(url, timeout=_TIMEOUT) as answer:  # noqa: S310 - the command takes http alone
        body: bytes = answer.read()
    return body
