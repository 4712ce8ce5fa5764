"""Find the connectors that are installed beside the core."""

import sys
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from crm_loop.connector.contract import ConnectorFactory
from crm_loop.connector.profile import Profile
from crm_loop.errors import NeedsAttention

GROUP = "crm_loop.connectors"


def installed(kind: str) -> ConnectorFactory:
    """The factory of one kind, loaded only now, so that a broken one harms nobody else.

    Raises NeedsAttention when none or more than one of that name is installed, or it is broken.
    """
    found = [entry for entry in _brought(tuple(sys.path)) if entry.name == kind]
    if not found:
        known = ", ".join(kinds()) or "none"
        raise NeedsAttention(
            f"No connector of kind {kind!r} is installed (installed: {known}).",
            code="connector.missing",
            do=f"Install crm-loop-{kind} from where crm_loop itself came.",
        )
    if len({entry.value for entry in found}) > 1:
        raise NeedsAttention(
            f"Two installed connectors are called {kind!r}.",
            code="connector.twice",
            do="Uninstall one of them.",
        )
    try:
        factory: ConnectorFactory = found[0].load()
    except (ImportError, AttributeError) as error:
        raise NeedsAttention(
            f"The connector of kind {kind!r} cannot be loaded: {error}.",
            code="connector.broken",
            do=f"Install crm-loop-{kind} again, from where crm_loop itself came.",
        ) from error
    return factory


def kinds() -> list[str]:
    """The kinds of CRM that are installed."""
    return sorted({entry.name for entry in _brought(tuple(sys.path))})


@lru_cache(maxsize=1)
def _brought(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """What is installed on Python's path, looked up once: it is asked for with every job."""
    del path
    return tuple(entry_points(group=GROUP))


@lru_cache(maxsize=1)
def profiles() -> Mapping[str, Profile]:
    """What the installed connectors tell of their CRMs, by kind, in the order of their names."""
    return profiles_of(sorted(entry_points(group=GROUP), key=lambda one: one.name))


def profiles_of(entries: list[EntryPoint]) -> dict[str, Profile]:
    """The profiles beside the factories; a connector without one, or a broken one, has none."""
    found = {}
    for entry in entries:
        try:
            profile = getattr(import_module(entry.module), "PROFILE", None)
        except ImportError:
            # Whoever wants to connect such an account is told so.
            continue
        if isinstance(profile, Profile):
            found[entry.name] = profile
    return found
