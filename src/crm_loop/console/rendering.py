"""Templates with everything escaped, and addresses made from the route table."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from crm_loop.access.roles import ConsoleRole
from crm_loop.console.menu import menu
from crm_loop.wording.numbers import Money, day, exactly
from crm_loop.wording.said import why

if TYPE_CHECKING:
    from crm_loop.console.visit import Visit


class Pages:
    """Renders the console's templates. `paths` are the route table's, by name."""

    def __init__(self, paths: Mapping[str, str]) -> None:
        self.paths = paths

    def path(self, name: str, /, **params: str) -> str:
        """The address of a page; what its path does not name goes behind it."""
        pattern = self.paths[name]
        inside = {key: quote(value, safe="") for key, value in params.items()}
        behind = {key: one for key, one in params.items() if f"{{{key}}}" not in pattern and one}
        path = pattern.format(**inside)
        return f"{path}?{urlencode(behind)}" if behind else path

    def render(self, visit: "Visit", template: str, facts: Mapping[str, Any]) -> str:
        words = visit.words
        said = visit.query.get("said", "")
        page = _environment().get_template(template)
        return page.render(
            visit=visit,
            user=visit.visitor.user if visit.visitor else None,
            roles=ConsoleRole,
            language=words.language,
            say=words.say,
            path=self.path,
            csrf=visit.csrf,
            menu=menu(visit) if visit.visitor else [],
            said=words.flat.get(f"said.{said}", ""),
            day=lambda value: day(value, words.language, beside=visit.today),
            moment=partial(_moment, visit),
            clock=partial(_clock, visit),
            why=lambda reason: why(reason, words.language),
            lag=partial(_lag, visit),
            exactly=lambda value, currency: exactly(Money(value, currency), words.language),
            **facts,
        )


@cache
def _environment() -> Environment:
    """The templates, compiled at their first use; however many consoles a process serves."""
    found = Environment(
        loader=PackageLoader("crm_loop.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["static"] = partial(_static, {})
    return found


def _moment(visit: "Visit", value: datetime) -> str:
    """`6/16（火） 10:00`, in the organisation's time."""
    local = value.astimezone(ZoneInfo(visit.own.time_zone))
    said = day(local.date(), visit.words.language, beside=visit.today)
    return f"{said} {local.hour}:{local.minute:02d}"


def _lag(visit: "Visit", value: datetime) -> str:
    """How long ago, in the largest unit that fits."""
    seconds = (visit.now - value).total_seconds()
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= length:
            return visit.words.say(f"lag.{unit}", n=int(seconds // length))
    return visit.words.say("lag.now")


def _clock(visit: "Visit", value: datetime) -> str:
    local = value.astimezone(ZoneInfo(visit.own.time_zone))
    return f"{local.hour}:{local.minute:02d}"


def _static(known: dict[str, str], name: str) -> str:
    """A file's address: another one when the file is another one, so that it may be kept."""
    if name not in known:
        folder = files("crm_loop.console").joinpath("static")
        digest = sha256(folder.joinpath(*name.split("/")).read_bytes()).hexdigest()[:10]
        known[name] = f"/static/{name}?v={digest}"
    return known[name]
