"""Where things lie, without the names and passwords that addresses hold; pure."""

from urllib.parse import urlsplit

from crm_loop.settings import NO_BROKER


def database(url: str) -> str:
    """What kind and where; never the name or password that the address holds."""
    if url.startswith("sqlite"):
        return "sqlite"
    return f"postgresql {host(url)}"


def broker(url: str | None) -> str:
    if url == NO_BROKER:
        return "broker_none"
    if url is None or url.startswith("unix:"):
        return "broker_own"
    return f"broker_at {host(url)}"


def host(url: str) -> str:
    return urlsplit(url).hostname or "localhost"
