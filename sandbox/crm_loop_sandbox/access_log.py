"""Counts calls by method and by path with its changing parts named; ours are never counted."""

import re
from collections import Counter

_KEY = re.compile(r"cl1[a-z][0-9a-f]{40}")
_VERSION = re.compile(r"v\d+(\.\d)?|\d{4}-\d{2}(-beta)?")
_SALESFORCE_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")
_NUMBER = re.compile(r"\d+")
_LOCATOR = re.compile(r"0r8[A-Za-z0-9]+-\d+")
#: What follows is a token, which no log may show; nor does it show an address of a person.
_TOKEN_ROUTES = frozenset({"access-tokens", "refresh-tokens"})
_JOB = re.compile(r"750[a-zA-Z0-9]{12,15}")


def template(path: str) -> str:
    """A path with version, ids, locators, job ids and keys named; object names stay."""
    parts = path.rstrip("/").split("/")
    return "/".join(_part(part, before) for part, before in zip(parts, ["", *parts], strict=False))


def _part(part: str, before: str) -> str:
    if _KEY.fullmatch(part):
        return "{key}"
    if _VERSION.fullmatch(part):
        return "{v}"
    if _LOCATOR.fullmatch(part):
        return "{locator}"
    if _JOB.fullmatch(part):
        return "{job}"
    if _is_id(part, before):
        return "{id}"
    return part


def _is_id(part: str, before: str) -> bool:
    if _NUMBER.fullmatch(part):
        return True
    # An id of Salesforce begins with a digit or follows a token route; names never do.
    looks_like = _SALESFORCE_ID.fullmatch(part) is not None and any(c.isdigit() for c in part)
    return looks_like or before in _TOKEN_ROUTES or "@" in part


class AccessLog:
    """Calls since the last reset, with the client that made them."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, method: str, path: str, client: str) -> None:
        self._counts[f"{method} {template(path)}", client] += 1

    def counted(self, client: str = "") -> dict[str, int]:
        """Calls by method and path; only of clients whose name contains the given text."""
        total: Counter[str] = Counter()
        for (call, by), count in self._counts.items():
            if client.lower() in by.lower():
                total[call] += count
        return dict(sorted(total.items()))

    def reset(self) -> None:
        self._counts.clear()
