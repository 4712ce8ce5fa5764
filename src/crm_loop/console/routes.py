"""The route table: every method of every path, and who may. What is not here is not served."""

from crm_loop.access.roles import EVERYBODY, ConsoleRole
from crm_loop.console.api_routes import API
from crm_loop.console.pages import (
    account,
    agenda_template,
    audit,
    calendars,
    company,
    connections,
    consent,
    door,
    factor,
    house_key,
    jobs,
    key_pairs,
    kpi_choice,
    own_kpis,
    privacy,
    setup,
    setup_data,
    setup_start,
    setup_team,
    users,
    writes,
)
from crm_loop.console.route import Handler, Route, Scope
from crm_loop.console.selling_routes import SELLING_PAGES

ADMIN = frozenset({ConsoleRole.ADMIN})
OPERATING = frozenset({ConsoleRole.ADMIN, ConsoleRole.OPERATOR})
AUDITING = frozenset({ConsoleRole.ADMIN, ConsoleRole.AUDITOR})
MANAGER = frozenset({ConsoleRole.MANAGER})
LEADING = frozenset({ConsoleRole.MANAGER, ConsoleRole.ADMIN})


def _door(name: str, method: str, path: str, handler: Handler) -> Route:
    return Route(
        name=name,
        method=method,
        path=path,
        handler=handler,
        scope=Scope.DOOR,
        before_factor=True,
    )


DOOR = (
    _door("sign_in", "GET", "/sign-in", door.show),
    _door("sign_in", "POST", "/sign-in", door.sign_in),
    _door("oidc", "GET", "/sign-in/company", company.leave),
    _door("oidc_return", "GET", "/sign-in/company/return", company.come_back),
    _door("welcome", "GET", "/welcome/{secret}", door.welcome),
    _door("welcome", "POST", "/welcome/{secret}", door.enter),
    _door("alive", "GET", "/livez", door.alive),
    _door("ready", "GET", "/readyz", door.ready),
)


#: What somebody needs who has to set up a second factor first, or wants to leave.
BEFORE_FACTOR = frozenset({"second_factor", "prove", "sign_out"})


def _own(name: str, method: str, path: str, handler: Handler, *, proof: bool = False) -> Route:
    return Route(
        name=name,
        method=method,
        path=path,
        handler=handler,
        scope=Scope.OWN,
        roles=EVERYBODY,
        proof=proof,
        before_factor=name in BEFORE_FACTOR,
    )


ACCOUNT = (
    _own("home", "GET", "/", door.home),
    _own("sign_out", "POST", "/sign-out", door.sign_out),
    _own("prove", "GET", "/prove", door.prove),
    _own("prove", "POST", "/prove", door.proved),
    _own("account", "GET", "/account", account.show),
    _own("notice", "GET", "/notice", setup_start.for_staff),
    _own("privacy", "GET", "/privacy", privacy.show),
    _own("privacy_export", "GET", "/privacy/export", privacy.export, proof=True),
    _own("account_language", "POST", "/account/language", account.set_language),
    _own("token_make", "POST", "/account/tokens", account.make_token, proof=True),
    _own("token_revoke", "POST", "/account/tokens/revoke", account.revoke_token),
    _own("second_factor", "GET", "/account/second-factor", factor.show, proof=True),
    _own("second_factor", "POST", "/account/second-factor", factor.switch_on, proof=True),
    _own("factor_off", "POST", "/account/second-factor/off", factor.switch_off, proof=True),
    _own("account_password", "POST", "/account/password", account.set_password, proof=True),
)


def _machine(
    name: str,
    method: str,
    path: str,
    handler: Handler,
    *,
    roles: frozenset[ConsoleRole] = OPERATING,
    section: str = "",
    proof: bool = False,
    upload: bool = False,
) -> Route:
    return Route(
        name=name,
        method=method,
        path=path,
        handler=handler,
        upload=upload,
        scope=Scope.ORGANISATION,
        roles=roles,
        section=section,
        proof=proof,
    )


RUNNING_PAGES = (
    _machine("connections", "GET", "/connections", connections.show),
    _machine("pause", "POST", "/connections/pause", connections.pause),
    _machine("resume", "POST", "/connections/resume", connections.resume),
    _machine(
        "connect",
        "GET",
        "/connections/new",
        connections.form,
        roles=ADMIN,
        section="connections",
        proof=True,
    ),
    _machine("connect", "POST", "/connections/new", connections.add, roles=ADMIN, proof=True),
    _machine("key_make", "POST", "/connections/keys", key_pairs.make, roles=ADMIN, proof=True),
    _machine(
        "certificate",
        "GET",
        "/connections/keys/{kind}/certificate",
        key_pairs.certificate,
        roles=ADMIN,
        section="connections",
    ),
    *(
        _machine(
            "consent",
            method,
            "/connections/consent/{kind}",
            handler,
            roles=ADMIN,
            section="connections",
            proof=True,
        )
        for method, handler in (("GET", consent.form), ("POST", consent.ask))
    ),
    _machine(
        "consent_return",
        "GET",
        "/connections/consent/{kind}/return",
        consent.come_back,
        roles=ADMIN,
        section="connections",
    ),
    _machine("check", "GET", "/connections/{name}/check", connections.check, section="connections"),
    _machine("pull", "POST", "/connections/{name}/pull", connections.pull),
    _machine("jobs", "GET", "/jobs", jobs.show),
    _machine("job_retry", "POST", "/jobs/retry", jobs.retry),
    _machine("job_park", "POST", "/jobs/park", jobs.park),
    _machine("writes", "GET", "/writes", writes.show),
    _machine("write_approve", "POST", "/writes/approve", writes.approve),
    _machine("write_retry", "POST", "/writes/retry", writes.retry),
    _machine("write_undo", "GET", "/writes/undo", writes.undo_form, section="writes"),
    _machine("write_undo", "POST", "/writes/undo", writes.undo),
    _machine("tasks_seen", "POST", "/connections/{name}/tasks", connections.say_tasks, roles=ADMIN),
    _machine("own_kpis", "GET", "/setup/own-kpis", own_kpis.show, roles=ADMIN, section="setup"),
    _machine("own_kpis", "POST", "/setup/own-kpis", own_kpis.change, roles=ADMIN),
    *(
        _machine("kpi_choice", method, "/setup/kpi-choice", one, roles=ADMIN, section="setup")
        for method, one in (("GET", kpi_choice.show), ("POST", kpi_choice.change))
    ),
    *(
        _machine(
            "agenda_template", method, "/setup/agenda-template", one, roles=ADMIN, section="setup"
        )
        for method, one in (("GET", agenda_template.show), ("POST", agenda_template.change))
    ),
    _machine("house_key", "GET", "/keys", house_key.show, roles=ADMIN),
    _machine("house_key", "POST", "/keys", house_key.replace_it, roles=ADMIN, proof=True),
    _machine("users", "GET", "/users", users.show, roles=ADMIN),
    _machine("privacy_house", "GET", "/privacy/house", privacy.house, roles=ADMIN),
    _machine(
        "privacy_erase",
        "POST",
        "/privacy/house/erase",
        privacy.erase,
        roles=ADMIN,
        section="privacy_house",
        proof=True,
    ),
    _machine("audit", "GET", "/audit", audit.show, roles=AUDITING),
    _machine("audit_verify", "GET", "/audit/verify", audit.verify, roles=AUDITING, section="audit"),
)

USER_CHANGES = tuple(
    _machine(name, "POST", path, handler, roles=ADMIN, section="users", proof=True)
    for name, path, handler in (
        ("user_invite", "/users/invite", users.invite),
        ("user_link", "/users/{user}/link", users.new_link),
        ("user_roles", "/users/{user}/roles", users.set_roles),
        ("user_disable", "/users/{user}/disable", users.disable),
        ("user_enable", "/users/{user}/enable", users.enable),
        ("user_factor_off", "/users/{user}/second-factor/off", users.factor_off),
    )
)

SETUP_STEPS: tuple[tuple[str, Handler, Handler | None], ...] = (
    ("check", setup_data.check, None),
    ("boxes", setup_team.boxes, setup_team.set_boxes),
    ("times", setup_team.times, setup_team.set_times),
    ("calendar", calendars.show, calendars.take),
    ("closed", calendars.closed, calendars.set_closed),
    ("people", setup_team.people, setup_team.set_people),
    ("map", setup_data.stages, setup_data.set_stages),
    ("kpis", setup_data.kpis, setup_data.set_kpis),
    ("targets", setup_data.targets, setup_data.set_targets),
    ("pilot", setup_team.pilot, setup_team.set_pilot),
    ("trial", setup_start.trial, setup_start.start_trial),
    ("notice", setup_start.notice, setup_start.set_notice),
    ("writing", setup_start.writing, setup_start.set_writing),
)

SETUP_PAGES = (
    _machine("setup", "GET", "/setup", setup.show, roles=ADMIN),
    *(
        _machine(
            f"setup_{name}",
            method,
            f"/setup/{name}",
            handler,
            roles=ADMIN,
            section="setup",
            upload=name == "calendar",
        )
        for name, show, change in SETUP_STEPS
        for method, handler in (("GET", show), ("POST", change))
        if handler is not None
    ),
)

ROUTES: tuple[Route, ...] = (
    *DOOR,
    *ACCOUNT,
    *SELLING_PAGES,
    *RUNNING_PAGES,
    *USER_CHANGES,
    *SETUP_PAGES,
    *API,
)

#: What is shown instead of a page that there is not, and after a mistake.
MISSING = _door("missing", "GET", "", door.missing)
ERROR = _door("error", "GET", "", door.mistake)
