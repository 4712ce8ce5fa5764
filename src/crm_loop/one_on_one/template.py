"""An admin's own plan for the 1on1s of a role: checked, warned of, fitted to a talk's length; pure.

What a 1on1 needs to be complete stays in every plan: what was agreed, the theme, what would help
and the next step. The first block and a second theme may go, each block may have a question of
one's own, and the memo keeps its limits: one question a block, lines and characters as ever.
"""

from collections.abc import Mapping

from crm_loop.errors import WrongUsage
from crm_loop.loop_records import Role, Template
from crm_loop.one_on_one.boxes import LONG, SHORT, time_boxes
from crm_loop.statistics.guarded import half_up
from crm_loop.wording.linter import LONGEST, is_open, tone

LANGUAGES = ("ja", "en")
#: Roles that are led; a manager's own 1on1 with whoever leads them has no figures.
ROLES = (Role.AE, Role.SDR, Role.AM)
#: In the order of a talk.
BLOCKS = tuple(code for code, _ in time_boxes(LONG))
MAY_GO = frozenset({"opening_win", "theme2_growth"})
SECOND = "theme2_growth"


def usual(minutes: int) -> Template:
    """The plan where nobody made one."""
    return Template(minutes=minutes, boxes=dict(time_boxes(minutes)))


def checked(
    role: str,
    minutes: int,
    boxes: Mapping[str, int],
    questions: Mapping[str, Mapping[str, str]],
) -> Template:
    """The plan in the order of a talk; WrongUsage says what is wrong with it."""
    known_role(role)
    if minutes not in (SHORT, LONG):
        raise _refused("A template is for 15 or for 30 minutes.")
    kept = {code: boxes[code] for code in BLOCKS if boxes.get(code)}
    unknown = [code for code in (*boxes, *questions) if code not in BLOCKS]
    if unknown:
        raise _refused(f"There is no block {unknown[0]!r} in a 1on1.")
    missing = [code for code in BLOCKS if code not in kept and code not in MAY_GO]
    if missing:
        raise _refused(f"The block {missing[0]!r} has to stay, with a minute at the least.")
    if any(one < 1 for one in kept.values()) or sum(kept.values()) != minutes:
        together = sum(kept.values())
        raise _refused(f"The blocks take {together} minutes together, and the 1on1 has {minutes}.")
    return Template(minutes=minutes, boxes=kept, questions=_questions(kept, questions))


def known_role(role: str) -> None:
    """WrongUsage where nobody of this role is led."""
    if role not in ROLES:
        raise _refused(f"There is no role {role!r} whose 1on1s have a template.")


def _questions(
    boxes: Mapping[str, int], questions: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    found = {}
    for code in boxes:
        said = {name: questions.get(code, {}).get(name, "").strip() for name in LANGUAGES}
        if not any(said.values()):
            continue
        if not all(said.values()):
            raise _refused(f"The question of {code!r} is needed in both languages.")
        for language, text in said.items():
            most = LONGEST[language]["question"]
            if len(text) > most or "\n" in text:
                raise _refused(f"The question of {code!r} has more than {most} characters.")
        found[code] = said
    return found


def warnings(template: Template) -> list[tuple[str, str, str]]:
    """Block, language and `tone` or `closed`, of questions that had better be said otherwise.

    One that breaks the tone is asked of nobody: the bank's question stands in its place.
    """
    return [
        (code, language, "tone" if tone(text) else "closed")
        for code, said in template.questions.items()
        for language, text in said.items()
        if tone(text) or not is_open(text)
    ]


def boxes_for(template: Template | None, minutes: int) -> dict[str, int]:
    """Blocks with their minutes for a talk of this length; what rounding leaves is the theme's."""
    if template is None:
        return dict(time_boxes(minutes))
    if template.minutes == minutes:
        return dict(template.boxes)
    share = minutes / template.minutes
    scaled = {code: max(1, half_up(box * share)) for code, box in template.boxes.items()}
    if minutes < LONG:
        scaled.pop(SECOND, None)
    scaled["theme"] += minutes - sum(scaled.values())
    return scaled if scaled["theme"] > 0 else dict(time_boxes(minutes))


def own_question(template: Template | None, block: str, language: str) -> str:
    """The own question of a block where it may be asked; else empty."""
    text = template.question(block, language) if template is not None else ""
    return "" if not text or tone(text) else text


def themes(template: Template | None, minutes: int) -> int:
    """For how long a talk the theme is chosen: a plan without a second theme has room for one."""
    if template is None:
        return minutes
    return LONG if SECOND in boxes_for(template, minutes) else min(minutes, SHORT)


def _refused(happened: str) -> WrongUsage:
    return WrongUsage(
        happened,
        code="agenda.template",
        kept="Nothing was changed.",
        do="Look at it on the page of templates, or with crm-loop templates list.",
    )
