"""How the 1on1s of each role are planned: blocks, minutes, own questions; looked at, then kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from crm_loop.console.pages.role_of import looked_at, sent
from crm_loop.console.visit import Missing, Visit
from crm_loop.errors import CrmLoopError
from crm_loop.loop_records import Template
from crm_loop.one_on_one.boxes import LONG, SHORT
from crm_loop.one_on_one.template import BLOCKS, LANGUAGES, MAY_GO, ROLES, checked, usual, warnings
from crm_loop.one_on_one.template_preview import preview
from crm_loop.store.audit import record
from crm_loop.wording import words
from crm_loop.wording.linter import LONGEST

#: No block of a talk is longer; more digits are no minutes.
MOST_DIGITS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One block as the form shows it; `minutes` as they were typed."""

    code: str
    minutes: str
    asked: Mapping[str, str]
    may_go: bool


def show(visit: Visit) -> Response:
    """One role's plan; the first role where none is named."""
    role = looked_at(visit, ROLES)
    with visit.look() as state:
        own = state.templates.all().get(role)
    plan = own or usual(SHORT)
    lines = [_line(code, str(plan.boxes.get(code, "")), _said(plan, code)) for code in BLOCKS]
    return _page(visit, role, lines, plan.minutes)


def change(visit: Visit) -> Response:
    """Look at a plan, keep it, or take the usual one again."""
    role, wish = sent(visit, ROLES), visit.form.get("do")
    if wish == "usual":
        return _kept(visit, role, None)
    if wish not in ("look", "keep"):
        raise Missing
    lines, minutes = _typed(visit), LONG if visit.form.get("minutes") == str(LONG) else SHORT
    try:
        plan = checked(
            role,
            minutes,
            {one.code: int(one.minutes or 0) for one in lines},
            {one.code: one.asked for one in lines},
        )
    except CrmLoopError as error:
        return _page(visit, role, lines, minutes, status=422, wrong=visit.sentence(error))
    if wish == "keep":
        return _kept(visit, role, plan)
    return _page(visit, role, lines, minutes, plan=plan)


def _kept(visit: Visit, role: str, plan: Template | None) -> Response:
    with visit.change() as state:
        if plan is None:
            state.templates.remove(role)
        else:
            state.templates.put(role, plan, at=visit.now)
        detail = ", ".join(f"{code} {one}" for code, one in plan.boxes.items()) if plan else ""
        record(state, actor=visit.user.id, what="agenda.template", subject=role, at=visit.now,
               detail=detail)  # fmt: skip
    return visit.go("agenda_template", said="saved", role=role)


def _typed(visit: Visit) -> list[Line]:
    found = []
    for code in BLOCKS:
        minutes = visit.form.get(f"{code}.minutes")
        digits = minutes if minutes.isascii() and minutes.isdecimal() else ""
        asked = {one: visit.form.get(f"{code}.{one}") for one in LANGUAGES}
        found.append(_line(code, digits[:MOST_DIGITS], asked))
    return found


def _line(code: str, minutes: str, asked: Mapping[str, str]) -> Line:
    return Line(code=code, minutes=minutes, asked=asked, may_go=code in MAY_GO)


def _said(plan: Template, code: str) -> dict[str, str]:
    return {language: plan.question(code, language) for language in LANGUAGES}


def _page(
    visit: Visit,
    role: str,
    lines: list[Line],
    minutes: int,
    *,
    plan: Template | None = None,
    status: int = 200,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    with visit.look() as state:
        by_admin = role in state.templates.all()
    return visit.page(
        "agenda_template.html",
        status=status,
        wrong=wrong,
        role=role,
        talk_roles=[one.value for one in ROLES],
        by_admin=by_admin,
        lines=lines,
        minutes=minutes,
        lengths=(SHORT, LONG),
        longest={one: LONGEST[one]["question"] for one in LANGUAGES},
        memos=[(one, _memo(visit, plan, one)) for one in LANGUAGES] if plan else [],
        warned=warnings(plan) if plan else [],
    )


def _memo(visit: Visit, plan: Template, language: str) -> str:
    names = {"ja": ("担当の方", "上長の方"), "en": ("Somebody", "the manager")}[language]
    return preview(plan, words(language), day=visit.today + timedelta(days=1), names=names)
