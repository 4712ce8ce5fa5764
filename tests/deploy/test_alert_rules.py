"""Alerts speak of measures that we serve, and somebody wrote down what to do about each."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import tables
import yaml
from click import Context
from typer.main import get_command
from typer.testing import CliRunner

from crm_loop.bootstrap import App, build
from crm_loop.settings import Settings
from crm_loop_workers.broker import open_broker
from crm_loop_workers.metrics import text_of
from crm_loop_workers.own import Own

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "monitoring" / "rules.yaml"
HANDBOOK = ROOT / "docs" / "operations.md"


def rules() -> list[Any]:
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.fixture
def app(tmp_path: Path) -> Any:
    settings = Settings(
        database_url=f"sqlite:///{tables.on_file(tmp_path / 'crm_loop.db')}",
        secret_key_file=tmp_path / "key",
    )
    app: App = build(settings, connectors={})
    yield app
    app.close()


def test_every_measure_of_a_rule_or_a_panel_is_served(app: App) -> None:
    own = Own(broker=open_broker("redis://127.0.0.1:1/0"))
    served = set(re.findall(r"^# HELP (\S+)", text_of(app, own), re.MULTILINE))
    dashboard = (RULES.parent / "dashboard.json").read_text("utf-8")
    used = set(re.findall(r"crmloop_[a-z_]+", RULES.read_text("utf-8") + dashboard))
    assert used
    assert used <= served


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_alert_says_what_to_do(rule: Any) -> None:
    assert f"### {rule['alert']}\n" in HANDBOOK.read_text("utf-8")
    assert rule["labels"]["severity"] in {"page", "ticket"}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_alert_is_tried(rule: Any) -> None:
    tried = yaml.safe_load(RULES.with_name("rules_test.yaml").read_text("utf-8"))["tests"]
    asked = [one for test in tried for one in test["alert_rule_test"]]
    mine = [one["exp_alerts"] for one in asked if one["alertname"] == rule["alert"]]
    assert any(mine), "no test in which it fires"


@pytest.mark.slow
def test_the_rules_fire_when_they_should_and_not_before() -> None:
    """With promtool, so in `make test-deploy`, once: it takes as long as hundreds of others."""
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not here; make test-deploy installs it")
    for what in (
        ["check", "config", RULES.with_name("prometheus.yml")],
        ["test", "rules", RULES.with_name("rules_test.yaml")],
    ):
        told = subprocess.run(["promtool", *what], capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stdout + told.stderr


def test_prometheus_asks_where_each_way_to_run_it_answers() -> None:
    config = yaml.safe_load(RULES.with_name("prometheus.yml").read_text("utf-8"))
    server, containers, cluster = config["scrape_configs"]
    units = "".join(
        unit.read_text("utf-8") for unit in sorted((ROOT / "deploy/systemd").glob("*.service"))
    )
    binds = re.findall(r"METRICS_BIND=(\S+)", units)
    numbers = re.findall(
        r"crm-loop-worker@(\d)", (ROOT / "deploy/systemd/crm-loop.target").read_text("utf-8")
    )
    answering = {one.replace("%i", n) for one in binds for n in (numbers if "%i" in one else "1")}
    assert set(server["static_configs"][0]["targets"]) == answering
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text("utf-8"))["services"]
    (asked,) = containers["dns_sd_configs"]
    assert set(asked["names"]) == {"worker", "scheduler"} <= compose.keys()
    (asked,) = cluster["dns_sd_configs"]
    ports = set()
    for name in asked["names"]:
        pod, namespace = name.split(".")[:2]
        parts = yaml.safe_load_all((ROOT / f"deploy/kubernetes/{pod}.yaml").read_text("utf-8"))
        found = {one["kind"]: one for one in parts}
        service, template = found["Service"], found["Deployment"]["spec"]["template"]
        assert (service["metadata"]["namespace"], service["metadata"]["name"]) == (namespace, pod)
        assert service["spec"]["clusterIP"] == "None"
        assert service["spec"]["selector"] == template["metadata"]["labels"]
        (port,) = template["spec"]["containers"][0]["ports"]
        assert port["name"] == service["spec"]["ports"][0]["targetPort"]
        ports.add(port["containerPort"])
    assert ports == {asked["port"]} == {containers["dns_sd_configs"][0]["port"]}


@pytest.mark.slow
def test_workers_are_added_by_the_wait_of_one_job_however_many_say_so(tmp_path: Path) -> None:
    """What Kubernetes asks for is what the adapter serves, and more pods make it no larger."""
    scaling = yaml.safe_load((ROOT / "deploy/kubernetes/scaling.yaml").read_text("utf-8"))
    (metric,) = [one["external"]["metric"]["name"] for one in scaling["spec"]["metrics"]]
    (rule,) = yaml.safe_load(RULES.with_name("adapter.yaml").read_text("utf-8"))["externalRules"]
    assert rule["name"]["as"] == metric
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not here; make test-deploy installs it")
    query = rule["metricsQuery"].replace("<<.Series>>", rule["seriesQuery"])
    series = [
        {"series": f'{rule["seriesQuery"]}{{kind="write",instance="{pod}"}}', "values": "50x5"}
        for pod in range(8)
    ]
    asked = {"expr": query.replace("<<.LabelMatchers>>", ""), "eval_time": "3m",
             "exp_samples": [{"labels": "{}", "value": 50}]}  # fmt: skip
    test = {"interval": "1m", "input_series": series, "promql_expr_test": [asked]}
    (tmp_path / "t.yaml").write_text(yaml.safe_dump({"tests": [test]}), "utf-8")
    told = subprocess.run(
        ["promtool", "test", "rules", "t.yaml"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr


def test_every_command_of_the_handbook_exists() -> None:
    from crm_loop.cli.mount import app as commands

    root = get_command(commands)
    said = re.findall(r"crm-loop ([a-z-]+)(?: ([a-z-]+))?", HANDBOOK.read_text("utf-8"))
    for name in {first for first, _ in said}:
        assert CliRunner().invoke(commands, [name, "--help"]).exit_code == 0, name
    for name, second in said:
        _, command, _ = root.resolve_command(Context(root), [name])
        if hasattr(command, "commands"):
            assert second in command.commands, (name, second)
