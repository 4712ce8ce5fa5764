"""Wherever the key of the house comes from, the same holds; a provider that is away says so."""

import base64
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from crm_loop.errors import NeedsAttention
from crm_loop.secrets import KeyFile, KeyProvider, Seal, new_seal, seals_in
from crm_loop.settings import Settings
from crm_loop.setup.doctor import examine_key
from crm_loop.setup.findings import worded
from crm_loop.store.key_providers import KeyCommand, KeyInEnvironment, provider_of
from crm_loop.store.key_rotation import Step, forget_lost, rotate
from crm_loop.store.keyring import Keyring
from crm_loop.store.tables.keys import data_key

NOW = datetime(2026, 7, 6, tzinfo=UTC)
KEY, OTHER = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2))


def settings(**more: Any) -> Settings:
    return Settings(_env_file=None, **more)


@dataclass(frozen=True, slots=True)
class Kms:
    """A key that never leaves its keeper: data keys are sent there to be wrapped and unwrapped."""

    kept: Seal = field(default_factory=new_seal)
    name: str = "kms"

    @property
    def key_id(self) -> str:
        return "kms-1"

    def seals(self) -> Sequence["Kms"]:
        return [self]

    def wrap(self, other: Seal, *row: str) -> str:
        return self.kept.wrap(other, *row).replace(self.kept.key_id, self.key_id)

    def unwrap(self, wrapped: str, *row: str) -> Seal:
        return self.kept.unwrap(wrapped.replace(self.key_id, self.kept.key_id), *row)


def script(folder: Path, body: str) -> Path:
    file = folder / "key.give"
    file.write_text(f"#!{sys.executable}\n{body}\n", encoding="utf-8")
    file.chmod(stat.S_IRWXU)
    return file


def file_of(folder: Path, *keys: str) -> Path:
    file = folder / "key"
    file.write_text("\n".join(keys), encoding="utf-8")
    file.chmod(0o600)
    return file


def providers(folder: Path, *keys: str) -> dict[str, KeyProvider]:
    printing = script(folder, f"print({chr(10).join(keys)!r})")
    return {
        "file": provider_of(settings(secret_key_file=file_of(folder, *keys))),
        "environment": provider_of(
            settings(key_provider="environment", secret_key="\n".join(keys))
        ),
        "command": provider_of(settings(key_provider="command", key_command=str(printing))),
        "kms": Kms(),
    }


@pytest.fixture(params=["file", "environment", "command", "kms"])
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> KeyProvider:
    return providers(tmp_path, KEY)[request.param]


def test_what_one_process_seals_another_one_opens(engine: Engine, provider: KeyProvider) -> None:
    sealed = Keyring(engine, provider).lock("geheim", "acme", "x")
    other = Keyring(engine, provider)
    assert other.open(sealed, "acme", "x") == "geheim"
    with pytest.raises(NeedsAttention):
        other.open(sealed, "rival", "x")


def test_the_database_holds_data_keys_that_only_the_provider_unwraps(
    engine: Engine, provider: KeyProvider
) -> None:
    Keyring(engine, provider).lock("geheim", "acme", "x")
    with engine.connect() as connection:
        rows = connection.scalars(select(data_key.c.wrapped)).all()
    assert {row.split(".")[1] for row in rows} == {provider.seals()[0].key_id}
    with pytest.raises(NeedsAttention):
        Keyring(engine, KeyInEnvironment(OTHER))


def test_new_data_keys_are_made_wherever_the_key_is(engine: Engine, provider: KeyProvider) -> None:
    keyring = Keyring(engine, provider)
    keyring.lock("geheim", "acme", "x")
    steps = [done.step for done in rotate(engine, provider, now=NOW, data_keys=True)]
    assert Step.DATA_KEY in steps
    assert Keyring(engine, provider).lock("geheim", "acme", "x")


@pytest.mark.parametrize("name", ["environment", "command"])
def test_a_key_that_is_kept_elsewhere_is_replaced_there(
    engine: Engine, tmp_path: Path, name: str
) -> None:
    old = providers(tmp_path, KEY)[name]
    sealed = Keyring(engine, old).lock("geheim", "acme", "x")
    with pytest.raises(NeedsAttention, match="where it is kept"):
        list(rotate(engine, old, now=NOW))
    both = providers(tmp_path, OTHER, KEY)[name]
    assert [done.step for done in rotate(engine, both, now=NOW)][-1] is Step.KEY_LEFT
    assert Keyring(engine, providers(tmp_path, OTHER)[name]).open(sealed, "acme", "x") == "geheim"


def test_what_a_lost_provider_sealed_can_be_given_up(engine: Engine, provider: KeyProvider) -> None:
    Keyring(engine, provider).lock("geheim", "acme", "x")
    assert forget_lost(engine, KeyInEnvironment(OTHER)) == 2
    Keyring(engine, KeyInEnvironment(OTHER)).lock("anew", "acme", "x")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("import sys; sys.exit(3)", "ended with code 3"),
        ("print('not a key')", "prints no 256-bit key"),
        ("", "prints no 256-bit key"),
        (f"print({KEY!r}); print('c2hvcnQ=')", "prints no 256-bit key"),
        ("import time; time.sleep(60)", "did not answer in time"),
    ],
)
def test_a_command_that_gives_no_key_says_why(tmp_path: Path, body: str, why: str) -> None:
    command = KeyCommand([str(script(tmp_path, body))], patience=0.5 if "sleep" in body else 15)
    with pytest.raises(NeedsAttention, match=why) as told:
        command.seals()
    assert told.value.do


def test_a_command_is_not_given_to_a_shell(tmp_path: Path) -> None:
    printing = script(tmp_path, f"import sys; print({KEY!r} if sys.argv[1:] == ['a b;c'] else '')")
    given = settings(key_provider="command", key_command=f"{printing} 'a b;c'")
    assert provider_of(given).seals()[0].key_id == seals_in(KEY.encode())[0].key_id


@pytest.mark.parametrize("command", ["", "/nowhere/give", "/nowhere 'open"])
def test_a_command_that_cannot_be_run_is_a_matter_for_a_person(command: str) -> None:
    with pytest.raises(NeedsAttention):
        provider_of(settings(key_provider="command", key_command=command)).seals()


def test_what_a_command_says_beside_the_key_is_told_to_nobody(tmp_path: Path) -> None:
    body = "import sys; sys.stderr.write('geheim'); print('geheim'); sys.exit(1)"
    with pytest.raises(NeedsAttention) as told:
        KeyCommand([str(script(tmp_path, body))]).seals()
    assert "geheim" not in str(told.value)
    assert told.value.__cause__ is None


def test_a_key_in_the_settings_is_not_shown() -> None:
    given = settings(key_provider="environment", secret_key=KEY)
    assert KEY not in repr(given) + str(provider_of(given))


@pytest.mark.parametrize("name", ["environment", "nobody-s"])
def test_a_provider_without_a_key_is_a_matter_for_a_person(name: str) -> None:
    with pytest.raises(NeedsAttention):
        provider_of(settings(key_provider=name)).seals()


def test_a_package_brings_a_provider_of_its_own(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = tmp_path / "safe_keys-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Name: safe-keys\nVersion: 1.0\n", encoding="utf-8")
    entries = "[crm_loop.key_providers]\nsafe = safe_keys:give\nbroken = safe_keys:nothing\n"
    (about / "entry_points.txt").write_text(entries, encoding="utf-8")
    module = (
        "from crm_loop.store.key_providers import KeyInEnvironment\n"
        f"give = lambda settings: KeyInEnvironment({KEY!r}, name=settings.key_provider)\n"
    )
    (tmp_path / "safe_keys.py").write_text(module, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    provider = provider_of(settings(key_provider="safe"))
    assert provider.name == "safe"
    assert Keyring(engine, provider).lock("geheim", "acme", "x")
    with pytest.raises(NeedsAttention, match="called broken is installed"):
        provider_of(settings(key_provider="broken"))


def test_only_a_file_is_ever_made_by_itself(tmp_path: Path) -> None:
    made = provider_of(settings(secret_key_file=tmp_path / "new"), may_create=True)
    assert isinstance(made, KeyFile)
    assert made.seals()
    with pytest.raises(NeedsAttention):
        provider_of(settings(secret_key_file=tmp_path / "missing")).seals()
    assert [one.name for one in tmp_path.iterdir()] == ["new"]


@pytest.mark.parametrize("name", ["file", "environment", "command", "vault"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_doctor_tells_which_provider_it_is(name: str, language: str) -> None:
    title = worded(examine_key(name), language)["title"]
    assert title
    if name == "vault":
        assert name in title
