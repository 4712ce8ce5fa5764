"""Setting up the start: a trial that only reads, the notice to staff, writing on and off."""

from datetime import date

from starlette.responses import Response

from crm_loop.console.pages.setup import finish
from crm_loop.console.staff_notice import notice_text, objects_written, tasks_written
from crm_loop.console.visit import Visit
from crm_loop.errors import CrmLoopError
from crm_loop.queue import JobState
from crm_loop.records import Subject
from crm_loop.setup.starting import (
    By,
    Notice,
    keep_notice,
    notice_of,
    read_notice,
    switch_writing,
)
from crm_loop.store.jobs import NewJob

#: What a trial reads and makes, in this order.
TRIAL = ("pull", "check", "prepare")
_COUNTED = (Subject.PEOPLE, Subject.DEALS, Subject.ACTIVITIES)
#: Who is measured at all is measured together: so many are enough to look at.
SAMPLE = 20


def trial(visit: Visit) -> Response:
    """How far the reading is, and what came of it; nothing is written meanwhile."""
    with visit.look() as state:
        rows = state.connections.all()
        counts = {
            row.name: [(one.value, state.crm.count(row.name, one)) for one in _COUNTED]
            for row in rows
        }
        jobs = [one for one in state.jobs.all() if one.id.startswith("trial:")]
        memos = state.agendas.count(visit.turn_week)
        some = [one.person for one in state.people.members() if one.manager][:SAMPLE]
        measured = state.figures.last_day(some, visit.today, since=date.min)
    running = [one for one in jobs if one.state in (JobState.READY, JobState.RUNNING)]
    return visit.page(
        "setup_trial.html",
        counts=counts,
        jobs=jobs,
        running=bool(running),
        memos=memos,
        measured=measured,
        writing=visit.own.writing,
    )


def start_trial(visit: Visit) -> Response:
    """Have everything read and measured once, by the workers."""
    now = visit.app.clock()
    stamp, payload = now.isoformat(timespec="seconds"), {"slot": visit.now.isoformat()}
    with visit.change() as state:
        pulls = []
        for row in state.connections.all():
            job = NewJob(
                id=f"trial:pull:{row.name}:{stamp}",
                kind="pull",
                connection=row.name,
                payload=payload,
            )
            state.jobs.add(job, now=now)
            pulls.append(job.id)
        check = NewJob(id=f"trial:check:{stamp}", kind="check", payload=payload)
        prepare = NewJob(id=f"trial:prepare:{stamp}", kind="prepare", payload=payload)
        state.jobs.add(check, now=now, waits_for=pulls)
        state.jobs.add(prepare, now=now, waits_for=[check.id])
        finish(visit, state, "trial", {"started": stamp})
    visit.app.bell.ring(visit.app.claims.due(now))
    return visit.go("setup_trial", said="asked")


def notice(visit: Visit) -> Response:
    """The text for staff in both languages, with its day and whom to ask."""
    return _notice(visit)


def _notice(visit: Visit, *, wrong: dict[str, str] | None = None, status: int = 200) -> Response:
    with visit.look() as state:
        kept, rows = notice_of(state), state.connections.all()
    contact = kept.contact if kept else visit.user.name
    return visit.page(
        "setup_notice.html",
        status=status,
        wrong=wrong,
        notice=kept,
        texts=[(language, notice_text(language, rows, contact)) for language in ("ja", "en")],
    )


def set_notice(visit: Visit) -> Response:
    try:
        notice = read_notice(visit.form.get("day"), visit.form.get("contact"))
    except CrmLoopError as error:
        return _notice(visit, wrong=visit.sentence(error), status=422)
    with visit.change() as state:
        keep_notice(state, notice, By(visit.user.id, visit.now))
        visit.note(state, "setup.notice", "notice")
    return visit.go("setup_notice", said="saved")


def for_staff(visit: Visit) -> Response:
    """What everybody who signs in may read about all this."""
    kept, text = told_to_staff(visit)
    return visit.page("notice.html", notice=kept, text=text)


def told_to_staff(visit: Visit) -> tuple[Notice | None, str]:
    """The notice in the reader's language; no text where there is none."""
    with visit.look() as state:
        kept, rows = notice_of(state), state.connections.all()
    return kept, notice_text(visit.words.language, rows, kept.contact) if kept else ""


def writing(visit: Visit) -> Response:
    """Whether anything may be written, and what still has to come before."""
    return _writing(visit)


def _writing(visit: Visit, *, wrong: dict[str, str] | None = None, status: int = 200) -> Response:
    with visit.look() as state:
        kept, rows = notice_of(state), state.connections.all()
    return visit.page(
        "setup_writing.html",
        status=status,
        wrong=wrong,
        writing=visit.own.writing,
        notice=kept,
        tasks=tasks_written(visit.own.profile),
        objects=objects_written(rows, visit.words.language),
        told=kept is not None and kept.day <= visit.today,
    )


def set_writing(visit: Visit) -> Response:
    """Off at any time; on only after staff were told."""
    on = visit.form.get("on") == "yes"
    try:
        with visit.change() as state:
            by = By(visit.user.id, visit.now)
            switch_writing(state, on=on, today=visit.today, by=by)
            visit.note(state, "setup.writing", "writing")
    except CrmLoopError as error:
        return _writing(visit, wrong=visit.sentence(error), status=422)
    return visit.go("setup_writing", said="writing_on" if on else "writing_off")
