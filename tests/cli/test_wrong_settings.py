"""A wrong setting is one sentence with a code, whatever is wrong about it."""

from pathlib import Path
from typing import Any

import pytest

USAGE, ATTENTION, IN_PART = 2, 3, 5

WRONG = [
    ("DATABASE_URL", "nonsense", USAGE),
    ("DATABASE_URL", "mysql://host/name", USAGE),
    ("DATABASE_URL", "postgresql://me:geheim@127.0.0.1:1/name", ATTENTION),
    ("DATABASE_URL", "sqlite:////proc/nowhere/x.db", ATTENTION),
    ("DATABASE_URL", "sqlite:///{folder}", ATTENTION),
    ("DATABASE_URL", "sqlite:///{garbage}", ATTENTION),
    ("REDIS_URL", "localhost", USAGE),
    ("REDIS_URL", "http://localhost", USAGE),
    ("REDIS_URL", "redis://:geheim@127.0.0.1:port/0", USAGE),
    ("SECRET_KEY_FILE", "{garbage}", ATTENTION),
    ("SECRET_KEY_FILE", "{folder}", ATTENTION),
    ("SECRET_KEY_FILE", "/proc/nowhere/key", ATTENTION),
    ("CLOCK_FILE", "{garbage}", ATTENTION),
    ("CLOCK_FILE", "/nowhere", ATTENTION),
    ("LEASE_SECONDS", "soon", USAGE),
    ("WORKER_THREADS", "0", USAGE),
    ("LANG", "fr", USAGE),
    ("ENV", "prod", USAGE),
    ("LOG_LEVEL", "loud", USAGE),
    ("CONSOLE_BIND", "everywhere", USAGE),
    ("METRICS_BIND", "127.0.0.1", USAGE),
    ("PUBLIC_URL", "console.example", USAGE),
    ("SMTP_URL", "mail.example", USAGE),
]


@pytest.fixture
def garbage(tmp_path: Path) -> Path:
    file = tmp_path / "garbage"
    file.write_bytes(b"\xff\xfe no database, no key, no moment")
    file.chmod(0o600)
    return file


@pytest.mark.parametrize(("name", "value", "code"), WRONG)
def test_it_is_named_in_one_line(
    terminal: Any, garbage: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, code: int
) -> None:
    value = value.format(folder=garbage.parent, garbage=garbage)
    monkeypatch.setenv(f"CRM_LOOP_{name}", value)
    said = terminal("cycle")
    assert (said.code, said.out) == (code, "")
    assert len(said.err.splitlines()) == 1
    assert f"CRM_LOOP_{name}" in said.err or str(garbage.parent) in said.err
    assert "geheim" not in said.err


@pytest.mark.parametrize("name", ["ALLOW_LOOPBACK_CRM", "CLOCK_FILE"])
def test_production_takes_nothing_that_is_for_trials(
    terminal: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("CRM_LOOP_ALLOW_LOOPBACK_CRM", "0")
    monkeypatch.setenv(f"CRM_LOOP_{name}", "1")
    monkeypatch.setenv("CRM_LOOP_ENV", "production")
    said = terminal("cycle", "--json")
    assert (said.code, said.json["error"]["code"]) == (USAGE, "settings.wrong")


def test_production_makes_no_key_by_itself(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_LOOP_ALLOW_LOOPBACK_CRM", "0")
    monkeypatch.setenv("CRM_LOOP_ENV", "production")
    assert terminal("cycle", "--json").json["error"]["code"] == "secrets.key_file"
    assert not (terminal.folder / "var" / "crm_loop.key").exists()


def test_a_key_file_that_others_can_read_is_not_used(terminal: Any) -> None:
    terminal("doctor")
    key = terminal.folder / "var" / "crm_loop.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(0o644)
    said = terminal("doctor", "--json")
    assert said.json["error"]["do"] == "Run: chmod 600 var/crm_loop.key"


def test_a_settings_file_that_is_no_text_is_named(terminal: Any) -> None:
    (terminal.folder / ".env").write_bytes(b"\xff\xfe\x00")
    said = terminal("cycle")
    assert (said.code, ".env" in said.err) == (USAGE, True)


def test_before_anything_is_connected_each_command_says_so(terminal: Any) -> None:
    for command in ("cycle", "agenda", "measure", "pull"):
        said = terminal(command, "--json")
        assert said.code == ATTENTION, command
        assert said.json["error"]["do"].startswith("Connect a CRM first"), command


@pytest.mark.parametrize(
    ("language", "told"), [("en", "There is no setting"), ("ja", "設定はなく")]
)
def test_a_name_that_is_no_setting_is_found_by_the_doctor(
    terminal: Any, monkeypatch: pytest.MonkeyPatch, language: str, told: str
) -> None:
    """It changes nothing, so whoever misspelt one would wait for what never comes."""
    monkeypatch.setenv("CRM_LOOP_OIDC_ISSEUR", "https://id.acme.example")
    for right in ("crm_loop_log_level", "CRM_LOOP_VERSION"):
        monkeypatch.setenv(right, "INFO")
    # A house that knows no CRM yet is when it is needed most.
    found = terminal("doctor", "--json", "--lang", language).data["findings"]
    (title,) = [one["title"] for one in found if one["code"] == "settings.unknown"]
    assert "CRM_LOOP_OIDC_ISSEUR" in title
    assert told in title
    assert "VERSION" not in title.upper().replace("CRM_LOOP_OIDC_ISSEUR", "")
    monkeypatch.delenv("CRM_LOOP_OIDC_ISSEUR")
    again = terminal("doctor", "--json").data["findings"]
    assert "settings.unknown" not in [one["code"] for one in again]


@pytest.mark.parametrize(("language", "told"), [("en", "Connect a CRM first"), ("ja", "接続")])
def test_a_house_without_a_crm_is_examined_as_well(terminal: Any, language: str, told: str) -> None:
    said = terminal("doctor", "--json", "--lang", language)
    assert said.code == IN_PART
    found = {one["code"]: one for one in said.data["findings"]}
    assert found["connection.none"]["level"] == "blocked"
    assert told in found["connection.none"]["do"]
    assert "keys.file" in found
