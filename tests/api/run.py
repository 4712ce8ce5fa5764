"""`make test-api`: requests made from the description of /api/v1, as each role; no mistake of ours.

Schemathesis makes them, valid and invalid ones; a console over a small store answers in this
process. Prints a line a role and ends with 5 when an answer is wrong or there were too few.
"""

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from console_house import COMPANIES, ROLES, House, account, company, is_mistake, settings_of
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from opened_console import opened
from schemathesis import GenerationMode

from crm_loop.bootstrap import build
from crm_loop.console.openapi import description
from crm_loop.console.routes import ROUTES

ADDRESS = "http://127.0.0.1:8710"
SOMEBODY = {
    "admin": "admin@acme.example",
    "operator": "operator@acme.example",
    "auditor": "auditor@acme.example",
    "manager": "lead@acme.example",
    "rep": "rep@acme.example",
    "nobody": "",
}
MAY = {(route.method, route.path): route.roles for route in ROUTES if route.data}


def main() -> int:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--requests", type=int, default=1000, help="as each role, at least")
    wanted.add_argument("--seed", type=int, default=7)
    given_ = wanted.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="crm_loop-api-"))
    wrong = 0
    try:
        seeded = seed_store(folder / "seeded")
        for role, email in SOMEBODY.items():
            with opened(seeded, folder / role) as house:
                wrong += ask_as(house, role, email, given_.requests, given_.seed)
    finally:
        shutil.rmtree(folder)
    print("no mistake of ours" if not wrong else f"{wrong} wrong")  # noqa: T201 - a command
    return 5 if wrong else 0


def seed_store(folder: Path) -> Path:
    folder.mkdir()
    app = build(settings_of(folder))
    for organisation, people in COMPANIES.items():
        company(app, organisation, people)
    for email, role in ROLES.items():
        account(app, email, role)
    app.close()
    return folder


def ask_as(house: House, role: str, email: str, wanted: int, chance: int) -> int:
    """Ask every operation equally often; how many answers were wrong."""
    client = house.browser().client
    # What nobody foresaw is to be an answer, not an exception in this process.
    client._transport.raise_server_exceptions = False  # noqa: SLF001 - the client has no switch
    if email:
        token = house.app.doorkeeper.token(house.user(email), label="test")
        client.headers["authorization"] = f"Bearer {token}"
    schema = schemathesis.openapi.from_dict(description())
    operations = [found.ok() for found in schema.get_all_operations()]
    answers: Counter[int] = Counter()
    wrong: list[str] = []
    for operation in operations:
        for case in cases(operation, -(-wanted // len(operations)), chance):
            status, why = answer(client, case, role)
            answers[status] += 1
            if why:
                wrong.append(f"{operation.method.upper()} {operation.path}: {why}")
    total = sum(answers.values())
    said = ", ".join(f"{status}: {count}" for status, count in sorted(answers.items()))
    print(f"{role}: {total} requests to {len(operations)} operations ({said})", flush=True)  # noqa: T201 - a command
    for line in wrong[:10]:
        print(f"  {line}")  # noqa: T201 - a command
    return len(wrong) + (total < wanted)


def cases(operation: Any, count: int, chance: int) -> list[Any]:
    """So many requests, one half of them against the description's own rules."""
    found: list[Any] = []
    modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @seed(chance)
    @settings(max_examples=count, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.one_of(*modes))
    def collect(case: Any) -> None:
        found.append(case)

    while len(found) < count:
        before = len(found)
        collect()
        # A short list of possibilities ends early; asked again, they are simply asked again.
        if len(found) == before:
            break
    return found[: max(count, len(found))]


def answer(client: Any, case: Any, role: str) -> tuple[int, str]:
    """The status, and what is wrong with the answer."""
    sent = case.as_transport_kwargs(base_url=ADDRESS)
    headers = {
        name: value
        for name, value in sent["headers"].items()
        if name.lower() not in ("authorization", "user-agent") and value.isascii()
    }
    body = sent.get("data") if sent.get("data") is not None else sent.get("json")
    options = {"data": body} if isinstance(body, dict) else {"content": _raw(body)}
    if options.get("content") == b"":
        headers["content-length"] = "0"
    reply = client.request(
        sent["method"], sent["url"], params=sent.get("params"), headers=headers, **options
    )
    may = MAY.get((case.method, case.operation.path))
    if is_mistake(reply):
        return reply.status_code, f"status {reply.status_code}"
    if reply.status_code not in (404, 405) and reply.headers["content-type"] != "application/json":
        return reply.status_code, f"{reply.headers['content-type']} instead of JSON"
    if reply.is_success and (role == "nobody" or may is None or role not in may):
        return reply.status_code, f"{role} was answered"
    return reply.status_code, ""


def _raw(body: Any) -> bytes:
    return body if isinstance(body, bytes) else str(body or "").encode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main())
