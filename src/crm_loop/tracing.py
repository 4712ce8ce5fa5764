"""Spans for whoever collects them: what a process did, for how long, and how it ended.

Off unless an address is set and the extra `otel` is installed. A span
holds names of steps, connections and errors' codes, and counts; nobody's name, no text.
"""

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.metadata import version
from typing import Any, ParamSpec, TypeVar

from crm_loop.errors import CrmLoopError, WrongUsage

Given = ParamSpec("Given")
Found = TypeVar("Found")

#: What a step's first argument, or its second one, may say of itself.
_OF_TURN = "organisation"

#: The name under which a trace is handed on (W3C Trace Context).
_HEADER = "traceparent"

SERVER_ERROR = 500

#: What a command at a terminal waits at its end for a collector that is away.
PATIENCE_SECONDS = 2.0


class _Tracing:
    """The one tracer of this process; none while nobody collects."""

    tracer: Any = None
    provider: Any = None


def switch_on(url: str | None, *, service: str, patience: float | None = None) -> bool:
    """Send spans to a collector (OTLP over http) from now on; false where no address is set.

    `patience`: so many seconds are given to a collector that does not answer. Raises WrongUsage
    when the extra is not installed.
    """
    if url is None:
        return False
    try:
        sdk = import_module("opentelemetry.sdk.trace.export")
        otlp = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ImportError:
        raise WrongUsage(
            "Spans are wanted, and the package for them is not installed.",
            code="settings.traces",
            kept="Nothing was started.",
            do="Install the extra otel, as docs/operations.md says, or empty CRM_LOOP_TRACES_URL.",
        ) from None
    exporter = otlp.OTLPSpanExporter(endpoint=url, timeout=patience)
    send_to(sdk.BatchSpanProcessor(exporter), service=service)
    return True


def send_to(processor: Any, *, service: str) -> None:
    """Give every span to this processor of the OpenTelemetry SDK."""
    trace = import_module("opentelemetry.sdk.trace")
    resources = import_module("opentelemetry.sdk.resources")
    named = {"service.name": f"crm-loop-{service}", "service.version": version("crm-loop")}
    _Tracing.provider = trace.TracerProvider(resource=resources.Resource(named))
    _Tracing.provider.add_span_processor(processor)
    _Tracing.tracer = _Tracing.provider.get_tracer("crm_loop")


def switch_off() -> None:
    """Hand over what was not sent yet, and collect no more."""
    if _Tracing.provider is not None:
        _Tracing.provider.shutdown()
    _Tracing.provider = _Tracing.tracer = None


@contextmanager
def collected(url: str | None, *, service: str) -> Iterator[None]:
    """Send the spans of one short call, without making anybody wait for it.

    Where spans are collected already they go there; without the extra there are none.
    """
    if _Tracing.provider is not None:
        yield
        return
    with suppress(WrongUsage):
        switch_on(url, service=service, patience=PATIENCE_SECONDS)
    try:
        yield
    finally:
        switch_off()


@contextmanager
def span(
    name: str,
    *,
    kind: str = "internal",
    after: str | None = None,
    **facts: str | float | bool | None,
) -> Iterator[Any]:
    """One piece of work; what it raises is told by type and code, and goes on its way.

    `kind` is OpenTelemetry's: internal, server, producer or consumer. `after` is what `carried`
    gave in another process; the span goes on with that one's trace.
    """
    if _Tracing.tracer is None:
        yield None
        return
    status = import_module("opentelemetry.trace.status")
    kinds = import_module("opentelemetry.trace").SpanKind
    context = _propagator().extract({_HEADER: after}) if after else None
    known = {f"crm_loop.{key}": value for key, value in facts.items() if value is not None}
    with _Tracing.tracer.start_as_current_span(
        name,
        context=context,
        kind=kinds[kind.upper()],
        attributes=known,
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except Exception as error:
            code = error.code if isinstance(error, CrmLoopError) else type(error).__name__
            current.set_status(status.Status(status.StatusCode.ERROR, code))
            raise


def ended(current: Any, status: int) -> None:
    """Say with which status a request of `span` was answered; from 500 on it is an error."""
    if current is None:
        return
    current.set_attribute("http.response.status_code", status)
    if status >= SERVER_ERROR:
        telling = import_module("opentelemetry.trace.status")
        current.set_status(telling.Status(telling.StatusCode.ERROR, str(status)))


def traced(name: str) -> Callable[[Callable[Given, Found]], Callable[Given, Found]]:
    """Make a span of each call of a step: a turn first, then perhaps a connection's name.

    Counts that the step gives back are told too.
    """

    def made(step: Callable[Given, Found]) -> Callable[Given, Found]:
        @functools.wraps(step)
        def run(*args: Given.args, **kwargs: Given.kwargs) -> Found:
            if _Tracing.tracer is None:
                return step(*args, **kwargs)
            turn, *rest = args
            connection = next((one for one in rest if isinstance(one, str)), None)
            organisation = getattr(turn, _OF_TURN, None)
            with span(name, organisation=organisation, connection=connection) as current:
                found = step(*args, **kwargs)
                for key, value in _counts(found).items():
                    current.set_attribute(f"crm_loop.{key}", value)
                return found

        return run

    return made


def carried() -> str | None:
    """What is being done now, as W3C Trace Context writes it, for whoever goes on elsewhere."""
    if _Tracing.tracer is None:
        return None
    headers: dict[str, str] = {}
    _propagator().inject(headers)
    return headers.get(_HEADER)


def _propagator() -> Any:
    return import_module(
        "opentelemetry.trace.propagation.tracecontext"
    ).TraceContextTextMapPropagator()


def current_id() -> str | None:
    """The trace of what is being done now, for the lines of the log."""
    if _Tracing.tracer is None:
        return None
    context = import_module("opentelemetry.trace").get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def _counts(found: object) -> Mapping[str, int]:
    if not isinstance(found, Mapping):
        return {}
    return {str(key): value for key, value in found.items() if type(value) is int}
