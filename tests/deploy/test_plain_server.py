"""Commands on a plain server run as its services do; the nightly backup is a real one."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
SCRIPT = DEPLOY / "systemd" / "crm-loop"
SERVICES = [
    unit for unit in sorted((DEPLOY / "systemd").glob("*.service")) if "backup" not in unit.name
]

#: Does what systemd-run would: keeps what it was given, sets the variables, expands `$$`.
STAND_IN = """#!/bin/bash
printf '%s\\n' "$@" > "$GIVEN"
while [[ $1 != -- ]]; do
  [[ $1 == --setenv=* ]] && export "${1#--setenv=}"
  shift
done
shift 2
words=()
for word in "$@"; do words+=("${word//\\$\\$/\\$}"); done
exec "$INSTEAD" "${words[@]}"
"""


@pytest.fixture
def typed(tmp_path: Path) -> Any:
    """Type a command; how it ended, and what systemd-run was given."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "systemd-run").write_text(STAND_IN)
    (tools / "systemd-run").chmod(0o755)

    def type_(*words: str, instead: str, given: bytes = b"", **more: str) -> Any:
        environment = {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "GIVEN": str(tmp_path / "given"),
            "INSTEAD": instead,
            **more,
        }
        done = subprocess.run(
            [str(SCRIPT), *words], env=environment, input=given, capture_output=True, check=False
        )
        return done, (tmp_path / "given").read_text().splitlines()

    return type_


def program(tmp_path: Path, text: str) -> str:
    file = tmp_path / "program"
    file.write_text(f"#!{sys.executable}\n{text}")
    file.chmod(0o755)
    return str(file)


def test_words_pipes_and_the_exit_code_are_the_callers(typed: Any, tmp_path: Path) -> None:
    told = program(
        tmp_path,
        "import json, os, sys\n"
        "print(json.dumps([sys.argv[1:], sys.stdin.read(), os.environ['CRM_LOOP_ENV']]))\n"
        "sys.exit(5)\n",
    )
    words = ("writes", "preview", "--item", "two words", "$HOME ${x} $$ *", "-")
    done, _ = typed(*words, instead=told, given=b"piped")
    assert done.returncode == 5
    assert yaml.safe_load(done.stdout) == [list(words), "piped", "production"]


def test_a_command_has_what_every_service_has(typed: Any) -> None:
    _, given = typed("doctor", instead="/bin/true")
    mine = {one.removeprefix("--property=") for one in given if one.startswith("--property=")}
    for unit in SERVICES:
        text = unit.read_text("utf-8")
        for name in ("DynamicUser", "User", "StateDirectory", "WorkingDirectory", "EnvironmentFile",
                     "LoadCredential", "ProtectSystem", "NoNewPrivileges"):  # fmt: skip
            assert re.findall(rf"^{name}=.*$", text, re.MULTILINE) == [
                one for one in sorted(mine) if one.startswith(f"{name}=")
            ], (unit.name, name)
        (command,) = re.findall(r"^ExecStart=(\S+)", text, re.MULTILINE)
        assert command == given[given.index("--") + 1]
    # systemd keeps the credentials of a unit under its name.
    (unit_name,) = [one.removeprefix("--unit=") for one in given if one.startswith("--unit=")]
    key = f"/run/credentials/{unit_name}.service/crm-loop.key"
    assert f"--setenv=CRM_LOOP_SECRET_KEY_FILE={key}" in given


def test_the_nightly_command_of_a_plain_server_keeps_a_whole_file_and_no_part(
    tmp_path: Path,
) -> None:
    text = (DEPLOY / "systemd" / "crm-loop-backup.service").read_text("utf-8")
    (line,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    words = shlex.split(line.replace("$$", "$").replace("%%", "%"))
    backups = tmp_path / "backup"
    backups.mkdir()
    old = backups / "crm_loop-2020-01-01.backup"
    old.touch()
    os.utime(old, (0, 0))

    def night(program_: str) -> int:
        command = words[2].replace("/srv/backup", str(backups))
        command = command.replace("/usr/local/sbin/crm-loop", program_)
        return subprocess.run([*words[:2], command], check=False).returncode

    assert night(program(tmp_path, "import sys\nprint('half')\nsys.exit(1)")) != 0
    assert list(backups.iterdir()) == [old]
    assert (
        night(program(tmp_path, "import sys\nassert sys.argv[1:] == ['backup', '-']\nprint('x')"))
        == 0
    )
    (made,) = backups.iterdir()
    assert re.fullmatch(r"crm_loop-\d{4}-\d\d-\d\d\.backup", made.name)
    assert made.read_text() == "x\n"
    assert made.stat().st_mode & 0o077 == 0


def cron_job() -> Mapping[str, Any]:
    documents = yaml.safe_load_all((DEPLOY / "kubernetes" / "backup.yaml").read_text("utf-8"))
    (job,) = [one for one in documents if one["kind"] == "CronJob"]
    pod: Mapping[str, Any] = job["spec"]["jobTemplate"]["spec"]["template"]
    return pod


def test_the_nightly_command_on_kubernetes_writes_a_backup_once_a_day(tmp_path: Path) -> None:
    (container,) = cron_job()["spec"]["containers"]
    backups = tmp_path / "backup"
    backups.mkdir()
    old = backups / "crm_loop-2020-01-01.backup"
    old.touch()
    os.utime(old, (0, 0))
    tools = Path(sys.executable).parent
    environment = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "CRM_LOOP_DATABASE_URL": f"sqlite:///{tmp_path / 'house.db'}",
        "CRM_LOOP_SECRET_KEY_FILE": str(tmp_path / "key"),
    }
    (script,) = container["args"]
    command = [*container["command"], script.replace("/backup", str(backups))]
    # Without a house there is nothing to back up, and the night says so.
    assert subprocess.run(command, env=environment, cwd=tmp_path, check=False).returncode == 3
    begun = [str(tools / "crm-loop"), "people", "export", "people.csv"]
    subprocess.run(begun, env=environment, cwd=tmp_path, check=True)
    for _ in range(2):
        subprocess.run(command, env=environment, cwd=tmp_path, check=True)
    (made,) = backups.iterdir()
    assert made.name != old.name
    assert made.stat().st_size > 100


def test_the_nightly_pod_is_locked_up_as_the_others_are() -> None:
    template = cron_job()
    pod, (container,) = template["spec"], template["spec"]["containers"]
    assert template["metadata"]["labels"]["app.kubernetes.io/name"] == "crm-loop"
    assert pod["securityContext"]["runAsNonRoot"] is True
    context = container["securityContext"]
    assert context["readOnlyRootFilesystem"] is True
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}


#: Stands in for Python, pip and the program that is installed; says which pip was asked for what.
TOOLS = """#!/bin/bash
case "$(basename "$0") $1" in
  python*-c) ;;
  python*-m) place="${!#}"; mkdir -p "$place/bin"
    for one in pip python crm-loop; do cp "$0" "$place/bin/$one"; done ;;
  pip*) echo "$@" >> "$TOLD"; [[ -z $FAILS || $* != *"$FAILS"* ]] ;;
  crm-loop*) echo "a new key" ;;
esac
"""


@pytest.fixture
def server(tmp_path: Path) -> Any:
    """An empty server: install there with these words; what was said, and what pip was asked."""
    root, told, python = tmp_path / "server", tmp_path / "told", tmp_path / "python"
    python.write_text(TOOLS)
    python.chmod(0o755)

    def install(*words: str, fails: str = "") -> Any:
        told.write_text("")
        environment = {"PATH": os.environ["PATH"], "ROOT": str(root), "PYTHON": str(python),
                       "TOLD": str(told), "FAILS": fails}  # fmt: skip
        done = subprocess.run(
            [DEPLOY / "systemd" / "install", *words],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done, told.read_text()

    install.root = root  # type: ignore[attr-defined]
    return install


def test_each_version_has_a_place_of_its_own_and_key_and_settings_stay(server: Any) -> None:
    done, _ = server()
    assert done.returncode == 0, done.stderr
    home, etc = server.root / "opt/crm-loop", server.root / "etc/crm-loop"
    first, key, settings = home.resolve(), etc / "crm-loop.key", etc / "crm-loop.env"
    assert {one.stat().st_mode & 0o077 for one in (etc, key, settings)} == {0}
    assert key.read_text() == "a new key\n"
    key.write_text("ours\n")
    settings.write_text("CRM_LOOP_LANG=ja\n")
    first = first.rename(f"{first}-before")
    done, _ = server()
    assert done.returncode == 0, done.stderr
    assert home.is_symlink()
    assert home.resolve() not in (first, server.root)
    assert (home / "bin/crm-loop").exists()
    assert (first / "bin/crm-loop").exists(), "what runs goes on with it, and so does the way back"
    assert (key.read_text(), settings.read_text()) == ("ours\n", "CRM_LOOP_LANG=ja\n")


def test_an_upgrade_that_fails_leaves_everything_as_it_was(server: Any) -> None:
    server("hubspot")
    home = server.root / "opt/crm-loop"
    before, there = home.resolve(), sorted((server.root / "opt").iterdir())
    first = before.rename(f"{before}-before")
    home.unlink()
    home.symlink_to(first.name)
    done, _ = server("hubspot", fails="hubspot.lock")
    assert done.returncode != 0
    assert home.resolve() == first
    assert len(sorted((server.root / "opt").iterdir())) == len(there)


def test_only_what_was_asked_for_is_installed_and_each_package_by_its_hash(server: Any) -> None:
    _, told = server("hubspot", "otel")
    locks = re.findall(r"install .*--requirement deploy/container/(\w+)\.lock", told)
    assert locks == ["build", "core", "hubspot", "otel"]
    assert told.count("--require-hashes") == len(locks)
    parts = re.findall(r"^wheel .* (\S+)$", told, re.MULTILINE)
    assert parts == [".", "./workers", "./connectors/hubspot"]
    (ours,) = [line for line in told.splitlines() if ".whl" in line]
    assert {"--no-index", "--no-deps"} <= set(ours.split()), "crm_loop comes from no index"


@pytest.mark.parametrize("asked", ["pipedrive", "container", "../workers", "core"])
def test_what_is_no_connector_is_not_installed(tmp_path: Path, asked: str) -> None:
    environment = {"PATH": os.environ["PATH"], "ROOT": str(tmp_path)}
    told = subprocess.run(
        [DEPLOY / "systemd" / "install", "salesforce", asked],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 2
    assert "choose salesforce, hubspot or both" in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_house_that_was_made_by_hand_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "opt" / "crm-loop").mkdir(parents=True)
    environment = {"PATH": os.environ["PATH"], "ROOT": str(tmp_path), "PYTHON": sys.executable}
    told = subprocess.run(
        [DEPLOY / "systemd" / "install"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 2
    assert "by other means" in told.stderr
    assert list((tmp_path / "opt").iterdir()) == [tmp_path / "opt" / "crm-loop"]
