"""No secret and nobody's name gets into a log, whoever writes it."""

import ast
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_loop.errors import Refused
from crm_loop.logs import FIELDS, JsonLines, PlainLines, log_to_stderr, redacted, say_on_stderr
from crm_loop.settings import Settings

ROOT = Path(__file__).parents[2]

#: Made up, in the forms in which they come.
SECRETS = (
    "00D5g000004ABCd!AQEAQKb3x9.Zk1c_2xYzCANARYcanary",
    "5Aep861TSECRETcanarycanary.refresh_1",
    "pat-na1-11112222-3333-4444-5555-canary666677",
    "na1-1234abcd-56ef-7890-abcd-ef1234567890",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlX2NhbmFyeQ",
    "CJSP5qf1KhICAQEYs-gDIIGOBii1hQIyGQAf3xBKmlwHjX7OIpuIFEavB2-qYAGQ",
)
PEOPLE = ("tanaka.canary@acme.example.jp", "tanaka%40acme.example", "田中太郎", "サトウ")


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_blotted_out_wherever_it_stands(secret: str) -> None:
    for text in (
        secret,
        f"refused {secret} for x",
        f"Authorization: Bearer {secret}",
        f'{{"access_token": "{secret}"}}',
        f"https://acme.my.salesforce.com/services?token={secret}&x=1",
    ):
        assert secret not in redacted(text), text


@pytest.mark.parametrize(
    "text",
    [
        "password=Hund3katze",
        '{"client_secret": "Hund3katze"}',
        "{'refresh_token': 'Hund3katze'}",
        "smtps://mail:Hund3katze@smtp.acme.example",
        "postgresql://crm_loop:Hund3katze@database/crm_loop",
        "Cookie: Hund3katze",
        "Basic Hund3katze",
        "-----BEGIN PRIVATE KEY-----\nHund3katze\n-----END PRIVATE KEY-----",
        "GET /services/data/query?q=SELECT+Hund3katze",
        "UPDATE x [SQL: y] [parameters: ('Hund3katze',)]",
    ],
)
def test_what_is_named_as_a_secret_is_blotted_out(text: str) -> None:
    assert "Hund3katze" not in redacted(text)


@pytest.mark.parametrize("name", PEOPLE)
def test_a_person_is_blotted_out(name: str) -> None:
    assert name not in redacted(f"no manager for {name}, left out")


def test_what_says_something_stays() -> None:
    key = "cl1t" + "0a" * 20
    for text in (
        "the database did not answer: OperationalError",
        f"pull:salesforce:2026-06-15T09:00:00+00:00 {key}",
        "GET /services/data/v67.0/sobjects/Task 503",
    ):
        assert redacted(text) == text


def told(record: logging.LogRecord) -> Any:
    return json.loads(JsonLines().format(record))


def record(name: str, text: str, *given: object, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.WARNING, "x.py", 1, text, given, more.pop("error", None))
    made.__dict__.update(more)
    return made


def test_of_a_librarys_line_only_the_template_is_told() -> None:
    found = told(record("urllib3.connectionpool", "Retry %s of %d: %s", "Tanaka", 3, OSError("x")))
    assert found["event"] == "Retry … of 3: OSError"


def test_an_exception_is_told_without_its_text() -> None:
    def refuse() -> None:
        try:
            int("Tanaka Taro, 03-1234-5678")
        except ValueError as error:
            raise Refused("Tanaka may not.", code="crm.owner") from error

    try:
        refuse()
    except Refused:
        error_info = sys.exc_info()
    line = JsonLines().format(record("crm_loop", "job parked", error=error_info))
    assert "Tanaka" not in line
    first, second = json.loads(line)["error"]
    assert (first["type"], first["code"], second["type"]) == ("Refused", "crm.owner", "ValueError")
    assert first["at"][-1].endswith(" refuse")
    assert "Tanaka" not in PlainLines().format(record("crm_loop", "job parked", error=error_info))


def test_a_line_break_forges_no_second_line() -> None:
    text = 'done\n{"level": "INFO", "event": "forged"}\r'
    for made in (JsonLines(), PlainLines()):
        assert len(made.format(record("crm_loop", text)).splitlines()) == 1


Said = Callable[[], str]


@pytest.fixture
def stderr(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Said]:
    """What is said on stderr, by a process of its own so to say."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    yield lambda: capsys.readouterr().err
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)


def test_production_speaks_json_and_nothing_below_a_warning_of_libraries(stderr: Said) -> None:
    log_to_stderr(settings(env="production", log_level="DEBUG"))
    facts = {"job_id": "write:x", "organisation": "東京支社", "person": "Tanaka", "attempt": 2,
             "duration_ms": 12}  # fmt: skip
    logging.getLogger("crm_loop_workers.runner").debug("job done", extra=facts)
    logging.getLogger("requests").info("POST body Tanaka")
    (line,) = map(json.loads, stderr().splitlines())
    assert (line["event"], line["job_id"], line["attempt"]) == ("job done", "write:x", 2)
    assert line["duration_ms"] == 12
    assert "person" not in line
    assert line["organisation"] == "東京支社"


def test_what_nobody_catches_is_told_the_same_way(stderr: Said) -> None:
    log_to_stderr(settings(env="production"))
    thread = threading.Thread(target=lambda: {}["Tanaka"])
    thread.start()
    thread.join()
    try:
        int("Tanaka")
    except ValueError:
        sys.excepthook(*sys.exc_info())
    said = stderr()
    lines = [json.loads(line) for line in said.splitlines()]
    assert [line["error"][0]["type"] for line in lines] == ["KeyError", "ValueError"]
    assert "Tanaka" not in said


def test_a_person_at_a_terminal_reads_plain_lines(stderr: Said) -> None:
    say_on_stderr(settings(), "WARNING")
    logging.getLogger("crm_loop.x").info("not now")
    logging.getLogger("crm_loop.x").warning("slots were missed", extra={"outcome": "3"})
    assert stderr().split(" ", 1)[1] == "WARNING slots were missed outcome=3\n"


LEVELS = ("debug", "info", "warning", "error", "critical", "exception", "log")


def logged() -> Iterator[tuple[str, ast.Call]]:
    for room in ("src", "connectors", "workers"):
        for file in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                owner = node.func.value
                ours = isinstance(owner, ast.Name) and owner.id in ("logger", "log", "logging")
                if ours and node.func.attr in LEVELS:
                    yield f"{file.name}:{node.lineno}", node


def test_our_own_lines_are_fixed_texts_with_types_of_errors_filled_in() -> None:
    """A value that is put into a line has to be named in FIELDS, where it is looked at."""
    calls = list(logged())
    assert len(calls) > 10
    for where, call in calls:
        assert not any(isinstance(part, ast.JoinedStr) for part in ast.walk(call)), where
        for given in call.args[1:]:
            shown = ast.unparse(given)
            fixed = isinstance(given, ast.Constant | ast.IfExp)
            assert fixed or shown.endswith("__name__") or shown == "one.name", (where, shown)
        for keyword in call.keywords:
            if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict):
                names = {key.value for key in keyword.value.keys if isinstance(key, ast.Constant)}
                assert names <= set(FIELDS), where
