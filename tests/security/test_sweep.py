"""The sweep after all tests finds what it looks for: else its silence would say nothing.

What is planted here lies where that sweep does not look.
"""

import base64
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from canaries import Canaries

PEOPLE = "email,name\nrin@kanta.example,凛 花子\n"
ACCESS = {"hubspot": {"access_token": "pat-na1-0000-1111-2222", "tier": "pro", "short": "x"}}


@pytest.fixture
def canaries() -> Canaries:
    found = Canaries({"password": b"a short walk uphill"})
    found.plant(ACCESS)
    found.plant_people(PEOPLE)
    return found


@pytest.fixture
def ground() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.parametrize("name", ["x.db", "x.db-wal", "a/appendonly.aof", "a/export.csv", "log"])
def test_a_secret_in_a_file_is_found(canaries: Canaries, ground: Path, name: str) -> None:
    file = ground / "test" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"\x00before" + ACCESS["hubspot"]["access_token"].encode() + b"after")
    (hit,) = canaries.sweep(ground)
    assert hit.place.endswith(name)
    assert "access_token" in hit.what


def test_a_secret_in_a_backup_is_found(canaries: Canaries, ground: Path) -> None:
    with zipfile.ZipFile(ground / "a.backup", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rows.json", '{"password": "a short walk uphill"}')
    assert [hit.what for hit in canaries.sweep(ground)] == ["password"]


@pytest.mark.parametrize("form", ["text", "bytes", "hex"])
def test_a_house_s_own_key_outside_of_its_file_is_found(
    canaries: Canaries, ground: Path, form: str
) -> None:
    raw = bytes(range(32))
    text = base64.urlsafe_b64encode(raw)
    (ground / "key").write_bytes(text)
    house = ground / "house"
    house.mkdir()
    (house / "key").write_bytes(text)
    (house / "x.db").write_bytes({"text": text, "bytes": raw, "hex": raw.hex().encode()}[form])
    assert len(canaries.sweep(ground)) == 1


@pytest.mark.parametrize("said", ["凛 花子", "\\u51db \\u82b1\\u5b50", "rin@kanta.example"])
def test_a_person_may_stand_in_a_database_and_not_with_the_broker(
    canaries: Canaries, ground: Path, said: str
) -> None:
    for name in ("x.db", "appendonly.aof", "worker.log"):
        (ground / name).write_text(said, encoding="utf-8")
    places = {Path(hit.place).name for hit in canaries.sweep(ground)}
    assert places == {"appendonly.aof", "worker.log"}


def test_what_is_logged_and_served_is_heard(canaries: Canaries) -> None:
    with canaries.listening():
        logging.getLogger("crm_loop.x").error("it was a short walk uphill")
        logging.getLogger("crm_loop.x").error("nothing at all")
    canaries.seen("page", "<p>a short walk uphill</p>")
    canaries.seen("metrics", 'x{person="rin@kanta.example"} 1', people=True)
    places = [hit.place for hit in canaries.found]
    assert sorted(set(places)) == ["log of crm_loop.x", "metrics", "page"]
