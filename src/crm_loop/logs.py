"""What processes say while they run: one line each on stderr, with nobody's name and no secret.

In production a line is a JSON object; in development it is made for reading. Three things keep
people and secrets out, whoever logs:

- An exception is told by its type, its code and the places it passed, never by its text: that
  is where CRMs, databases and parsers repeat what they were given.
- Of a line that a library writes only the template counts; what is filled in is data.
- What still looks like a secret, an address or a Japanese word (no template of ours or of a
  library holds one) is blotted out.
"""

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import entry_points
from types import TracebackType
from typing import Any, TextIO

from crm_loop.errors import CrmLoopError
from crm_loop.settings import Environment, Settings
from crm_loop.tracing import current_id

#: What a line may carry besides its event: codes, counts and names that an admin gave.
FIELDS = (
    "organisation",
    "connection",
    "job_id",
    "attempt",
    "outcome",
    "pid",
    "duration_ms",
    "trace_id",
)
#: Loggers of ours; what the others fill into their lines is left out.
OURS = "crm_loop"
#: Groups of entry points whose packages are heard at the level that is set.
BRINGING = ("crm_loop.connectors", "crm_loop.commands")
#: So many places of an exception's way are told, the innermost ones.
PLACES = 12
_BLOT = "…"
_SECRET = "[secret]"  # noqa: S105 - what stands in its place
_NAMES_OF_SECRETS = (  # as keys in texts of any form
    r"password|passwd|passphrase|secret|token|assertion|api[_-]?key|authorization|cookie"
    r"|credentials?|private[_-]?key|signature|csrf|session[_-]?id"
)

#: In this order: what holds others comes first.
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL), _SECRET),
    (re.compile(r"\[parameters:.*", re.DOTALL), _SECRET),
    (re.compile(r"://[^/\s@]*@"), f"://{_SECRET}@"),
    (re.compile(r"(?<=[\w/])\?[^\s\"'<>]*=[^\s\"'<>]*"), f"?{_BLOT}"),
    (re.compile(r"\beyJ[\w-]{5,}(?:\.[\w-]*){1,2}"), _SECRET),
    (re.compile(r"\b00D\w{9,15}(?:!|%21)[\w.%]+"), _SECRET),
    (re.compile(r"\b5Aep[\w.]{10,}"), _SECRET),
    (re.compile(r"\b(?:pat-)?(?:na|eu|ap|au|ca)\d-[0-9a-f-]{8,}"), _SECRET),
    (re.compile(r"\b(Bearer|Basic|OAuth)\s+[^\s\"',;]+", re.IGNORECASE), rf"\1 {_SECRET}"),
    (
        re.compile(
            rf"([\"']?\b[\w-]*(?:{_NAMES_OF_SECRETS})[\w-]*[\"']?\s*[:=]\s*)"
            r"(?:[bu]?\"[^\"]*\"?|[bu]?'[^']*'?|[^\s,;&}\])]+)",
            re.IGNORECASE,
        ),
        rf"\1{_SECRET}",
    ),
    (re.compile(r"\b(?=\w*[A-Z])(?=\w*[a-z])(?=\w*\d)[\w-]{40,}"), _SECRET),
    (re.compile(r"[^\s<>\"'()\[\]{}:;,=]+(?:@|%40)[\w-]+(?:\.[\w-]+)+"), "[address]"),
)
#: Written in Japanese, so it is data.
_WORDS = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f]+")


def redacted(text: str) -> str:
    """The text with secrets, addresses and Japanese words blotted out."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return _WORDS.sub(_BLOT, text)


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """What may be told of one event."""
    facts: dict[str, Any] = {
        "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "event": redacted(_event(record)),
    }
    for name in FIELDS:
        value = getattr(record, name, None)
        if value is not None:
            # An organisation is called as its admin wants; it is nobody.
            data = isinstance(value, str) and name != "organisation"
            facts[name] = redacted(value) if data else value
    if (trace := current_id()) is not None:
        facts["trace_id"] = trace
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if error is not None:
        facts["error"] = list(_told(error))
    return facts


def _event(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0].startswith(OURS) or not record.args:
        return record.getMessage()
    given = record.args
    kept = (
        {name: _kept(value) for name, value in given.items()}
        if isinstance(given, Mapping)
        else tuple(map(_kept, given))
    )
    try:
        return str(record.msg) % kept
    except (TypeError, ValueError, KeyError):
        return str(record.msg)


def _kept(value: object) -> object:
    """Of what a library fills in: numbers, and an exception's type."""
    if isinstance(value, int | float):
        return value
    return type(value).__name__ if isinstance(value, BaseException) else _BLOT


def _told(error: BaseException | None) -> Iterator[dict[str, Any]]:
    """The exception and what led to it, each by type, code and way."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        told: dict[str, Any] = {"type": type(error).__name__}
        if isinstance(error, CrmLoopError):
            told["code"] = error.code
        ways = traceback.extract_tb(error.__traceback__)[-PLACES:]
        told["at"] = [f"{_short(one.filename)}:{one.lineno} {one.name}" for one in ways]
        yield told
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _short(path: str) -> str:
    """Where in its package a file lies; where that lies on this machine is nobody's business."""
    return "/".join(path.replace("\\", "/").split("/")[-3:])


class JsonLines(logging.Formatter):
    """One object a line; line breaks in a message cannot forge a second one."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(facts_of(record), ensure_ascii=False, default=str)


class PlainLines(logging.Formatter):
    """The same for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        facts = facts_of(record)
        moment = datetime.fromtimestamp(record.created, UTC).astimezone()
        head = f"{moment:%H:%M:%S} {facts['level']:<7} {json.dumps(facts['event'])[1:-1]}"
        given = [
            f"{name}={json.dumps(facts[name], default=str).strip(chr(34))}"
            for name in FIELDS
            if name in facts
        ]
        errors = [
            f"\n  {told['type']} {told.get('code', '')}".rstrip()
            + "".join(f"\n    {at}" for at in told["at"])
            for told in facts.get("error", ())
        ]
        return " ".join([head, *given]) + "".join(errors)


class Stderr(logging.StreamHandler[TextIO]):
    """Whatever stderr is at the moment of each line."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # the base keeps the one of its making
        return sys.stderr


def log_to_stderr(settings: Settings) -> None:
    """Have everything that this process logs, warns of or does not catch said this way."""
    say_on_stderr(settings, settings.log_level)
    logging.captureWarnings(capture=True)
    sys.excepthook = _not_caught
    threading.excepthook = _not_caught_in_thread


def say_on_stderr(settings: Settings, level: str) -> None:
    """Have lines of ours from this level on, and libraries' warnings, said this way."""
    production = settings.env is Environment.PRODUCTION
    handler = Stderr()
    handler.setFormatter(JsonLines() if production else PlainLines())
    root = logging.getLogger()
    # What libraries say below a warning may hold what they send.
    root.setLevel("WARNING")
    for one in [one for one in root.handlers if type(one) in (Stderr, logging.StreamHandler)]:
        root.removeHandler(one)
    root.addHandler(handler)
    for name in _packages():
        logging.getLogger(name).setLevel(level)
    # The broker's own lines repeat every job; ours say what became of it.
    logging.getLogger("dramatiq").setLevel(logging.CRITICAL)


@cache
def _packages() -> frozenset[str]:
    """The core's package and those of whatever connects a CRM or brings commands."""
    found = (one for group in BRINGING for one in entry_points(group=group))
    return frozenset({OURS, *(one.module.partition(".")[0] for one in found)})


def _not_caught(kind: type[BaseException], error: BaseException, way: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(OURS).critical("not caught", exc_info=(kind, error, way))


def _not_caught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is None or issubclass(args.exc_type, SystemExit):
        return
    logging.getLogger(OURS).critical(
        "not caught in a thread", exc_info=(args.exc_type, args.exc_value, args.exc_traceback)
    )
