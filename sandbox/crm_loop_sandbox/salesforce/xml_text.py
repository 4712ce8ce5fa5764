"""XML of the two old APIs: small trees out of plain data, and back."""

from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

DATALOAD = "http://www.force.com/2009/06/asyncapi/dataload"


def document(name: str, value: Any, *, namespace: str = DATALOAD) -> bytes:
    """One element with what is in a dict (lists repeat their name); None is left empty."""
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}<{name} xmlns="{namespace}">{_inner(value)}</{name}>'.encode()


def _inner(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(element(name, one) for name, one in value.items())
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else escape(str(value))


def element(name: str, value: Any) -> str:
    """An element with escaped text, or with elements in it."""
    if isinstance(value, list):
        return "".join(element(name, one) for one in value)
    return f"<{name}>{_inner(value)}</{name}>"


def parsed(raw: bytes) -> ET.Element:
    """A document without its namespaces; ValueError when it is none.

    Declarations of entities are refused, as the platform does.
    """
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise ValueError("a document type is not allowed")
    try:
        root = ET.fromstring(raw)  # noqa: S314 - no document type, so no entities
    except ET.ParseError as wrong:
        raise ValueError(str(wrong)) from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def texts(element: ET.Element) -> dict[str, str]:
    """The children that hold text."""
    return {child.tag: child.text or "" for child in element}
