"""Which hosts we may talk to: an allow-list, checked before a token ever leaves."""

import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from crm_loop.errors import NeedsAttention

#: One part of a host's name, for patterns of hosts.
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_HTTPS_PORT = 443
_OWN = "Use the account's own address, as the CRM shows it."


def check_url(
    url: str, hosts: Sequence[str], *, allow_loopback: bool = False, example: str = ""
) -> str:
    """The base URL without a trailing slash, if its host may be talked to.

    `hosts` are patterns of whole host names. Plain http is taken on loopback only, and only
    where that is allowed (the sandbox). Raises NeedsAttention for everything else, with the
    connector's `example` of an address.
    """
    parts = _split(url)
    if parts is None or parts.username is not None or parts.password is not None:
        raise _refused(url, example)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise _refused(url, example)
    host = parts.hostname or ""
    if allow_loopback and host in _LOOPBACK and parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{parts.netloc}"
    known = any(re.fullmatch(pattern, host) for pattern in hosts)
    if parts.scheme != "https" or not known or parts.port not in (None, _HTTPS_PORT):
        raise _refused(url, example)
    return f"https://{host}"


def on_loopback(url: str) -> bool:
    """Whether an address is on this machine; what is, stays there."""
    parts = _split(url)
    return parts is not None and parts.hostname in _LOOPBACK


def is_local_path(path: str, prefix: str) -> bool:
    """Whether a paging link stays on its host: an absolute path below `prefix`, no tricks."""
    return path.startswith(prefix) and not re.search(r"//|\.\.|[\\@\s]", path)


def _split(url: str) -> SplitResult | None:
    # Control characters, blanks and backslashes are read differently by different parsers.
    if not url.isascii() or re.search(r"[\x00-\x20\x7f\\]", url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _refused(url: str, example: str) -> NeedsAttention:
    shown = re.sub(r"[^\x21-\x7e]|(?<=//).*@", "…", url)[:100]
    do = f"Use the account's own address, for example {example}." if example else _OWN
    if on_loopback(url):
        do = "For the sandbox on this machine set CRM_LOOP_ALLOW_LOOPBACK_CRM=1; else use https."
    return NeedsAttention(f"{shown} is no address of this CRM.", code="connection.host", do=do)
