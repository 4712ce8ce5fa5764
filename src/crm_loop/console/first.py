"""The first admin: there is no account before, and no password that everybody knows."""

from crm_loop.access.roles import ConsoleRole
from crm_loop.bootstrap import App


def first_link(app: App, organisation: str) -> str | None:
    """A link that makes the first admin; None when there is one already."""
    app.ensure_organisation(organisation)
    with app.look(organisation) as state:
        if state.users.admins():
            return None
    secret = app.doorkeeper.link(
        organisation, email="", roles=[ConsoleRole.ADMIN], made_by="system"
    )
    return f"{app.settings.console_url}/welcome/{secret}"
