"""`crm-loop openapi`: what /api/v1 takes and gives, made of the route table; it is not served."""

from importlib.metadata import version
from typing import Any

from crm_loop.cli.frame import (
    DEFAULT_ORGANISATION,
    Answer,
    Call,
    JsonOption,
    LangOption,
    OrganisationOption,
    finish_with,
    print_json,
)
from crm_loop.console.route import Route
from crm_loop.console.routes import ROUTES


def openapi(
    *,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Print the description of /api/v1."""
    call = Call("openapi", as_json, lang, organisation)
    described = description()

    def work() -> Answer:
        return Answer(data=described, show=lambda _console: print_json(described))

    finish_with(call, work)


def description() -> dict[str, Any]:
    """OpenAPI 3.1 of every route for scripts."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        if route.data:
            paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "crm_loop", "version": version("crm-loop")},
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Answer": _answer(), "Trouble": _trouble()},
        },
        "security": [{"token": []}],
    }


def _operation(route: Route) -> dict[str, Any]:
    what = (route.handler.__doc__ or route.name).splitlines()[0]
    found: dict[str, Any] = {
        "operationId": route.name,
        "summary": what,
        "description": f"For {', '.join(sorted(route.roles))}.",
        "responses": {
            "200": _content("What was asked for.", "Answer"),
            "default": _content("What happened, what was kept, what to do.", "Trouble"),
        },
    }
    properties = {one.name: _text(one.text) for one in route.parameters}
    if route.is_safe:
        found["parameters"] = [
            {"name": one.name, "in": "query", "required": one.required, "description": one.text,
             "schema": {"type": "string"}}
            for one in route.parameters
        ]  # fmt: skip
    else:
        schema = {"type": "object", "properties": properties}
        form = "application/x-www-form-urlencoded"
        found["requestBody"] = {"content": {form: {"schema": schema}}}
    return found


def _text(description: str) -> dict[str, str]:
    return {"type": "string", "description": description}


def _content(description: str, schema: str) -> dict[str, Any]:
    reference = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    return {"description": description, "content": {"application/json": reference}}


def _answer() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["schema", "command", "ok", "as_of", "data", "warnings"],
        "properties": {
            "schema": {"const": 1},
            "command": {"type": "string"},
            "ok": {"const": True},
            "as_of": {"type": ["string", "null"], "format": "date"},
            "data": {"type": "object"},
            "warnings": {"type": "array", "items": {"type": "string"}},
        },
    }


def _trouble() -> dict[str, Any]:
    parts = ("kind", "code", "happened", "kept", "do")
    error = {"type": "object", "properties": {name: {"type": "string"} for name in parts}}
    return {
        "type": "object",
        "required": ["schema", "command", "ok", "error"],
        "properties": {
            "schema": {"const": 1},
            "command": {"type": "string"},
            "ok": {"const": False},
            "error": error,
        },
    }
