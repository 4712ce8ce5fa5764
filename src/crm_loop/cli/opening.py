"""What the house tells the commands that a connector brings: settings, and a kept connection."""

from collections.abc import Iterator
from contextlib import contextmanager

from crm_loop.cli.frame import opened as house
from crm_loop.connector.contract import Account, Ports
from crm_loop.errors import CrmLoopError, WrongUsage
from crm_loop.settings import load_settings
from crm_loop.wording import said as wording


def language() -> str:
    """The language in which this installation speaks, ja or en."""
    return load_settings().lang


def complaint(error: CrmLoopError, wanted: str | None) -> str:
    """An error as one line in the wanted language, or in this installation's."""
    return wording.complaint(error, wanted or _language())


def said(text: str, wanted: str | None) -> str:
    """One sentence of an error, in the same way."""
    return wording.said(text, wanted or _language())


def _language() -> str:
    """English where the settings cannot be read: that may be what is complained of."""
    try:
        return language()
    except CrmLoopError:
        return "en"


def allows_loopback() -> bool:
    """Whether a CRM on this machine may be talked to."""
    return load_settings().allow_loopback_crm


@contextmanager
def opened(organisation: str, connection: str, kind: str) -> Iterator[tuple[Account, Ports]]:
    """Raises NeedsAttention where there is no such connection, WrongUsage for another CRM's."""
    with house() as app:
        found, account, ports = app.opened(organisation, connection)
        if found != kind:
            raise WrongUsage(
                f"The connection {connection!r} is one of {found}, not of {kind}.",
                code="usage.connection",
                kept="Nothing was done.",
                do="Name the right one with --connection.",
            )
        yield account, ports
