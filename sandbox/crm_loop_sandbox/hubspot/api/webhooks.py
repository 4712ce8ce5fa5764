"""The webhooks API of an app: where to send, and which events."""

from typing import Any
from urllib.parse import urlsplit

from crm_loop_sandbox.hubspot.api.batch import envelope
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import bad_request, not_authenticated, not_found
from crm_loop_sandbox.hubspot.object_types import find_type
from crm_loop_sandbox.hubspot.routing import DATED, Rule
from crm_loop_sandbox.hubspot.webhooks import Settings, Subscription
from crm_loop_sandbox.hubspot.webhooks.sending import LOOPBACK
from crm_loop_sandbox.hubspot.webhooks.subscriptions import HAPPENINGS, Subscriptions, type_of

_MOST = 1_000
#: It changes with every other property.
_NEVER_TOLD = frozenset({"hs_lastmodifieddate", "lastmodifieddate"})
_CONCURRENT = range(6, 1_001)


def _of_app(call: Call) -> Subscriptions:
    """Checks the developer's key, or any token of the app."""
    tokens = call.portal.tokens
    if call.query.get("hapikey") != tokens.developer_key and call.authorization is None:
        raise not_authenticated()
    if call.query.get("hapikey") != tokens.developer_key:
        tokens.identify(str(call.authorization), call.now)
    if call.names["app"] != tokens.app_id:
        raise not_found()
    return call.portal.feed.subscriptions


def _settings(call: Call) -> Reply:
    settings = _of_app(call).settings
    if settings is None:
        raise not_found()
    return Reply(settings.shape())


def _configure(call: Call) -> Reply:
    subscriptions, body, now = _of_app(call), call.json(), call.portal.now()
    target = urlsplit(str(body.get("targetUrl", "")))
    if target.scheme != "http" or target.hostname not in LOOPBACK:
        raise bad_request("targetUrl must be an http address on this machine")
    concurrent = int((body.get("throttling") or {}).get("maxConcurrentRequests") or 10)
    if concurrent not in _CONCURRENT:
        raise bad_request("maxConcurrentRequests must be greater than 5")
    created = subscriptions.settings.created if subscriptions.settings else now
    subscriptions.settings = Settings(
        target_url=target.geturl(), concurrent=concurrent, created=created, updated=now
    )
    return Reply(subscriptions.settings.shape())


def _clear(call: Call) -> Reply:
    _of_app(call).settings = None
    return Reply(status=204)


def _list(call: Call) -> Reply:
    return Reply({"results": [one.shape() for one in _of_app(call).by_id.values()]})


def _create(call: Call) -> Reply:
    subscriptions, body = _of_app(call), call.json()
    if len(subscriptions.by_id) >= _MOST:
        raise bad_request(f"An app has {_MOST} subscriptions at most.")
    made = _new(call, body, len(subscriptions.by_id) + 1)
    subscriptions.by_id[made.id] = made
    return Reply(made.shape(), 201)


def _new(call: Call, body: dict[str, Any], number: int) -> Subscription:
    event_type, now = str(body.get("eventType", "")), call.portal.now()
    kind = find_type(str(body.get("objectTypeId", "")))
    type_id = kind.id if event_type.startswith("object.") and kind else type_of(event_type)
    if type_id is None or event_type.partition(".")[2] not in HAPPENINGS:
        raise bad_request(f"eventType {event_type} is not valid")
    name = body.get("propertyName")
    if event_type.endswith("propertyChange") and not name:
        raise bad_request("Some required fields were not set: [propertyName]")
    if name in _NEVER_TOLD:
        raise bad_request(f"{name} cannot be subscribed to")
    return Subscription(
        id=call.portal.ids.small("subscription", number),
        event_type=event_type,
        object_type_id=type_id,
        property_name=str(name) if name else None,
        active=bool(body.get("active", False)),
        created=now,
        updated=now,
    )


def _known(subscriptions: Subscriptions, name: str) -> Subscription:
    found = subscriptions.by_id.get(int(name)) if name.isdecimal() else None
    if found is None:
        raise not_found()
    return found


def _read(call: Call) -> Reply:
    return Reply(_known(_of_app(call), call.names["id"]).shape())


def _switch(call: Call) -> Reply:
    found = _known(_of_app(call), call.names["id"])
    found.active, found.updated = bool(call.json().get("active")), call.portal.now()
    return Reply(found.shape())


def _delete(call: Call) -> Reply:
    subscriptions = _of_app(call)
    del subscriptions.by_id[_known(subscriptions, call.names["id"]).id]
    return Reply(status=204)


def _batch(call: Call) -> Reply:
    subscriptions = _of_app(call)
    results = []
    for one in call.inputs():
        found = _known(subscriptions, str(one.get("id", "")))
        found.active, found.updated = bool(one.get("active")), call.portal.now()
        results.append(found.shape())
    return envelope(call, results)


_METHODS = (
    ("GET", "settings", _settings),
    ("PUT", "settings", _configure),
    ("DELETE", "settings", _clear),
    ("GET", "subscriptions", _list),
    ("POST", "subscriptions", _create),
    ("POST", "subscriptions/batch/update", _batch),
    ("GET", "subscriptions/{id}", _read),
    ("PATCH", "subscriptions/{id}", _switch),
    ("DELETE", "subscriptions/{id}", _delete),
)
RULES = tuple(
    Rule(method, f"{root}/{{app}}/{path}", handler, versions, open=True)
    for root, versions in (("webhooks", DATED | {"v3"}), ("app-webhooks", DATED))
    for method, path, handler in _METHODS
)
