"""Spans are made when somebody collects, say what was done, and name nobody."""

import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from crm_loop import tracing
from crm_loop.bootstrap import App, build
from crm_loop.cycle import turn as steps
from crm_loop.errors import NeedsAttention, WrongUsage
from crm_loop.logs import JsonLines
from crm_loop.queue import NewJob
from crm_loop.settings import Settings
from crm_loop.store.connections import Organisation
from crm_loop.tracing import current_id, span, switch_on, traced
from crm_loop_workers.runner import run


@dataclass
class Turned:
    organisation: str = "acme"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    found = InMemorySpanExporter()
    tracing.send_to(SimpleSpanProcessor(found), service="test")
    yield found
    tracing.switch_off()


def test_it_is_off_until_somebody_collects() -> None:
    assert switch_on(None, service="worker") is False
    with span("pull", connection="sf") as current:
        assert current is None
    assert current_id() is None
    assert traced("x")(lambda turn: turn)(1) == 1


def test_a_step_tells_its_connection_and_its_counts(spans: InMemorySpanExporter) -> None:
    @traced("pull")
    def pull(turn: Turned, connection: str, *, full: bool = False) -> dict[str, Any]:
        with span("measure"):
            return {"rows": 3, "names": ["Tanaka"], "full": full, "who": "Tanaka"}

    pull(Turned(), "salesforce", full=True)
    inner, outer = spans.get_finished_spans()
    assert (outer.name, inner.name) == ("pull", "measure")
    assert inner.parent is not None
    assert outer.attributes == {
        "crm_loop.organisation": "acme",
        "crm_loop.connection": "salesforce",
        "crm_loop.rows": 3,
    }
    assert "Tanaka" not in outer.to_json()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NeedsAttention("Tanaka has left.", code="crm.owner", do="Ask Tanaka."), "crm.owner"),
        (KeyError("Tanaka"), "KeyError"),
    ],
)
def test_an_error_is_told_by_its_code_and_goes_on_its_way(
    spans: InMemorySpanExporter, error: Exception, code: str
) -> None:
    def fail() -> None:
        with span("write"):
            raise error

    with pytest.raises(type(error)):
        fail()
    (found,) = spans.get_finished_spans()
    assert (found.status.is_ok, found.status.description) == (False, code)
    assert "Tanaka" not in found.to_json()


def test_a_line_of_the_log_names_the_trace_that_it_belongs_to(spans: InMemorySpanExporter) -> None:
    record = logging.LogRecord("crm_loop", logging.INFO, "x", 1, "job done", (), None)
    with span("job pull"):
        line = json.loads(JsonLines().format(record))
    (found,) = spans.get_finished_spans()
    assert line["trace_id"] == f"{found.context.trace_id:032x}"
    assert "trace_id" not in json.loads(JsonLines().format(record))


def test_steps_of_the_loop_are_spans() -> None:
    for name in ("pull", "check", "write"):
        assert hasattr(getattr(steps, name), "__wrapped__"), name


@pytest.fixture
def app(tmp_path: Any) -> Iterator[App]:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'x.db'}", secret_key_file=tmp_path / "key"
    )
    app = build(settings, connectors={})
    with app.begin("acme") as state:
        state.connections.put_organisation(Organisation(name="acme"))
        state.jobs.add(NewJob(id="one", kind="note", connection="sf"), now=app.clock())
    yield app
    app.close()


def test_a_job_is_a_span_with_its_outcome(app: App, spans: InMemorySpanExporter) -> None:
    handlers = {"note": "crm_loop.errors:no_such_step"}
    assert run(app, handlers, "acme", "one")
    (found,) = spans.get_finished_spans()
    assert found.name == "job note"
    assert found.attributes is not None
    assert found.attributes["crm_loop.job_id"] == "one"
    assert found.status.description == "AttributeError"


def test_an_address_without_the_package_is_said_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace.export", None)
    with pytest.raises(WrongUsage, match="not installed"):
        switch_on("http://127.0.0.1:4318/v1/traces", service="worker")
