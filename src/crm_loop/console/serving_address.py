"""Where the console is reached, and by which names."""

from urllib.parse import urlsplit

from crm_loop.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def is_secure(settings: Settings) -> bool:
    return (settings.public_url or "").startswith("https://")


def hosts(settings: Settings) -> list[str]:
    """The names by which the console may be called; any other one is somebody's trick."""
    known = {*LOOPBACK, settings.console_bind.rpartition(":")[0]}
    if settings.public_url:
        known.add(urlsplit(settings.public_url).hostname or "")
    return sorted(filter(None, known))
