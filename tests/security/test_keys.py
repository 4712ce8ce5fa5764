"""Keys: each organisation its own, replaced while everything runs, never in the way of a text."""

import base64
import os
import random
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, event, insert, select, update

from crm_loop.errors import CrmLoopError, NeedsAttention
from crm_loop.secrets import KeyFile, Seal, key_id_of, new_key
from crm_loop.store.engine import migrate, open_engine
from crm_loop.store.key_rotation import GRACE, Step, forget_lost, rotate
from crm_loop.store.keyring import HOUSE, SEALED, Keyring, row_of
from crm_loop.store.tables import metadata, work
from crm_loop.store.tables.keys import data_key

NOW = datetime(2026, 11, 28, 5, tzinfo=UTC)
SECRETS = {
    ("acme", "connection"): "geheim-acme",
    ("acme", "secret"): "token-acme",
    ("acme", "private_note"): "note-acme",
    ("rival", "connection"): "geheim-rival",
}


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    new_key(tmp_path / "key")
    return KeyFile(tmp_path / "key")


def values_of(name: str, organisation: str) -> dict[str, Any]:
    return {
        "connection": {"name": "salesforce", "kind": "salesforce", "url": "", "settings": "{}"},
        "secret": {"connection": "salesforce", "name": "token:1"},
        "private_note": {"author": "a", "rep": "b", "week": "2026-W28", "at": NOW},
    }[name] | {"organisation": organisation}


def column_of(name: str) -> Any:
    return next(one for one in SEALED if one.table.name == name)


def fill(engine: Engine, sealing: Any) -> None:
    """Two organisations with a secret in every kind of place."""
    for organisation in ("acme", "rival"):
        own = {"time_zone": "Asia/Tokyo", "language": "ja", "currency": "JPY", "country": "JP",
               "fiscal_start": 4, "profile": "starter", "writing": False}  # fmt: skip
        with engine.begin() as connection:
            connection.execute(insert(work.organisation_).values(organisation=organisation, **own))
    for (organisation, name), secret in SECRETS.items():
        column, values = column_of(name), values_of(name, organisation)
        sealed = sealing.lock(secret, *row_of(column, values))
        with engine.begin() as connection:
            connection.execute(insert(column.table).values({**values, column.name: sealed}))


def read(engine: Engine, sealing: Any) -> dict[tuple[str, str], str]:
    found = {}
    for organisation, name in SECRETS:
        column, values = column_of(name), values_of(name, organisation)
        # That very row: which one comes first of several is the database's affair.
        keys = [key for key in column.table.primary_key.columns if key.name in values]
        with engine.connect() as connection:
            query = select(column).where(*(key == values[key.name] for key in keys))
            sealed = connection.scalar(query) or ""
        found[organisation, name] = sealing.open(sealed, *row_of(column, values))
    return found


def test_every_organisation_seals_with_a_key_of_its_own(engine: Engine, file: KeyFile) -> None:
    keyring = Keyring(engine, file)
    sealed = {name: keyring.lock("the same", name, "x") for name in ("acme", "rival")}
    assert key_id_of(sealed["acme"]) != key_id_of(sealed["rival"])
    assert key_id_of(sealed["acme"]) != file.seals()[0].key_id
    with pytest.raises(NeedsAttention):
        keyring.open(sealed["acme"], "rival", "x")
    with pytest.raises(NeedsAttention):
        keyring.open(sealed["acme"], "acme", "y")


def test_another_process_opens_and_seals_alike(engine: Engine, file: KeyFile) -> None:
    one, other = Keyring(engine, file), Keyring(engine, file)
    sealed = one.lock("x", "acme", "place")
    assert other.open(sealed, "acme", "place") == "x"
    assert one.fingerprint("tanaka") == other.fingerprint("tanaka")


def test_a_secret_opens_also_while_its_thread_has_a_transaction(
    engine: Engine, file: KeyFile
) -> None:
    sealed = Keyring(engine, file).lock("x", "acme", "place")
    other = Keyring(engine, file)
    with engine.begin():
        assert other.open(sealed, "acme", "place") == "x"


def test_every_column_that_says_sealed_is_sealed_anew() -> None:
    named = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in ("sealed", "credentials") or column.name.endswith("_sealed")
    }
    assert {(one.table.name, one.name) for one in SEALED} >= named
    for column in SEALED:
        assert column.info["sealed"][0] == "organisation"


def test_without_the_data_key_nothing_opens_any_more(engine: Engine, file: KeyFile) -> None:
    fill(engine, Keyring(engine, file))
    with engine.begin() as connection:
        connection.execute(delete(data_key).where(data_key.c.organisation == "acme"))
    keyring = Keyring(engine, file)
    with pytest.raises(NeedsAttention):
        read(engine, keyring)
    column, values = column_of("connection"), values_of("connection", "rival")
    with engine.connect() as connection:
        mine = column.table.c.organisation == "rival"
        sealed = connection.scalar(select(column).where(mine)) or ""
    assert keyring.open(sealed, *row_of(column, values)) == "geheim-rival"


def wrapping(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return {key_id_of(one) for one in connection.scalars(select(data_key.c.wrapped))}


@pytest.mark.parametrize("data_keys", [False, True])
def test_after_a_rotation_only_the_new_key_opens(
    either: Engine, file: KeyFile, *, data_keys: bool
) -> None:
    engine = either
    running = Keyring(engine, file)
    fill(engine, running)
    old = file.path.read_bytes()
    done = list(rotate(engine, file, now=NOW, data_keys=data_keys))
    assert wrapping(engine) == {file.seals()[0].key_id}
    assert read(engine, Keyring(engine, file)) == read(engine, running) == SECRETS
    assert Keyring(engine, file).fingerprint("x") == running.fingerprint("x")
    copy = file.path.with_name(next(one.what for one in done if one.step is Step.COPIED))
    assert (copy.read_bytes(), copy.stat().st_mode & 0o777) == (old, 0o600)
    file.path.write_bytes(old)
    with pytest.raises(NeedsAttention):
        Keyring(engine, file)


@pytest.mark.parametrize("house", ["new", "from before data keys"])
def test_whoever_kills_a_rotation_at_any_step_leaves_nothing_unreadable(
    empty: Path, tmp_path: Path, house: str
) -> None:
    """Each step is a commit or a whole file: a kill leaves what stands after some of them."""
    total = None
    for step in range(40):
        engine, file = a_house(empty, tmp_path / str(step), house)
        running = Keyring(engine, file)
        cut = list(islice(rotate(engine, file, now=NOW, data_keys=True), step))
        assert read(engine, running) == SECRETS, step
        assert read(engine, Keyring(engine, file)) == SECRETS, step
        # A secret that a process keeps meanwhile, with what it knew before.
        late = running.lock("late", "acme", "late")
        made = Keyring(engine, file).lock("first", f"new{step}", "x")
        list(rotate(engine, file, now=NOW))
        finished = Keyring(engine, file)
        assert read(engine, finished) == read(engine, running) == SECRETS, step
        assert finished.open(late, "acme", "late") == "late"
        assert finished.open(made, f"new{step}", "x") == "first"
        assert len(file.seals()) == 1
        assert wrapping(engine) == {file.seals()[0].key_id}, step
        engine.dispose()
        if len(cut) < step:
            total = step
            break
    assert total is not None
    assert total > 8


def a_house(empty: Path, folder: Path, kind: str) -> tuple[Engine, KeyFile]:
    folder.mkdir(exist_ok=True)
    shutil.copy(empty, folder / "x.db")
    engine = open_engine(f"sqlite:///{folder / 'x.db'}")
    # A power cut is not what is tried here.
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
    new_key(folder / "key")
    file = KeyFile(folder / "key")
    fill(engine, Keyring(engine, file) if kind == "new" else file.seals()[0])
    return engine, file


def test_a_house_from_before_can_be_returned_to_until_its_first_rotation(
    empty: Path, tmp_path: Path
) -> None:
    engine, file = a_house(empty, tmp_path, "from before data keys")
    before = file.seals()[0]
    now = Keyring(engine, file)
    assert read(engine, now) == SECRETS
    assert now.fingerprint("tanaka") == before.fingerprint("tanaka")
    # What is sealed meanwhile opens for the version before, too.
    assert before.open(now.lock("x", "acme", "y"), "acme", "y") == "x"
    done = list(rotate(engine, file, now=NOW))
    assert sum(one.count for one in done if one.step is Step.RESEALED) == len(SECRETS)
    assert now.fingerprint("tanaka") == Keyring(engine, file).fingerprint("tanaka")
    with pytest.raises(NeedsAttention):
        read(engine, before)
    engine.dispose()


def test_a_replaced_data_key_goes_when_nobody_can_be_sealing_with_it(
    engine: Engine, file: KeyFile
) -> None:
    fill(engine, Keyring(engine, file))
    list(rotate(engine, file, now=NOW, data_keys=True))
    later = list(rotate(engine, file, now=NOW + GRACE + timedelta(seconds=1)))
    assert sum(one.count for one in later if one.step is Step.FORGOTTEN) == 2
    with engine.connect() as connection:
        assert connection.scalar(select(data_key.c.id).where(data_key.c.retired_at.is_not(None))) \
            is None  # fmt: skip
    assert read(engine, Keyring(engine, file)) == SECRETS


def test_a_text_that_no_key_opens_is_told_and_hinders_nothing(
    engine: Engine, file: KeyFile
) -> None:
    fill(engine, Keyring(engine, file))
    column = column_of("secret")
    with engine.begin() as connection:
        connection.execute(update(column.table).values({column: "v1.00000000.AAAA.AAAA"}))
    done = list(rotate(engine, file, now=NOW, data_keys=True))
    assert sum(one.count for one in done if one.step is Step.UNREADABLE) == 1
    assert len(file.seals()) == 1


def test_a_key_file_that_cannot_be_replaced_is_rotated_by_hand(
    engine: Engine, file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where an orchestrator hands it in: nothing can be written beside it."""

    class Fixed(KeyFile):
        def write(self, seals: Any) -> None:
            raise PermissionError

        def keep_copy(self) -> Path:
            raise PermissionError

    fixed = Fixed(file.path)
    fill(engine, Keyring(engine, fixed))
    with pytest.raises(NeedsAttention, match="cannot be replaced here"):
        list(rotate(engine, fixed, now=NOW))
    fresh = base64.urlsafe_b64encode(os.urandom(32))
    file.path.write_bytes(fresh + b"\n" + file.path.read_bytes())
    done = list(rotate(engine, fixed, now=NOW))
    assert done[-1].step is Step.KEY_LEFT
    file.path.write_bytes(fresh + b"\n")
    assert read(engine, Keyring(engine, fixed)) == SECRETS


def test_a_lost_key_can_be_given_up_and_the_house_goes_on(engine: Engine, file: KeyFile) -> None:
    fill(engine, Keyring(engine, file))
    file.path.unlink()
    new_key(file.path)
    with pytest.raises(NeedsAttention, match="cannot be opened"):
        Keyring(engine, file)
    assert forget_lost(engine, file) == 3
    keyring = Keyring(engine, file)
    assert keyring.open(keyring.lock("anew", "acme", "x"), "acme", "x") == "anew"
    with engine.connect() as connection:
        houses = select(data_key.c.id).where(data_key.c.organisation == HOUSE)
        assert len(connection.scalars(houses).all()) == 1


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o666, 0o777])
def test_a_key_that_others_can_read_is_not_taken(file: KeyFile, mode: int) -> None:
    file.path.chmod(mode)
    with pytest.raises(NeedsAttention, match="open to others"):
        file.seals()


@pytest.mark.parametrize("content", [b"", b"short", b"A" * 43, b"\n\n", bytes(range(32))])
def test_what_is_no_key_is_not_taken(file: KeyFile, content: bytes) -> None:
    file.path.write_bytes(content)
    with pytest.raises(NeedsAttention):
        file.seals()


def test_a_changed_text_does_not_open() -> None:
    seal = Seal(b"k" * 32)
    sealed = seal.lock("geheim", "acme", "x")
    head, cipher = sealed.rsplit(".", 1)
    raw = bytearray(base64.urlsafe_b64decode(cipher))
    for bit in range(len(raw) * 8):
        raw[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CrmLoopError):
            seal.open(f"{head}.{base64.urlsafe_b64encode(raw).decode()}", "acme", "x")
        raw[bit // 8] ^= 1 << bit % 8
    assert seal.open(sealed, "acme", "x") == "geheim"


@pytest.mark.slow
@pytest.mark.long(13)
def test_real_kills_in_the_middle_of_rotations_leave_nothing_unreadable(
    database_url: str, tmp_path: Path
) -> None:
    """The command itself, killed by the system at moments that nobody chose."""
    engine = open_engine(database_url)
    migrate(engine)
    new_key(tmp_path / "key")
    file = KeyFile(tmp_path / "key")
    running = Keyring(engine, file)
    fill(engine, running)
    many = notes(engine, running, 6000)
    environment = {**os.environ, "CRM_LOOP_DATABASE_URL": database_url,
                   "CRM_LOOP_SECRET_KEY_FILE": str(file.path)}  # fmt: skip
    command = [sys.executable, "-m", "crm_loop", "keys", "rotate", "--data-keys"]
    chance, killed = random.Random(7), 0
    for _ in range(8):
        child = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL)
        # It says nothing before it ends; what it has done by then differs from run to run.
        try:
            child.wait(chance.uniform(0.4, 3.0))
        except subprocess.TimeoutExpired:
            child.kill()
            killed += child.wait() == -signal.SIGKILL
        assert read(engine, running) == read(engine, Keyring(engine, file)) == SECRETS
    list(rotate(engine, file, now=NOW))
    finished = Keyring(engine, file)
    with engine.connect() as connection:
        column = column_of("private_note")
        rows = connection.execute(select(column.table)).mappings().all()
    assert len(rows) == many
    assert {finished.open(row["sealed"], *row_of(column, row))[:4] for row in rows} == {"note"}
    assert killed >= 2
    engine.dispose()


def notes(engine: Engine, sealing: Any, count: int) -> int:
    """So many more private notes; how many there are then."""
    column = column_of("private_note")
    rows = [values_of("private_note", "acme") | {"author": f"a{n}"} for n in range(count)]
    for row in rows:
        row["sealed"] = sealing.lock("note", *row_of(column, row))
    with engine.begin() as connection:
        connection.execute(insert(column.table), rows)
    return count + sum(name == "private_note" for _, name in SECRETS)
