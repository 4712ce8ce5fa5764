"""compose.yaml is what the Compose Specification knows, and holds what we rely on.

No engine is needed: one tool reads it as strictly as the specification, another one looks for what
is dangerous. What that one finds and we leave stands with its reason in deploy/compose-lint.yml.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "deploy" / "compose.yaml"
TEXT = COMPOSE.read_text("utf-8")
SERVICES: Mapping[str, Mapping[str, Any]] = yaml.safe_load(TEXT)["services"]
OURS = ("worker", "scheduler", "console")


def filled(text: str) -> str:
    """As compose reads it when each variable has its default, or is filled in."""
    text = re.sub(r"\$\{[^}:]+:-([^}]*)\}", r"\1", text)
    return re.sub(r"\$\{[^}:]+:\?[^}]*\}", "filled", text)


def read_strictly(text: str) -> None:
    """ValueError where the Compose Specification does not know what is written."""
    spec = pytest.importorskip("compose_spec", reason="compose-spec comes for Linux only")
    # A reader of YAML that knows merge keys; the anchors themselves are extensions.
    spec.PyCompose.from_json(json.dumps(yaml.safe_load(filled(text))))


def test_the_specification_knows_every_key_and_value() -> None:
    read_strictly(TEXT)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("read_only: true", "readonly: true"),
        ("retries: 12", "retry: 12"),
        ("interval: 5s", "interval: 5 seconds"),
        ("unless-stopped", "unless_stopped"),
        ("service_healthy", "healthy"),
        ("replicas: 2", "replicas: two"),
        ("127.0.0.1:8710:8710", "127.0.0.1:console:8710"),
        ("limits: {memory: 1G}", "limit: {memory: 1G}"),
    ],
)
def test_a_slip_is_found(right: str, wrong: str) -> None:
    assert right in TEXT
    with pytest.raises(ValueError, match=r"."):
        read_strictly(TEXT.replace(right, wrong))


def test_the_linter_finds_nothing_that_was_not_decided() -> None:
    config = ROOT / "deploy" / "compose-lint.yml"
    options = ("--strict-config", "--config", config, "--fail-on", "low", "--quiet", "--no-env")
    told = subprocess.run(
        [sys.executable, "-m", "compose_lint", "check", *options, COMPOSE],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr


def test_every_image_is_of_one_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    images = {name: filled(service["image"]) for name, service in SERVICES.items()}
    assert {images[name] for name in OURS} == {f"crm-loop:{version}"}
    assert all(re.search(r":\d+[\w.-]*$", image) for image in images.values()), images


def test_whatever_is_waited_for_can_say_that_it_is_well() -> None:
    awaited = {name: one["depends_on"] for name, one in SERVICES.items() if "depends_on" in one}
    assert set(awaited) == set(OURS)
    for services in awaited.values():
        assert {name: one["condition"] for name, one in services.items()} == dict.fromkeys(
            ("database", "broker"), "service_healthy"
        )
    tested = {name for name, one in SERVICES.items() if one.get("healthcheck", {}).get("test")}
    assert tested >= {"database", "broker", "console"}


def test_database_and_broker_are_reached_from_inside_only() -> None:
    networks = yaml.safe_load(TEXT)["networks"]
    assert networks["inside"]["internal"] is True
    for name in ("database", "broker"):
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]
        assert "network_mode" not in SERVICES[name]


def test_memory_is_limited_as_on_kubernetes_and_everything_starts_again() -> None:
    limits = {
        name: one["deploy"]["resources"]["limits"]["memory"] for name, one in SERVICES.items()
    }
    for name in OURS:
        manifest = (ROOT / "deploy" / "kubernetes" / f"{name}.yaml").read_text("utf-8")
        (there,) = re.findall(r"limits: \{memory: (\d+[MG])i\}", manifest)
        assert limits[name] == there, name
    assert {one["restart"] for one in SERVICES.values()} == {"unless-stopped"}


def test_whatever_an_admin_sets_reaches_every_process() -> None:
    """What stands in compose.env is handed over as it is; only what is in here is fixed."""
    fixed = {"CRM_LOOP_ENV", "CRM_LOOP_DATABASE_URL", "CRM_LOOP_REDIS_URL", "CRM_LOOP_PUBLIC_URL"}
    for name in OURS:
        assert SERVICES[name]["env_file"] == ["compose.env"]
        more = {"CRM_LOOP_CONSOLE_BIND", "CRM_LOOP_PROXIES"} if name == "console" else set()
        assert SERVICES[name]["environment"].keys() == fixed | more


def test_only_the_console_is_handed_the_companys_secret_and_only_where_that_is_wanted() -> None:
    text = (COMPOSE.parent / "compose.company.yaml").read_text("utf-8")
    more = yaml.safe_load(text)
    assert more["services"].keys() == {"console"}
    console = more["services"]["console"]
    (secret,) = console["secrets"]
    file = console["environment"]["CRM_LOOP_OIDC_SECRET_FILE"]
    assert file == f"/run/secrets/{secret['target']}"
    assert secret["source"] in more["secrets"]
    read_strictly(text)
    assert "OIDC_SECRET" not in TEXT


def test_no_password_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name:
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), name
    # What was not filled in stops compose instead of starting without it.
    assert TEXT.count("${POSTGRES_PASSWORD") == TEXT.count("${POSTGRES_PASSWORD:?") == 2
