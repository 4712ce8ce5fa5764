"""A memo as a template would make it, of nobody in particular; pure."""

from datetime import UTC, date, datetime, time, timedelta

from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import Agenda, AgendaState, Template
from crm_loop.one_on_one.document import Table, draft
from crm_loop.one_on_one.memo import Sheet, text_of
from crm_loop.one_on_one.situation import Situation
from crm_loop.wording import Words

#: Named after no one: what a person would be called stands there.
_EXAMPLE_DAYS = 3


def preview(template: Template, words: Words, *, day: date, names: tuple[str, str]) -> str:
    """The memo of a 1on1 on that day between `names` (rep, manager), before anything is known.

    Without figures and steps the theme is what somebody wants to grow in.
    """
    table = Table(
        rep="",
        manager_name=names[1],
        minutes=template.minutes,
        words=words,
        crm="other",
        situation=Situation(
            values={}, deals=(), currency="JPY", met_on=day, calendar=BusinessCalendar("JP"),
            last_week="",
        ),
        private=False,
        past=(),
        reviewed=(),
        example_day=day + timedelta(days=_EXAMPLE_DAYS),
        template=template,
    )  # fmt: skip
    starts = datetime.combine(day, time(10), UTC)
    agenda = Agenda(
        rep="", manager="", week="", starts_at=starts, publish_at=starts,
        minutes=template.minutes, language=words.language, connection="", key="cl1a0000",
        subject="", text="", manager_text="", blocks=tuple(draft(table).blocks),
        state=AgendaState.DRAFT,
    )  # fmt: skip
    sheet = Sheet(
        agenda=agenda, words=words, rep=names[0], manager=names[1], time_zone="UTC",
        crm="other", private=False, first_time=True,
    )  # fmt: skip
    return text_of(sheet)
