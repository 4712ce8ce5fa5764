"""Administration, outside both APIs: no token, JSON in and out, never counted."""

import hashlib
import json
import sys
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from crm_loop_sandbox.world.people_file import people_csv, targets_csv
from crm_loop_sandbox.world.story import Deed

if TYPE_CHECKING:
    from crm_loop_sandbox.app import Sandbox

DEEDS = frozenset(
    {
        "create",
        "edit",
        "close",
        "reopen",
        "delete",
        "undelete",
        "reassign",
        "comment",
        "merge",
        "convert",
    }
)


class BadRequest(Exception):
    """The caller named something that is not there; the text says what."""


def routes(sandbox: "Sandbox") -> Iterable[Route]:
    own = _Administration(sandbox)
    table: list[tuple[str, str, Callable[[Request, Any], Any]]] = [
        ("GET", "/__ready", own.ready),
        ("POST", "/__reset", own.reset),
        ("GET", "/__access", own.access),
        ("GET", "/__log", own.log),
        ("POST", "/__log/reset", own.reset_log),
        ("GET", "/__journal", own.journal),
        ("GET", "/__state", own.state),
        ("POST", "/__turn", own.turn),
        ("GET", "/__clock", own.clock),
        ("POST", "/__clock", own.move_clock),
        ("POST", "/__people", own.people),
        ("GET", "/__faults", own.faults),
        ("POST", "/__faults", own.arm),
        ("DELETE", "/__faults", own.disarm),
        ("GET", "/__truth", own.truth),
    ]
    return [Route(path, _answering(act), methods=[method]) for method, path, act in table]


def _answering(act: Callable[[Request, Any], Any]) -> Any:
    """Read the JSON body, act, answer in JSON; a wrong request is a 400 with one sentence."""

    async def endpoint(request: Request) -> Response:
        try:
            raw = await request.body()
            value = json.loads(raw) if raw else {}
            found = act(request, value)
        except (BadRequest, ValueError, KeyError, TypeError) as error:
            return _json({"error": str(error) or type(error).__name__}, status=400)
        except Exception as error:  # noqa: BLE001 - the sandbox goes on, its caller is told
            traceback.print_exc(file=sys.stderr)
            return _json({"error": f"{type(error).__name__}: {error}"}, status=500)
        return found if isinstance(found, Response) else _json(found)

    return endpoint


class _Administration:
    def __init__(self, sandbox: "Sandbox") -> None:
        self.sandbox = sandbox

    def ready(self, _request: Request, _value: Any) -> dict[str, Any]:
        return {"ready": True, "now": self._now(), "seed": self.sandbox.seed}

    def reset(self, _request: Request, value: Any) -> dict[str, Any]:
        self.sandbox.reset(int(value.get("seed", self.sandbox.seed)))
        return {"ready": True, "now": self._now(), "seed": self.sandbox.seed}

    def access(self, request: Request, _value: Any) -> dict[str, Any]:
        email = request.query_params.get("user")
        base = str(request.base_url).rstrip("/")
        return {name: face.access(email, base) for name, face in self.sandbox.faces.items()}

    def log(self, request: Request, _value: Any) -> dict[str, int]:
        return self.sandbox.log.counted(request.query_params.get("client", ""))

    def reset_log(self, _request: Request, _value: Any) -> dict[str, bool]:
        self.sandbox.log.reset()
        return {"reset": True}

    def journal(self, request: Request, _value: Any) -> dict[str, Any]:
        after = int(request.query_params.get("after", 0))
        limit = int(request.query_params.get("limit", 10_000))
        entries = self.sandbox.journal.entries[after : after + limit]
        return {"next": after + len(entries), "entries": entries}

    def state(self, request: Request, _value: Any) -> dict[str, Any]:
        base = str(request.base_url).rstrip("/")
        return {name: _state(face.state(), base) for name, face in self.sandbox.faces.items()}

    def turn(self, _request: Request, value: Any) -> dict[str, Any]:
        now = self.sandbox.clock.now()
        until = _moment(value["until"]) if "until" in value else now
        until += timedelta(days=float(value.get("days", 0)))
        if until < now:
            raise BadRequest("time does not run backwards in a turn; use /__clock")
        did = self.sandbox.live_until(until)
        return {"now": self._now(), "did": did}

    def clock(self, _request: Request, _value: Any) -> dict[str, str]:
        return {"now": self._now()}

    def move_clock(self, _request: Request, value: Any) -> dict[str, str]:
        if "now" in value:
            self.sandbox.clock.move_to(_moment(value["now"]))
        self.sandbox.clock.advance(timedelta(days=float(value.get("advance_days", 0))))
        return {"now": self._now()}

    def people(self, _request: Request, value: Any) -> dict[str, Any]:
        if value.get("do") not in DEEDS:
            raise BadRequest(f"do must be one of {', '.join(sorted(DEEDS))}")
        deed = Deed(
            at=self.sandbox.clock.now(),
            actor_email=value["actor"],
            do=value["do"],
            object=value.get("object", "task"),
            ref=value.get("ref"),
            id=value.get("id"),
            key=value.get("key"),
            fields=_neutral(value.get("fields") or {}),
        )
        found = self._faces_for(deed, value.get("face"))
        ids = {name: self._act(name, deed) for name in found}
        done = {name: id_ for name, id_ in ids.items() if id_ is not None}
        if not done:
            raise BadRequest("no such person or record in either CRM")
        return {"did": done}

    def _faces_for(self, deed: Deed, wanted: str | None) -> list[str]:
        if wanted is not None:
            return [wanted]
        people = self.sandbox.world.people
        known = [one.faces for one in people if one.email.lower() == deed.actor_email.lower()]
        if deed.key is not None:
            holding = [
                name
                for name, face in self.sandbox.faces.items()
                if any(task.key == deed.key for task in face.tasks_of_ours())
            ]
            return holding or sorted(set().union(*known))
        return sorted(set().union(*known)) if known else []

    def _act(self, name: str, deed: Deed) -> str | None:
        try:
            return self.sandbox.faces[name].act(deed)
        except Exception as error:
            # A face refuses in its vendor's own words; the caller reads them.
            raise BadRequest(f"{name}: {error}") from error

    def faults(self, _request: Request, _value: Any) -> dict[str, Any]:
        return {"faults": self.sandbox.faults.shown()}

    def arm(self, _request: Request, value: Any) -> dict[str, int]:
        return {"id": self.sandbox.faults.arm(value)}

    def disarm(self, _request: Request, _value: Any) -> dict[str, bool]:
        self.sandbox.faults.clear()
        return {"cleared": True}

    def truth(self, request: Request, _value: Any) -> Any:
        file = request.query_params.get("file")
        if file is None:
            return {**self.sandbox.world.truth, **self.sandbox.behaviour.truth()}
        makers = {"people.csv": people_csv, "targets.csv": targets_csv}
        if file not in makers:
            raise BadRequest(f"file must be one of {', '.join(sorted(makers))}")
        return PlainTextResponse(makers[file](self.sandbox.world), media_type="text/csv")

    def _now(self) -> str:
        return self.sandbox.clock.now().isoformat()


def _state(records: list[dict[str, Any]], base: str) -> dict[str, Any]:
    """Links to this sandbox lose its address, which differs from run to run."""
    records = [
        {name: v.replace(base, "") if isinstance(v, str) else v for name, v in record.items()}
        for record in records
    ]
    text = json.dumps(records, ensure_ascii=False, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"count": len(records), "sha256": digest, "records": records}


def _neutral(fields: dict[str, Any]) -> dict[str, Any]:
    """Days come as text in JSON; the neutral fields hold dates."""
    days = ("due", "close_date")
    return {
        name: date.fromisoformat(value) if name in days and isinstance(value, str) else value
        for name, value in fields.items()
    }


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _json(value: Any, *, status: int = 200) -> Response:
    body = orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
    return Response(body, status_code=status, media_type="application/json")
