"""Make room for our key and for figures on tasks, as far as the portal lets us."""

from contextlib import suppress

from crm_loop.connector.contract import Account
from crm_loop.errors import Refused
from crm_loop_hubspot import values
from crm_loop_hubspot.errors import Clash, MissingScope, NotFound
from crm_loop_hubspot.noting import has_payload
from crm_loop_hubspot.portal import KeyPlace, is_free, keeps_figures, key_place
from crm_loop_hubspot.translate.kinds import KEY, PAYLOAD, TASKS
from crm_loop_hubspot.translate.tasks import KEY_GROUP, PAYLOAD_PROPERTY, key_property
from crm_loop_hubspot.transport import Api, Json


def provision(api: Api, account: Account) -> list[str]:
    """Names what was made.

    Free portals have ten properties in all, so none is taken there unless an admin grants one
    (setting `key_property`). Where a unique property is refused, a plain one still spares people
    the key in the text.
    """
    wanted = lacking(api, account)
    if not wanted:
        return []
    made = []
    with suppress(MissingScope):
        if _made(api, api.paths.properties(TASKS.name, "groups"), KEY_GROUP):
            made.append(f"property group {KEY_GROUP['name']}")
        made += [f"property {name}" for name in wanted if _make_property(api, name)]
    return made


def lacking(api: Api, account: Account) -> list[str]:
    """Properties of ours that are not there and should be."""
    granted = values.flag(account.settings.get("key_property"))
    is_wanted = key_place(api) is KeyPlace.BODY and (granted or not is_free(api, account))
    wanted = [KEY] if is_wanted else []
    if keeps_figures(api, account) and not has_payload(api):
        wanted.append(PAYLOAD)
    return wanted


def key_group(api: Api) -> bool:
    """Whether our group of properties is there."""
    try:
        api.get(api.paths.properties(TASKS.name, "groups", str(KEY_GROUP["name"])))
    except NotFound:
        return False
    return True


def _make_property(api: Api, name: str) -> bool:
    path = api.paths.properties(TASKS.name)
    unique, plain = key_property(unique=True), key_property(unique=False)
    for definition in (unique, plain) if name == KEY else (PAYLOAD_PROPERTY,):
        try:
            return _made(api, path, definition)
        except Refused:
            continue
    return False


def _made(api: Api, path: str, definition: Json) -> bool:
    try:
        api.write("POST", path, definition)
    except Clash:
        return False
    return True
