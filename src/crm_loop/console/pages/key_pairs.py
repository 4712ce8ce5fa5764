"""Keys for signing in to a CRM, made here: the secret half is sealed at once, never shown."""

from starlette.responses import Response

from crm_loop.connector.profile import KeyMaker, Profile
from crm_loop.console.known_profiles import profile_of
from crm_loop.console.visit import Missing, Visit
from crm_loop.store.key_pairs import KeyPair

#: What the secret half is bound to, beside organisation and kind.
PLACE = "key_pair"


def make(visit: Visit) -> Response:
    """Make a pair; one that was made before and not used is replaced."""
    kind = visit.form.get("kind")
    made, at = _maker(kind).make(visit.app.clock()), visit.app.clock()
    # Sealed outside of the transaction: the first text of an organisation makes its key.
    sealed = visit.app.seal.lock(made.secret, visit.organisation, PLACE, kind)
    pair = KeyPair(
        kind=kind, certificate=made.certificate, sealed=sealed, by=visit.user.id, made_at=at
    )
    with visit.change() as state:
        state.key_pairs.put(pair)
        visit.note(state, "connection.key_made", kind)
    return visit.go("connect", said="key_made", kind=kind)


def certificate(visit: Visit) -> Response:
    """What the CRM is given, as a file."""
    kind = visit.params["kind"]
    maker, found = _maker(kind), kept(visit, kind)
    if found is None:
        raise Missing
    headers = {"Content-Disposition": f'attachment; filename="{maker.file}"'}
    return Response(found.certificate, media_type="application/x-pem-file", headers=headers)


def kept(visit: Visit, kind: str) -> KeyPair | None:
    """The pair that was made and waits for its CRM."""
    with visit.look() as state:
        return state.key_pairs.get(kind)


def secret_of(visit: Visit, pair: KeyPair) -> str:
    return visit.app.seal.open(pair.sealed, visit.organisation, PLACE, pair.kind)


def maker_of(crm: Profile) -> KeyMaker | None:
    """What makes keys for this CRM, where one of its ways takes some."""
    return next((way.keys for way in crm.ways if way.keys is not None), None)


def _maker(kind: str) -> KeyMaker:
    found = maker_of(profile_of(kind))
    if found is None:
        raise Missing
    return found
