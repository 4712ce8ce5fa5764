"""Connecting a CRM by its own page of consent: there and back, once, in the same browser."""

from starlette.responses import Response

from crm_loop.connector.consent import Asked, Consent, Granted
from crm_loop.connector.profile import Profile, Way
from crm_loop.console.known_profiles import profile_of
from crm_loop.console.pages.connections import named
from crm_loop.console.visit import Missing, Visit
from crm_loop.errors import CrmLoopError, WrongUsage
from crm_loop.setup.connect import Wanted, check_same_account, connect
from crm_loop.setup.consenting import NOBODY, ConsentDesk, Intended, declined, refused


def form(visit: Visit) -> Response:
    """Ask for the app that asks for consent, unless that was given on the command line."""
    kind, prepared = visit.params["kind"], visit.query.get("prepared", "")
    crm, _, _ = _consent_of(kind)
    if not prepared:
        return _page(visit, name=kind, url=crm.address)
    try:
        intended = _desk(visit).prepared(prepared)
    except CrmLoopError as error:
        return _page(visit, status=409, name=kind, url=crm.address, wrong=visit.sentence(error))
    return _page(visit, name=intended.name, url=intended.url, prepared=prepared)


def ask(visit: Visit) -> Response:
    """Give the link to the CRM's page; only this session can come back with its answer."""
    kind, name, url = visit.params["kind"], visit.form.get("name"), visit.form.get("url")
    _, _, consent = _consent_of(kind)
    try:
        intended = _intended(visit)
        name, url = intended.name, intended.url
        asked = _asked(visit, intended, state=_desk(visit).keep(
            intended, session=_session(visit), by=visit.user.id))  # fmt: skip
        link = consent.address(asked)
    except CrmLoopError as error:
        return _page(visit, status=422, name=name, url=url, wrong=visit.sentence(error))
    with visit.change() as state:
        visit.note(state, "connection.consent_asked", name, kind)
    return _page(visit, name=name, url=url, link=link)


def come_back(visit: Visit) -> Response:
    """Connect what was agreed to; the code is exchanged once, and only for our own question."""
    kind = visit.params["kind"]
    crm, _, consent = _consent_of(kind)
    try:
        intended = _desk(visit).take(visit.query.get("state", ""), session=_session(visit))
    except CrmLoopError as error:
        return _not_connected(visit, error, name=kind, url=crm.address)
    try:
        code = visit.query.get("code", "")
        if visit.query.get("error") or not code:
            raise declined()
        granted = consent.redeem(_asked(visit, intended), code)
        _connect(visit, intended, granted)
    except CrmLoopError as error:
        return _not_connected(visit, error, name=intended.name, url=intended.url)
    with visit.change() as state:
        visit.note(state, "connection.connected", intended.name, kind)
    return visit.go("check", said="connected", name=intended.name)


def _connect(visit: Visit, intended: Intended, granted: Granted) -> None:
    wanted = Wanted(
        name=intended.name,
        kind=visit.params["kind"],
        url=intended.url,
        credentials=granted.credentials,
        account_id=granted.account_id,
    )
    connect(visit.app.door(visit.organisation), wanted)


def _not_connected(visit: Visit, error: CrmLoopError, *, name: str, url: str) -> Response:
    with visit.change() as state:
        visit.note(state, "connection.consent_refused", name, error.code)
    return _page(visit, status=409, name=name, url=url, wrong=visit.sentence(error))


def _intended(visit: Visit) -> Intended:
    """What is to be connected: as it was prepared, else as it was typed."""
    prepared = visit.form.get("prepared")
    if prepared:
        found = _desk(visit).take(prepared, session=NOBODY)
        return Intended(
            name=named(found.name),
            url=found.url,
            client_id=found.client_id,
            client_secret=found.client_secret,
        )
    values = {one: visit.form.get(one) for one in ("client_id", "client_secret")}
    if not all(values.values()):
        raise WrongUsage(
            "Some of what signs us in is missing.",
            code="connection.credentials_incomplete",
            kept="Nothing was connected.",
            do="Fill in all fields of one way to sign in.",
        )
    return Intended(name=named(visit.form.get("name")), url=visit.form.get("url"), **values)


def _asked(visit: Visit, intended: Intended, *, state: str = "") -> Asked:
    """The question as the CRM is asked it; an account that is connected already is named in it."""
    kind = visit.params["kind"]
    with visit.look() as store:
        before = store.connections.get(intended.name)
    if before is not None and before.kind != kind:
        check_same_account(before, "")
    return Asked(
        url=intended.url,
        client_id=intended.client_id,
        client_secret=intended.client_secret,
        redirect=redirect_of(visit.app.settings.console_url, kind),
        state=state,
        verifier=intended.verifier,
        account=before.account_id if before is not None else None,
        loopback=visit.app.settings.allow_loopback_crm,
    )


def redirect_of(console: str, kind: str) -> str:
    """Where the CRM sends the browser back to; an app has to name exactly this address."""
    return f"{console}/connections/consent/{kind}/return"


def way_of(crm: Profile) -> tuple[Way, Consent] | None:
    """The way of this CRM that can be agreed to on a page of its own."""
    return next(((way, way.consent) for way in crm.ways if way.consent is not None), None)


def _consent_of(kind: str) -> tuple[Profile, Way, Consent]:
    crm = profile_of(kind)
    found = way_of(crm)
    if found is None:
        raise Missing
    return crm, *found


def _session(visit: Visit) -> str:
    if visit.visitor is None:
        raise refused()
    return visit.visitor.session.digest


def _desk(visit: Visit) -> ConsentDesk:
    app = visit.app
    return ConsentDesk(
        begin=app.begin,
        seal=app.seal,
        clock=app.clock,
        organisation=visit.organisation,
        kind=visit.params["kind"],
    )


def _page(visit: Visit, *, status: int = 200, **facts: object) -> Response:
    kind = visit.params["kind"]
    crm, way, _ = _consent_of(kind)
    shown = {"wrong": None, "link": "", "prepared": "", **facts}
    redirect = redirect_of(visit.app.settings.console_url, kind)
    entries = [one for one in way.entries if one.name in ("client_id", "client_secret")]
    return visit.page(
        "consent.html",
        status=status,
        kind=kind,
        crm=crm,
        entries=entries,
        redirect=redirect,
        **shown,
    )
