"""`crm-loop sandbox serve`: a small Salesforce and a small HubSpot on loopback."""

import sys
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from crm_loop_sandbox.kernel import Options
from crm_loop_sandbox.world.story import World

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A small Salesforce and a small HubSpot on loopback.",
)


#: Where `serve` is without --port.
SERVED = "http://127.0.0.1:8700"


class Package(StrEnum):
    NONE = "none"
    ACTIVITY = "activity"
    FULL = "full"


class Tier(StrEnum):
    FREE = "free"
    STARTER = "starter"
    PRO = "pro"
    ENTERPRISE = "enterprise"


class Edition(StrEnum):
    FULL = "full"
    MINIMAL = "minimal"


class Limits(StrEnum):
    REAL = "real"
    OFF = "off"


class Faces(StrEnum):
    SPLIT = "split"
    BOTH = "both"


PackageDirOption = Annotated[
    Path | None, typer.Option(help="Its metadata files; without it a list of our own.")
]
OpenAboveOption = Annotated[
    bool, typer.Option("--open-above", help="Roles above open the package's objects.")
]
LimitsOption = Annotated[Limits, typer.Option(help="Refuse too many calls as the CRMs do.")]
BulkOption = Annotated[float, typer.Option(min=0, help="How long a bulk job takes.")]
LinksOption = Annotated[int, typer.Option(min=0, help="Plan so many broken links of each kind.")]


@app.callback()
def root() -> None:
    """A small Salesforce and a small HubSpot on loopback."""


@app.command()
def serve(
    *,
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8700,
    seed: Annotated[int, typer.Option(help="Another seed, another world.")] = 7,
    reps: Annotated[int, typer.Option(min=1, help="How many reps there are.")] = 40,
    weeks: Annotated[int, typer.Option(min=1, help="Weeks of history.")] = 26,
    scale: Annotated[int, typer.Option(min=1, help="Times as many deals.")] = 1,
    csv: Annotated[Path | None, typer.Option(help="Load a real export.")] = None,
    latency_ms: Annotated[int, typer.Option(min=0, help="How long each answer takes.")] = 0,
    instance_url: Annotated[str | None, typer.Option(help="Given out by the token call.")] = None,
    rate_limits: LimitsOption = Limits.REAL,
    tier: Annotated[Tier, typer.Option(help="HubSpot tier.")] = Tier.PRO,
    edition: Annotated[Edition, typer.Option(help="Salesforce edition.")] = Edition.FULL,
    package: Annotated[Package, typer.Option(help="Our package in the org.")] = Package.ACTIVITY,
    package_dir: PackageDirOption = None,
    open_above: OpenAboveOption = False,
    bulk_seconds: BulkOption = 0.0,
    pretty: Annotated[bool, typer.Option("--pretty", help="Honour X-PrettyPrint.")] = False,
    locale: Annotated[str, typer.Option(help="ja_JP or en_US.")] = "ja_JP",
    start: Annotated[str | None, typer.Option(help="Business time at the start.")] = None,
    links: LinksOption = 0,
    faces: Annotated[Faces, typer.Option(help="A team in each CRM, or all in both.")] = Faces.SPLIT,
) -> None:
    """Serve both CRMs until stopped; the first line says where."""
    options = Options(
        seed=seed,
        package=package.value,
        package_dir=package_dir,
        open_above=open_above,
        tier=tier.value,
        edition=edition.value,
        pretty=pretty,
        bulk_seconds=bulk_seconds,
        latency_ms=latency_ms,
        rate_limits=rate_limits is Limits.REAL,
        instance_url=instance_url,
    )
    if csv is not None:
        _run(options, port, lambda seed_: _exported(csv, seed_, _moment(start)))
    made = {"reps": reps, "weeks": weeks, "scale": scale, "locale": locale, "faces": faces.value}
    _run(options, port, lambda seed_: _made_up(seed_, _moment(start), made | {"links": links}))


@app.command()
def credentials(
    *, url: Annotated[str, typer.Option(help="Where a sandbox is served.")] = SERVED
) -> None:
    """Write what signs in to a served sandbox: sf.json, hs.json, admin.json; people.csv, clock."""
    from crm_loop_sandbox.handing_out import hand_out

    if not url.startswith("http://"):
        _stop(f"{url!r} is no sandbox. Nothing was written. Write it as {SERVED}.")
    try:
        for path in hand_out(url.rstrip("/"), Path()):
            typer.echo(path)
    except OSError:
        _stop(f"No sandbox answers at {url}. Start one with: crm-loop sandbox serve")


def _exported(folder: Path, seed: int, begin: datetime | None) -> World:
    from crm_loop_sandbox.world.csv_load import load_csv

    return load_csv(folder, seed=seed, start=begin)


def _made_up(seed: int, begin: datetime | None, made: dict[str, Any]) -> World:
    from crm_loop_sandbox.world.generate import generate

    return generate(seed=seed, start=begin, **made)


def _run(options: Options, port: int, world: Callable[[int], World]) -> NoReturn:
    from crm_loop_sandbox.serve import PortTaken, serve

    try:
        serve(options, world, port)
    except PortTaken:
        _stop(f"Port {port} is in use. Nothing was started. Choose another one with --port.")
    except NotADirectoryError as error:
        _stop(f"{error.filename} holds no objects folder. Nothing was started. Name another.")
    except FileNotFoundError as error:
        _stop(f"{error.filename} is missing. Nothing was started. Name the export's folder.")
    raise typer.Exit(0)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        _stop(f"{text!r} is no moment. Nothing was started. Write it as 2026-06-08.")
    return moment


def _stop(sentence: str) -> NoReturn:
    sys.stderr.write(sentence + "\n")
    raise typer.Exit(2)


if __name__ == "__main__":
    app()
