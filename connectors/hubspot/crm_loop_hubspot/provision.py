"""Make room for our key on tasks, as far as the portal lets us."""

from contextlib import suppress

from crm_loop.connector.contract import Account
from crm_loop.errors import Refused
from crm_loop_hubspot import values
from crm_loop_hubspot.errors import Clash, MissingScope, NotFound
from crm_loop_hubspot.portal import KeyPlace, is_free, key_place
from crm_loop_hubspot.translate.kinds import KEY, TASKS
from crm_loop_hubspot.translate.tasks import KEY_GROUP, key_property
from crm_loop_hubspot.transport import Api, Json


def provision(api: Api, account: Account) -> list[str]:
    """Names what was made.

    Free portals have ten properties in all, so none is taken there unless an admin grants one
    (setting `key_property`). Where a unique property is refused, a plain one still spares people
    the key in the text.
    """
    if not takes_key(api, account):
        return []
    made = []
    with suppress(MissingScope):
        if _made(api, api.paths.properties(TASKS.name, "groups"), KEY_GROUP):
            made.append(f"property group {KEY_GROUP['name']}")
        if _make_property(api):
            made.append(f"property {KEY}")
    return made


def takes_key(api: Api, account: Account) -> bool:
    """Whether there is no property for our key yet where there should be one."""
    if key_place(api) is not KeyPlace.BODY:
        return False
    return values.flag(account.settings.get("key_property")) or not is_free(api, account)


def key_group(api: Api) -> bool:
    """Whether our group of properties is there."""
    try:
        api.get(api.paths.properties(TASKS.name, "groups", str(KEY_GROUP["name"])))
    except NotFound:
        return False
    return True


def _make_property(api: Api) -> bool:
    path = api.paths.properties(TASKS.name)
    for unique in (True, False):
        try:
            return _made(api, path, key_property(unique=unique))
        except Refused:
            continue
    return False


def _made(api: Api, path: str, definition: Json) -> bool:
    try:
        api.write("POST", path, definition)
    except Clash:
        return False
    return True
