"""What connectors tell of their CRMs, for pages."""

from crm_loop.connector.discovery import profiles
from crm_loop.connector.profile import Profile
from crm_loop.console.visit import Missing


def profile_of(kind: str) -> Profile:
    """What the connector of this kind says of its CRM; Missing where it says nothing."""
    found = profiles().get(kind)
    if found is None:
        raise Missing
    return found
