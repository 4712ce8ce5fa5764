"""Spans are made when somebody collects, say what was done, and name nobody."""

import json
import logging
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
import tables
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient
from typer.testing import CliRunner

from crm_loop import tracing
from crm_loop.bootstrap import App, build
from crm_loop.cli.mount import app as commands
from crm_loop.console.serving import create
from crm_loop.cycle import turn as steps
from crm_loop.errors import NeedsAttention, WrongUsage
from crm_loop.logs import JsonLines
from crm_loop.queue import NewJob
from crm_loop.settings import Settings
from crm_loop.store.connections import Organisation
from crm_loop.tracing import current_id, span, switch_on, traced
from crm_loop_workers.runner import run
from crm_loop_workers.scheduler import Schedule, tick


class Collector(BaseHTTPRequestHandler):
    """Takes what is sent to it, as a collector of spans does."""

    got: ClassVar[list[tuple[str, str, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.path, self.headers["Content-Type"], body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def collector() -> Iterator[HTTPServer]:
    Collector.got.clear()
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


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
        database_url=f"sqlite:///{tables.on_file(tmp_path / 'x.db')}",
        secret_key_file=tmp_path / "key",
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


def named(spans: InMemorySpanExporter, name: str) -> Any:
    (found,) = [one for one in spans.get_finished_spans() if one.name == name]
    return found


def test_a_job_goes_on_with_the_trace_of_whoever_asked_for_it(
    app: App, spans: InMemorySpanExporter
) -> None:
    with span("asked"), app.begin("acme") as state:
        state.jobs.add(NewJob(id="two", kind="note"), now=app.clock())
    run(app, {"note": "crm_loop.errors:no_such_step"}, "acme", "two")
    asked, done = named(spans, "asked"), named(spans, "job note")
    assert done.context.trace_id == asked.context.trace_id
    assert done.parent.span_id == asked.context.span_id


def test_a_job_that_somebody_starts_again_belongs_to_that_ones_trace(
    app: App, spans: InMemorySpanExporter
) -> None:
    with app.begin("acme") as state:
        state.jobs.park("one", reason="too big")
        with span("again"):
            state.jobs.again(["one"], now=app.clock())
    run(app, {"note": "crm_loop.errors:no_such_step"}, "acme", "one")
    assert named(spans, "job note").parent.span_id == named(spans, "again").context.span_id


def test_jobs_of_one_slot_are_of_one_trace(app: App, spans: InMemorySpanExporter) -> None:
    note = Schedule("noting", "* * * * *", lambda _: [(NewJob(id="three", kind="note"), ())])
    assert tick(app, [note]) == 1
    with app.look("acme") as state:
        kept = state.jobs.get("three")
    assert kept is not None
    assert kept.traceparent is not None
    context = named(spans, "schedule noting").context
    # Version, trace, span, flags.
    _, *ids, _ = kept.traceparent.split("-")
    assert ids == [f"{context.trace_id:032x}", f"{context.span_id:016x}"]


def test_a_request_is_a_span_without_the_address_and_its_jobs_go_on_with_it(
    app: App, spans: InMemorySpanExporter
) -> None:
    forged = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "host": "127.0.0.1"}
    with TestClient(create(app), "http://127.0.0.1") as browser:
        browser.get("/people/tanaka?name=Tanaka", headers=forged, follow_redirects=False)
        answer = browser.get("/sign-in?name=Tanaka", headers=forged)
    found = named(spans, "GET /sign-in")
    assert (found.kind.name, found.parent) == ("SERVER", None)
    assert found.attributes["http.response.status_code"] == answer.status_code == 200
    assert not [one for one in spans.get_finished_spans() if "anaka" in one.to_json()]


def test_a_command_is_a_span_and_takes_no_collector_away(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, spans: InMemorySpanExporter
) -> None:
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(commands, ["jobs", "list", "--json"])
    assert said.exit_code == 0, said.output
    found = named(spans, "crm-loop jobs list")
    assert found.attributes == {"crm_loop.organisation": "default"}
    with span("afterwards") as current:
        assert current is not None


def test_a_command_goes_on_where_the_package_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace.export", None)
    with tracing.collected("http://127.0.0.1:4318/v1/traces", service="cli"), span("x") as current:
        assert (current, tracing.carried()) == (None, None)


def test_what_is_no_trace_is_passed_over(spans: InMemorySpanExporter) -> None:
    with span("job note", after="nothing of the kind"):
        pass
    assert named(spans, "job note").parent is None


def test_spans_reach_a_collector_in_its_own_protocol(collector: HTTPServer) -> None:
    """With the exporter that the extra installs; a body that names the service and the span."""
    assert switch_on(f"http://127.0.0.1:{collector.server_port}/v1/traces", service="worker")
    with span("pull", connection="sf"):
        pass
    tracing.switch_off()
    ((path, kind, body),) = Collector.got
    assert (path, kind) == ("/v1/traces", "application/x-protobuf")
    assert b"crm-loop-worker" in body
    assert b"pull" in body


def test_an_address_without_the_package_is_said_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace.export", None)
    with pytest.raises(WrongUsage, match="not installed"):
        switch_on("http://127.0.0.1:4318/v1/traces", service="worker")
