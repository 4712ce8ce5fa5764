"""`crm-loop demo`: set up, turn the loop, say what happened, leave a report."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from crm_loop.access.roles import ConsoleRole
from crm_loop.calendars import monday_of, week_of
from crm_loop.cli.frame import (
    Answer,
    Call,
    JsonOption,
    LangOption,
    Language,
    finish_with,
)
from crm_loop.errors import WrongUsage
from crm_loop.loop_records import Role
from crm_loop.settings import load_settings
from crm_loop_workers.demo import collect, weeks
from crm_loop_workers.demo.conductor import Plan, Stage, serve_pages, staged
from crm_loop_workers.demo.export import monday_after
from crm_loop_workers.demo.page import render
from crm_loop_workers.demo.setting_up import ORGANISATION
from crm_loop_workers.demo.story import say, week_lines

FOLDER = Path("var/demo")
DEFAULT_START = date(2026, 6, 8)


def demo(
    *,
    weeks_: Annotated[int, typer.Option("--weeks", min=1, max=26, help="Weekly turns.")] = 4,
    start: Annotated[
        str | None,
        typer.Option(help="The first Monday; 2026-06-08, or the one after the end of the export."),
    ] = None,
    reps: Annotated[int, typer.Option(min=2, max=400, help="Simulated reps.")] = 24,
    seed: Annotated[int, typer.Option(help="Another seed, another company.")] = 7,
    csv: Annotated[Path | None, typer.Option(help="Load a real export instead.")] = None,
    profile: Annotated[str, typer.Option(help="starter, standard or full.")] = "standard",
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running.")] = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Turn the loop for a few weeks against two sandbox CRMs."""
    call = Call("demo", as_json, lang, ORGANISATION)
    finish_with(
        call,
        lambda: _demo(
            Plan(
                folder=FOLDER.resolve(),
                start=first_monday(start, csv),
                weeks=weeks_,
                reps=reps,
                seed=seed,
                profile=_profile(profile),
                csv=csv and _folder(csv),
            ),
            call,
            keep=keep,
        ),
    )


def first_monday(start: str | None, csv: Path | None) -> date:
    """The Monday that was asked for; else the usual one, or that after the end of the export."""
    if start is not None:
        return _monday(start)
    return DEFAULT_START if csv is None else monday_after(_folder(csv))


def _monday(text: str) -> date:
    try:
        return monday_of(week_of(date.fromisoformat(text)))
    except ValueError:
        raise _wrong(f"{text!r} is no day.", "Write it as 2026-06-08.") from None


def _profile(name: str) -> str:
    if name not in ("starter", "standard", "full"):
        raise _wrong(f"There is no profile {name!r}.", "Choose starter, standard or full.")
    return name


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise _wrong(f"There is no folder {path}.", "Name the folder that holds the export.")
    return path.resolve()


def _wrong(happened: str, do: str) -> WrongUsage:
    return WrongUsage(happened, code="usage.demo", kept="Nothing was started.", do=do)


@dataclass(frozen=True, slots=True)
class Voice:
    """Says what goes on, on stderr, so that stdout stays for the answer."""

    console: Console
    language: str

    def say(self, code: str, **facts: Any) -> None:
        # An address that is broken in two opens nothing.
        self.console.print(say(code, self.language, **facts), soft_wrap=True, highlight=False)


def _demo(plan: Plan, call: Call, *, keep: bool) -> Answer:
    language = (call.lang or Language(load_settings().lang)).value
    voice = Voice(Console(stderr=True), language)
    started = time.monotonic()
    with _progress(voice) as bar:
        task = bar.add_task("", total=plan.weeks * len(weeks.PARTS) + 4)

        def told(code: str, **facts: Any) -> None:
            bar.update(task, advance=1, description=say(code, language, **facts))

        with staged(plan, told) as stage:
            report, memos, timings = _turns(stage, told, voice)
            _leave(plan, report | {"timings": timings}, memos, language)
            timings["total_seconds"] = round(time.monotonic() - started, 1)
            _write_json(plan, report | {"timings": timings})
            if keep:
                _wait(voice, stage)
    return Answer(
        data=report | {"timings": timings},
        show=lambda console: _close(console, plan, report, memos, language),
    )


def _progress(voice: Voice) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=voice.console,
        transient=True,
    )


def _turns(
    stage: Stage, told: Callable[..., None], voice: Voice
) -> tuple[dict[str, Any], list[Any], dict[str, Any]]:
    counts: dict[str, Any] = {}
    timings: dict[str, Any] = {}
    names = stage.plan.week_names()
    for week in names:
        began = time.monotonic()
        weeks.turn(stage, week, lambda part, week=week: told(part, week=week))  # type: ignore[misc]
        counts[week] = collect.week_counts(stage)
        timings[week] = round(time.monotonic() - began, 1)
    told("finish")
    weeks.finish(stage, names[-1])
    report = collect.report(stage, counts, voice.language)
    return report, collect.sample_memos(stage, names[min(1, len(names) - 1)]), timings


def _leave(plan: Plan, report: dict[str, Any], memos: list[Any], language: str) -> None:
    page = render(report, memos, language)
    (plan.folder / "report.html").write_text(page, encoding="utf-8")
    _write_json(plan, report)


def _write_json(plan: Plan, report: dict[str, Any]) -> None:
    text = json.dumps(report, ensure_ascii=False, indent=1, default=str)
    (plan.folder / "report.json").write_text(text + "\n", encoding="utf-8")


def _close(
    console: Console, plan: Plan, report: dict[str, Any], memos: list[Any], language: str
) -> None:
    for part in report["weeks"]:
        monday = monday_of(part["week"])
        span = f"{monday} – {monday + timedelta(days=6)}"
        console.rule(f"{part['week']}  ({span})", align="left")
        for line in week_lines(report, part["week"], language):
            console.print(line, highlight=False)
    cycles = [cycle for part in report["weeks"] for cycle in part["cycles"]]
    closed = sum(cycle["state"] == "KPI_RECHECKED" for cycle in cycles)
    console.rule(align="left")
    console.print(say("loops", language, closed=closed, cycles=len(cycles)), highlight=False)
    for memo in memos[:1]:
        console.print(Panel(memo["text"], title=say("memo", language), expand=False))
    html, data = plan.folder / "report.html", plan.folder / "report.json"
    console.print(say("where", language, html=html, json=data), soft_wrap=True)
    console.print(say("kept", language, folder=plan.folder), soft_wrap=True)
    if plan.database_url is None:
        day = monday_of(plan.week_names()[-1]) + timedelta(days=6)
        said = say("look_around", language, folder=plan.folder, day=day)
        console.print(said, soft_wrap=True, highlight=False)


def _wait(voice: Voice, stage: Stage) -> None:
    """Leave sandbox, workers and console up until somebody presses Ctrl-C."""
    pages = serve_pages(stage)
    try:
        voice.say("sandbox_at", url=stage.sandbox.url)
        voice.say("console_at", url=pages.ready["console_url"])
        if pages.ready["one_time_link"]:
            voice.say("admin_link", url=pages.ready["one_time_link"])
        for role, link in _links(stage):
            voice.say(f"{role}_link", url=link)
        while stage.house.alive():
            time.sleep(1)
    except KeyboardInterrupt:
        return
    finally:
        pages.stop()


def _links(stage: Stage) -> list[tuple[ConsoleRole, str]]:
    """Links for one manager and one rep of that team, to see the pages as they do."""
    with stage.app.begin(ORGANISATION) as state:
        members = state.people.members()
    rep = next(one for one in members if one.manager and one.role is not Role.MANAGER)
    people = ((ConsoleRole.MANAGER, rep.manager or ""), (ConsoleRole.REP, rep.person))
    house = stage.app.doorkeeper
    return [
        (
            role,
            stage.app.settings.console_url
            + "/welcome/"
            + house.link(ORGANISATION, email=email, roles=[role], made_by="system"),
        )
        for role, email in people
    ]
