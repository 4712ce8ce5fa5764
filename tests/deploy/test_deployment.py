"""What is shipped to run crm_loop names settings, commands and measures that exist."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from crm_loop.console.routes import ROUTES
from crm_loop.console.serving_address import hosts
from crm_loop.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
TOOLS = Path(sys.executable).parent

#: Read by the shell or by compose itself, not by crm_loop.
OF_THE_DEPLOYMENT = {
    "CRM_LOOP_VERSION",
    "CRM_LOOP_CONNECTORS",
    "CRM_LOOP_EXTRAS",
    "CRM_LOOP_KEY_FILE",
}


def files() -> list[Path]:
    kept = (path for path in DEPLOY.rglob("*") if path.is_file())
    return sorted(path for path in kept if path.suffix not in {".lock", ".pyc"})


def documents(folder: str) -> list[Mapping[str, Any]]:
    return [
        document
        for path in sorted((DEPLOY / folder).glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text("utf-8"))
    ]


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(DEPLOY)))
def test_every_setting_that_a_deployment_names_exists(path: Path) -> None:
    named = set(re.findall(r"CRM_LOOP_[A-Z_]+", path.read_text("utf-8"))) - OF_THE_DEPLOYMENT
    known = {f"CRM_LOOP_{name.upper()}" for name in Settings.model_fields}
    assert named <= known


def test_the_image_is_built_as_its_linter_wants_it() -> None:
    hadolint = TOOLS / "hadolint"
    if not hadolint.exists():
        pytest.skip("hadolint comes for Linux only")
    told = run(hadolint, DEPLOY / "container" / "Containerfile")
    assert told.returncode == 0, told.stdout


def test_kubernetes_takes_every_manifest() -> None:
    manifests = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    told = run(TOOLS / "kubernetes-validate", "--strict", *manifests)
    assert told.returncode == 0, told.stdout + told.stderr


def by_hand() -> Mapping[str, Any]:
    (pod,) = documents("kubernetes/by-hand")
    return pod


def test_kubernetes_takes_the_pod_for_commands_too() -> None:
    told = run(TOOLS / "kubernetes-validate", "--strict", DEPLOY / "kubernetes/by-hand/pod.yaml")
    assert told.returncode == 0, told.stdout + told.stderr


def test_a_command_by_hand_has_what_a_worker_has_and_is_locked_up_as_one() -> None:
    (worker,) = [d["spec"]["template"] for d in documents("kubernetes")
                 if d["kind"] == "Deployment" and d["metadata"]["name"] == "worker"]  # fmt: skip
    pod = by_hand()
    (one,), (other,) = pod["spec"]["containers"], worker["spec"]["containers"]
    for name in ("image", "env", "envFrom", "securityContext"):
        assert one[name] == other[name], name
    for name in ("securityContext", "serviceAccountName", "automountServiceAccountToken"):
        assert pod["spec"][name] == worker["spec"][name], name
    assert other["volumeMounts"] == [m for m in one["volumeMounts"] if m["name"] != "backup"]
    label = "app.kubernetes.io/name"
    assert pod["metadata"]["labels"][label] == worker["metadata"]["labels"][label]
    # Its claim is the one that the nightly backup fills.
    claims = {d["metadata"]["name"] for d in documents("kubernetes")
              if d["kind"] == "PersistentVolumeClaim"}  # fmt: skip
    (claim,) = [v["persistentVolumeClaim"]["claimName"] for v in pod["spec"]["volumes"]
                if "persistentVolumeClaim" in v]  # fmt: skip
    assert claim in claims


def test_the_companys_secret_can_be_handed_to_the_console_in_every_deployment() -> None:
    guide = (DEPLOY / "kubernetes/README.md").read_text("utf-8")
    (console,) = [d["spec"]["template"]["spec"] for d in documents("kubernetes")
                  if d["kind"] == "Deployment" and d["metadata"]["name"] == "console"]  # fmt: skip
    (volume,) = [v for v in console["volumes"] if v["name"] == "company"]
    (mount,) = [m for m in console["containers"][0]["volumeMounts"] if m["name"] == "company"]
    assert volume["secret"]["optional"] is True
    assert f"CRM_LOOP_OIDC_SECRET_FILE: {mount['mountPath']}/secret" in guide
    assert f"secret generic {volume['secret']['secretName']} --from-file=secret=" in guide
    drop_in = (DEPLOY / "systemd/company.conf").read_text("utf-8")
    (name,) = re.findall(r"^LoadCredential=(\S+):/etc/crm-loop/\S+$", drop_in, re.MULTILINE)
    assert f"\nEnvironment=CRM_LOOP_OIDC_SECRET_FILE=%d/{name}\n" in drop_in
    assert "crm-loop-console.service.d" in drop_in


def test_the_list_of_erasures_has_a_place_that_can_be_written_and_is_kept() -> None:
    """Beside the key it has none: a credential and a secret are read only."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    text = (DEPLOY / "container/Containerfile").read_text("utf-8")
    (file,) = re.findall(r"CRM_LOOP_ERASURES_FILE=(\S+)", text)
    folder = str(Path(file).parent)
    assert re.search(rf"^RUN install -d -o crm-loop -g crm-loop .*{folder}$", text, re.MULTILINE)
    for name in ("worker", "scheduler", "console"):
        assert f"erasures:{folder}" in compose["services"][name]["volumes"]
    assert "erasures" in compose["volumes"]
    for unit in (*(DEPLOY / "systemd").glob("*.service"), DEPLOY / "systemd/crm-loop"):
        said = unit.read_text("utf-8")
        if "SECRET_KEY_FILE" in said:
            (file,) = re.findall(r"CRM_LOOP_ERASURES_FILE=(\S+)", said)
            (kept,) = re.findall(r"StateDirectory=(\S+)", said)
            assert Path(file).parent == Path("/var/lib") / kept, unit.name


def test_every_container_runs_unprivileged_on_a_file_system_that_it_cannot_change() -> None:
    pods = [
        d["spec"]["template"]["spec"] for d in documents("kubernetes") if d["kind"] == "Deployment"
    ]
    assert len(pods) >= 2
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    house = [s for s in compose["services"].values() if "crm-loop" in s["image"]]
    assert len(house) >= 2
    assert all(s["read_only"] and s["cap_drop"] == ["ALL"] and s["user"] for s in house)


def test_every_process_has_a_grace_longer_than_a_lease() -> None:
    lease = Settings.model_fields["lease_seconds"].default
    pods = [
        d["spec"]["template"]["spec"] for d in documents("kubernetes") if d["kind"] == "Deployment"
    ]
    assert all(pod["terminationGracePeriodSeconds"] > lease for pod in pods)
    for unit in (DEPLOY / "systemd").glob("*.service"):
        found = re.search(r"TimeoutStopSec=(\d+)", unit.read_text("utf-8"))
        assert found
        assert int(found[1]) > lease


def test_the_commands_that_are_started_are_commands_of_ours() -> None:
    from crm_loop.cli.mount import OWN, brought

    known = {*OWN, *(entry.name for entry in brought())}
    units = [u.read_text("utf-8") for u in (DEPLOY / "systemd").glob("*.service")]
    found = [re.findall(r"^ExecStart=.*?/crm-loop (\S+)", unit, re.MULTILINE) for unit in units]
    started = {command for (command,) in found} - {"backup"}
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    started |= {s["command"][0] for s in compose["services"].values() if "crm-loop" in s["image"]}
    pods = [
        d["spec"]["template"]["spec"] for d in documents("kubernetes") if d["kind"] == "Deployment"
    ]
    on_kubernetes = {container["args"][0] for pod in pods for container in pod["containers"]}
    assert {"worker", "scheduler", "console"} == started == on_kubernetes
    assert started <= known


def test_a_probe_of_the_console_names_a_host_that_it_answers_to() -> None:
    """It refuses every other name, and a kubelet calls pods by their address."""
    asked = 0
    for document in documents("kubernetes"):
        if document["kind"] == "Deployment" and document["metadata"]["name"] == "console":
            (container,) = document["spec"]["template"]["spec"]["containers"]
            for name in ("startupProbe", "livenessProbe", "readinessProbe"):
                http = container[name]["httpGet"]
                (header,) = http["httpHeaders"]
                assert header["value"] in hosts(Settings(_env_file=None))
                assert http["path"] in {route.path for route in ROUTES}
                asked += 1
    assert asked == 3


def test_pages_are_reached_through_a_proxy_only() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    ports = {name: s.get("ports", []) for name, s in compose["services"].items()}
    assert [one for one in ports.values() if one] == [["127.0.0.1:8710:8710"]]
    policies = [d["spec"] for d in documents("kubernetes") if d["kind"] == "NetworkPolicy"]
    opened = [(rule["from"], port["port"]) for policy in policies
              for rule in policy.get("ingress", ()) for port in rule["ports"]]  # fmt: skip
    assert sorted(port for _, port in opened) == [8710, 8720]
    assert all(whence for whence, _ in opened)
    console = (DEPLOY / "systemd" / "crm-loop-console.service").read_text("utf-8")
    assert "CRM_LOOP_CONSOLE_BIND=127.0.0.1:" in console


def test_what_a_unit_points_to_is_put_there_when_it_is_installed() -> None:
    script = (DEPLOY / "systemd" / "install").read_text("utf-8")
    (folder,) = re.findall(r'install -D .* docs/\*\.md -t "\$place(\S+)"', script)
    folder = f"/opt/crm-loop{folder}"
    for unit in (DEPLOY / "systemd").glob("*.service"):
        (page,) = re.findall(r"^Documentation=file://(.*)$", unit.read_text("utf-8"), re.MULTILINE)
        assert Path(page).parent == Path(folder)
        assert (ROOT / "docs" / Path(page).name).exists()


def test_systemd_takes_every_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not here")
    for unit in (DEPLOY / "systemd").iterdir():
        if unit.suffix in {".service", ".target", ".timer"}:
            text = unit.read_text("utf-8").replace("/opt/crm-loop/bin/crm-loop", "/bin/true")
            (tmp_path / unit.name.replace("@", "@1")).write_text(text, "utf-8")
    told = run("systemd-analyze", "verify", *sorted(tmp_path.iterdir()))
    assert told.returncode == 0, told.stderr
    assert not [line for line in told.stderr.splitlines() if "crm-loop" in line]


def test_the_lock_files_of_the_image_hold_the_versions_that_were_tested() -> None:
    def pins(path: Path) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", path.read_text("utf-8"), re.MULTILINE))

    tested = pins(ROOT / "requirements.lock")
    for path in sorted((DEPLOY / "container").glob("*.lock")):
        found = pins(path)
        assert found
        assert {name: tested.get(name) for name in found} == found, path.name
        assert "pytest" not in found
