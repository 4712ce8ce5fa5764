"""The pages that are looked at in a real browser: which route each is, and who opens it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_loop.console.route import Route
from crm_loop.console.routes import ROUTES

WEEK = "2026-W24"
ADMIN, MANAGER, REP = "admin", "manager", "rep"


@dataclass(frozen=True, slots=True)
class Look:
    """A page by the name of its picture. `link`: it is opened by this link of the page at `path`.

    `leads_to`: the path behind that link, as far as it is known beforehand.
    """

    name: str
    path: str
    link: str = ""
    leads_to: str = ""

    @property
    def route(self) -> str:
        return route_of(self.leads_to or self.path)


#: By who opens them.
PAGES: Mapping[str, Sequence[Look]] = {
    ADMIN: (
        Look("setup", "/setup"),
        Look("check", "/setup/check"),
        Look("boxes", "/setup/boxes"),
        Look("times", "/setup/times"),
        Look("people", "/setup/people"),
        Look("map", "/setup/map"),
        Look("kpis", "/setup/kpis"),
        Look("targets", "/setup/targets"),
        Look("pilot", "/setup/pilot"),
        Look("trial", "/setup/trial"),
        Look("calendar", "/setup/calendar"),
        Look("closed", "/setup/closed"),
        Look("standing", "/standing"),
        Look("notice", "/setup/notice"),
        Look("writing", "/setup/writing"),
        Look("connections", "/connections"),
        Look("connect", "/connections/new?kind=salesforce"),
        Look("connect-hubspot", "/connections/new?kind=hubspot"),
        Look("consent", "/connections/consent/hubspot"),
        Look("connection-check", "/connections/salesforce/check"),
        Look("privacy", "/privacy"),
        Look("privacy-house", "/privacy/house"),
        Look("prove", "/prove"),
        Look("second-factor", "/account/second-factor"),
        Look("jobs", "/jobs?state=done"),
        Look("writes", "/writes?tab=written"),
        Look("undo", "/writes?tab=written", "a[href^='/writes/undo']", "/writes/undo"),
        Look("users", "/users"),
        Look("audit", "/audit"),
        Look("audit-verify", "/audit/verify"),
        Look("own-kpis", "/setup/own-kpis"),
        Look("agenda-template", "/setup/agenda-template"),
        Look("kpi-choice", "/setup/kpi-choice"),
        Look("house-key", "/keys"),
        Look("held", "/held"),
        Look("account", "/account"),
        Look("staff-notice", "/notice"),
    ),
    MANAGER: (
        Look("team", "/team"),
        Look("talks", "/one-on-ones"),
        Look("steps", "/steps"),
        Look("meeting-sheet", "/team/meeting-sheet"),
        Look("trial-report", "/trial-report"),
    ),
    REP: (
        Look("figures", "/people/me"),
        Look("figure", "/people/me/kpis/meetings_held"),
        Look("talk", f"/people/me/one-on-ones/{WEEK}"),
    ),
    "": (Look("sign-in", "/sign-in"),),
}

#: Pages that are there only in a larger profile, and after a few nights.
LATER: Mapping[str, Sequence[Look]] = {
    MANAGER: (
        Look("team-pipeline", "/team/pipeline"),
        Look("rhythm", "/one-on-ones/rhythm"),
    ),
    REP: (Look("pipeline", "/people/me/pipeline"),),
}

#: Routes that a browser gets by GET and that are no page of ours to look at, and why.
NO_PAGE: Mapping[str, str] = {
    "home": "sends everybody to another page",
    "welcome": "looked at in the first run, with its link",
    "oidc": "sends the browser to the company's own provider",
    "oidc_return": "sends the browser to a page",
    "consent_return": "sends the browser to a page; refused, it is the page of consent again",
    "privacy_export": "a file",
    "my_calendar": "a file",
    "certificate": "a file, once a key was made",
    "alive": "a word for machines",
    "ready": "a word for machines",
}

#: Pages that refuse something: the picture's name, who opens it, the path, what is done there.
REFUSALS: Sequence[tuple[str, str, str, str]] = (
    ("missing", REP, "/no-such-page", ""),
    ("forbidden", REP, "/users", ""),
    ("error", "", "/welcome/no-such-link", ""),
    ("stale", REP, "/account", "form[action='/account/language']"),
    ("refused-sign-in", "", "/sign-in", "main form"),
    ("refused-form", ADMIN, "/setup/notice", "form[action='/setup/notice']"),
)


def route_of(path: str) -> str:
    """The name of the route that answers GET for a path; LookupError where none does."""
    plain = path.partition("?")[0]
    for route in ROUTES:
        if route.method == "GET" and _pattern(route).fullmatch(plain):
            return route.name
    raise LookupError(path)


def _pattern(route: Route) -> re.Pattern[str]:
    return re.compile(re.sub(r"{\w+}", "[^/]+", route.path))
