"""JSON as the platform prints it for people: a space before the colon, records opened in line."""

from typing import Any

import orjson


def printed(value: Any, indent: str = "") -> str:
    """Two spaces a level; `[ ]` and `{ }` where there is nothing."""
    if isinstance(value, dict):
        return _object(value, indent)
    if isinstance(value, list):
        return _list(value, indent)
    return orjson.dumps(value).decode()


def _object(value: dict[str, Any], indent: str) -> str:
    if not value:
        return "{ }"
    deeper = indent + "  "
    lines = (f'{deeper}"{name}" : {printed(inner, deeper)}' for name, inner in value.items())
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _list(value: list[Any], indent: str) -> str:
    if not value:
        return "[ ]"
    return "[ " + ", ".join(printed(inner, indent) for inner in value) + " ]"
