"""Which role's plan a page is about, where each role has one of its own."""

from collections.abc import Sequence

from crm_loop.console.visit import Missing, Visit


def looked_at(visit: Visit, roles: Sequence[str]) -> str:
    """The role that the address names; the first where it names none."""
    return _known(visit.query.get("role", "") or roles[0], roles)


def sent(visit: Visit, roles: Sequence[str]) -> str:
    """The role that a form is about."""
    return _known(visit.form.get("role"), roles)


def _known(role: str, roles: Sequence[str]) -> str:
    if role not in roles:
        raise Missing
    return role
