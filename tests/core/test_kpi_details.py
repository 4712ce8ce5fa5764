"""What leads, contacts, splits, offers, rates and the loop itself do to the figures."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm_loop.calendars import Period, named_period
from crm_loop.kpi.figures import figure_of, only
from crm_loop.kpi.measures import MEASURES
from crm_loop.kpi.service import measure, read_setting
from crm_loop.loop_records import Target
from crm_loop.records import (
    Activity,
    ActivityKind,
    ActivityStatus,
    ContactRole,
    Deal,
    DealChange,
    DealField,
    Forecast,
    Lead,
    LeadChange,
    Participant,
    Person,
    Quote,
    Rate,
    Record,
    Split,
    Stage,
    Subject,
)
from crm_loop.store import State

ORGANISATION, CRM = "acme", "crm"
ANNA, BEN = "anna@example.com", "ben@example.com"
SUNDAY = date(2026, 6, 14)
JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))
Begin = Callable[[str], AbstractContextManager[State]]
Put = Callable[..., None]

_SUBJECTS: dict[type[Record], Subject] = {
    Person: Subject.PEOPLE, Deal: Subject.DEALS, DealChange: Subject.CHANGES,
    Activity: Subject.ACTIVITIES, ContactRole: Subject.CONTACT_ROLES, Lead: Subject.LEADS,
    LeadChange: Subject.LEAD_CHANGES, Participant: Subject.PARTICIPANTS, Quote: Subject.QUOTES,
    Rate: Subject.RATES, Split: Subject.SPLITS, Stage: Subject.STAGES,
}  # fmt: skip


def at(text: str) -> datetime:
    """A moment in Japan, as people write it there."""
    return datetime.fromisoformat(f"{text}:00+09:00").astimezone(UTC)


def a_deal(id_: str, stage: str = "S3", **known: Any) -> Deal:
    base: dict[str, Any] = {
        "id": id_, "name": id_, "owner_id": "u1", "account_id": None, "pipeline": "p",
        "stage": stage, "is_closed": stage in ("won", "lost"), "is_won": stage == "won",
        "amount": Decimal(1200), "currency": "JPY", "close_date": date(2026, 6, 10),
        "created_at": at("2026-06-01T10:00"), "modified_at": at("2026-06-01T10:00"),
    }  # fmt: skip
    return Deal(**(base | known))


def a_lead(id_: str = "l1", **known: Any) -> Lead:
    base: dict[str, Any] = {
        "id": id_, "owner_id": "u1", "created_at": at("2026-06-10T10:00"),
        "modified_at": at("2026-06-10T10:00"),
    }  # fmt: skip
    return Lead(**(base | known))


def a_touch(id_: str, when: str, kind: ActivityKind = ActivityKind.CALL, **known: Any) -> Activity:
    base: dict[str, Any] = {
        "id": id_, "kind": kind, "owner_id": "u1", "deal_id": None, "account_id": None,
        "start": at(when), "logged_at": at(when), "status": ActivityStatus.HELD, "outbound": True,
    }  # fmt: skip
    return Activity(**(base | known))


@pytest.fixture
def put(begin: Begin) -> Put:
    def kept(*records: Record) -> None:
        with begin(ORGANISATION) as state:
            for one in records:
                state.crm.remember(CRM, _SUBJECTS[type(one)], [one])

    with begin(ORGANISATION) as state:
        stages = ("S1", "S2", "S3", "S4", "won", "lost")
        state.mapping.set(CRM, {("p", one): one for one in stages})
    people = [("u1", ANNA, "u9"), ("u2", BEN, "u9"), ("u9", "boss@example.com", None)]
    kept(*(Person(id=i, email=e, name=e, manager_id=m) for i, e, m in people))
    return kept


@dataclass(frozen=True, slots=True)
class Found:
    value: float | None
    n: int
    records: list[str]
    warnings: list[str]


def measured(begin: Begin, kpi: str, person: str = ANNA, *, period: Period = JUNE) -> Found:
    """What one measure finds in the store, without everything that a night concludes."""
    setting = read_setting(begin, ORGANISATION, min(SUNDAY, period.end), chosen=period)
    row = only(MEASURES[kpi](setting.frames, period, setting.as_of), [person])[person]
    figure = figure_of(kpi, row)
    ids = [one["id"] for one in row["records"]]
    return Found(figure.value, figure.n, ids, list(row["warnings"]))


@pytest.mark.parametrize(
    ("called", "value", "n"), [("2026-06-10T10:59", 1.0, 1), ("2026-06-10T11:30", 0.0, 1)]
)
def test_a_lead_is_answered_within_a_business_hour_or_not(
    begin: Begin, put: Put, called: str, value: float, n: int
) -> None:
    put(a_lead(), a_touch("c1", called, lead_id="l1"))
    found = measured(begin, "lead_response_sla")
    assert (found.value, found.n, found.records) == (value, n, ["l1"])


def test_a_lead_that_nobody_called_is_missed(begin: Begin, put: Put) -> None:
    put(a_lead())
    assert measured(begin, "lead_response_sla").value == 0.0


def test_a_call_of_somebody_else_is_no_answer(begin: Begin, put: Put) -> None:
    put(a_lead(), a_touch("c1", "2026-06-10T10:05", lead_id="l1", owner_id="u2"))
    put(a_touch("c2", "2026-06-10T09:55", lead_id="l1", owner_id="u2"))
    assert measured(begin, "lead_response_sla").value == 0.0


@pytest.mark.parametrize(
    ("called", "value"),
    [("2026-06-10T09:55", 1.0), ("2026-06-10T14:00", 1.0), ("2026-06-08T10:00", 0.0)],
)
def test_a_touch_before_the_lead_is_assigned_answers_it_at_once(
    begin: Begin, put: Put, called: str, value: float
) -> None:
    put(a_lead(assigned_at=at("2026-06-12T10:00")), a_touch("c1", called, lead_id="l1"))
    assert measured(begin, "lead_response_sla").value == value


def test_a_lead_waits_from_the_moment_at_which_a_person_got_it(begin: Begin, put: Put) -> None:
    put(a_lead(owner_id="u1", created_at=at("2026-05-20T10:00")))
    put(LeadChange(id="x", lead_id="l1", at=at("2026-05-20T10:00"), owner_id="queue"))
    put(LeadChange(id="y", lead_id="l1", at=at("2026-06-10T15:00"), owner_id="u1"))
    put(a_touch("c1", "2026-06-10T15:30", lead_id="l1"))
    assert measured(begin, "lead_response_sla").value == 1.0


def test_an_e_mail_to_the_contact_that_a_lead_is_answers_it(begin: Begin, put: Put) -> None:
    put(a_lead(contact_id="k1"))
    put(a_touch("m1", "2026-06-10T10:10", ActivityKind.EMAIL, contact_ids=("k0", "k1")))
    assert measured(begin, "lead_response_sla").value == 1.0


def test_an_invitation_reaches_a_lead_too(begin: Begin, put: Put) -> None:
    put(a_lead(), a_touch("m1", "2026-06-10T10:10", ActivityKind.MEETING))
    put(Participant(id="p1", activity_id="m1", lead_id="l1"))
    assert measured(begin, "lead_response_sla").value == 1.0


def test_one_contact_is_single_threaded_and_two_are_not(begin: Begin, put: Put) -> None:
    put(a_deal("d1"), a_deal("d2"), ContactRole(id="r1", deal_id="d1", contact_id="k1"))
    put(*(ContactRole(id=f"r2{k}", deal_id="d2", contact_id=k) for k in ("k1", "k2")))
    assert (measured(begin, "single_threaded_rate").value) == 0.5


def test_whoever_was_met_lately_is_a_contact_and_whoever_declined_is_not(
    begin: Begin, put: Put
) -> None:
    put(a_deal("d1"), ContactRole(id="r1", deal_id="d1", contact_id="k1"))
    put(a_touch("m1", "2026-06-09T10:00", ActivityKind.MEETING, deal_id="d1"))
    put(Participant(id="p1", activity_id="m1", contact_id="k2", declined=True))
    assert measured(begin, "single_threaded_rate").value == 1.0
    put(Participant(id="p2", activity_id="m1", contact_id="k3"))
    assert measured(begin, "single_threaded_rate").value == 0.0


def test_a_number_of_contacts_stands_in_where_nobody_is_listed(begin: Begin, put: Put) -> None:
    put(a_deal("d1", contacts=3))
    assert measured(begin, "single_threaded_rate").value == 0.0


def test_a_split_divides_money_and_never_counts(begin: Begin, put: Put) -> None:
    put(a_deal("d1", "won"))
    put(Split(id="s1", deal_id="d1", owner_id="u1", share=0.75))
    put(Split(id="s2", deal_id="d1", owner_id="u2", share=0.25))
    put(Split(id="s3", deal_id="d1", owner_id="u2", share=1.0, revenue=False))
    money = [measured(begin, "bookings", person).value for person in (ANNA, BEN)]
    counts = [measured(begin, "won_count", person).value for person in (ANNA, BEN)]
    assert (money, counts) == ([900.0, 300.0], [1.0, 0.0])
    assert measured(begin, "bookings", BEN).records == ["d1"]


def test_an_offer_makes_a_proposal_of_a_deal_before_its_stage_does(begin: Begin, put: Put) -> None:
    put(a_deal("d1", "S2"))
    when = at("2026-06-03T10:00")
    put(Quote(id="q1", deal_id="d1", created_at=when, modified_at=when, sent=True))
    put(Quote(id="q2", deal_id="d1", created_at=when, modified_at=when, sent=True))
    assert measured(begin, "proposals").value == 1.0


def test_foreign_money_is_converted_at_the_rate_of_the_day_of_the_plan(
    begin: Begin, put: Put
) -> None:
    put(a_deal("d1", "won", currency="USD", amount=Decimal(100)))
    put(Rate(id="r1", currency="USD", per_home=Decimal("0.01"), end=date(2026, 6, 4)))
    put(Rate(id="r2", currency="USD", per_home=Decimal("0.005"), start=date(2026, 6, 5)))
    found = measured(begin, "bookings")
    assert (found.value, found.warnings) == (10_000.0, [])


def test_a_rate_of_another_home_is_put_into_relation(begin: Begin, put: Put) -> None:
    put(a_deal("d1", "won", currency="EUR", amount=Decimal(90)))
    rates = {"USD": "1", "EUR": "0.9", "JPY": "150"}
    put(*(Rate(id=c, currency=c, per_home=Decimal(v)) for c, v in rates.items()))
    assert measured(begin, "bookings").value == pytest.approx(15_000.0)


def test_money_without_a_rate_counts_as_a_deal_and_is_said_to_be_missing(
    begin: Begin, put: Put
) -> None:
    put(a_deal("d1", "won", currency="EUR"))
    assert measured(begin, "won_count").value == 1.0
    money = measured(begin, "bookings")
    assert (money.value, money.warnings) == (0.0, ["missing_fx:d1"])


def test_a_message_whose_to_do_is_gone_stands_for_itself(begin: Begin, put: Put) -> None:
    put(a_touch("m1", "2026-06-10T10:00", ActivityKind.EMAIL, same_as="t1"))
    assert measured(begin, "emails_sent").value == 1.0
    put(a_touch("t1", "2026-06-10T10:00", ActivityKind.EMAIL, owner_id="u2"))
    sent = [measured(begin, "emails_sent", one).value for one in (ANNA, BEN)]
    assert sent == [0.0, 1.0]


def put_mails(put: Put, when: str) -> None:
    """One that was sent and one that was got, each a to-do and a message; one without a message.

    The messages were logged by a machine, the to-dos are the rep's.
    """
    mail = ActivityKind.EMAIL
    for name, outbound in (("sent", True), ("got", False)):
        put(a_touch(f"t.{name}", when, mail, outbound=None))
        put(a_touch(name, when, mail, outbound=outbound, owner_id="u9", same_as=f"t.{name}"))
    put(a_touch("unsaid", when, mail, outbound=None))


def test_a_message_says_who_wrote_what_its_to_do_does_not(begin: Begin, put: Put) -> None:
    put_mails(put, "2026-06-10T10:00")
    found = measured(begin, "emails_sent")
    assert (found.value, found.records) == (1.0, ["sent"])
    touches = read_setting(begin, ORGANISATION, SUNDAY).frames.activities
    assert sorted(touches["id"]) == ["got", "sent", "unsaid"]


def test_old_messages_are_counted_in_the_same_way(begin: Begin, put: Put) -> None:
    put_mails(put, "2025-07-10T10:00")
    frames = read_setting(begin, ORGANISATION, SUNDAY).frames
    assert frames.earlier.select("person", "day", "n").rows() == [(ANNA, date(2025, 7, 10), 1.0)]


def test_a_call_without_a_direction_was_made_by_whoever_logged_it(begin: Begin, put: Put) -> None:
    put(a_touch("c1", "2026-06-10T10:00", ActivityKind.CALL, outbound=None))
    assert measured(begin, "calls").value == 1.0


def test_one_message_counts_once_and_a_mailing_not_at_all(begin: Begin, put: Put) -> None:
    for n in range(2):
        put(a_touch(f"m{n}", "2026-06-10T10:00", ActivityKind.EMAIL, message_id="<a@b>"))
    put(a_touch("m9", "2026-06-10T10:00", ActivityKind.EMAIL, bulk=True))
    assert measured(begin, "emails_sent").value == 1.0


def test_a_short_call_that_is_said_to_have_connected_did(begin: Begin, put: Put) -> None:
    put(a_touch("c1", "2026-06-10T10:00", duration_seconds=20, disposition="Connected"))
    put(a_touch("c2", "2026-06-10T10:00", duration_seconds=20))
    assert measured(begin, "connect_rate").value == 0.5


def test_calls_of_last_year_count_in_a_quarter_that_is_asked_for(begin: Begin, put: Put) -> None:
    put(a_touch("c1", "2025-07-10T10:00"), a_touch("c2", "2026-06-10T10:00"))
    quarter = named_period("2025-Q2", fiscal_start=4)
    found = measured(begin, "calls", period=quarter)
    assert (found.value, found.records) == (1.0, ["c1"])


def test_old_calls_are_counted_and_old_touches_are_known(begin: Begin, put: Put) -> None:
    put(a_deal("d1", created_at=at("2025-01-06T10:00")))
    put(*(a_touch(f"c{n}", "2025-07-10T10:00", deal_id="d1") for n in range(3)))
    frames = read_setting(begin, ORGANISATION, SUNDAY).frames
    assert frames.activities.is_empty()
    assert frames.earlier.select("person", "day", "n").rows() == [(ANNA, date(2025, 7, 10), 3.0)]
    assert frames.touches.rows() == [(CRM, "d1", date(2025, 7, 10))]


def test_what_an_owner_promises_is_what_the_deal_says_else_its_stage(
    begin: Begin, put: Put
) -> None:
    base: dict[str, Any] = {"pipeline": "p", "label": "", "order": 1, "is_closed": False}
    put(Stage(id="S3", is_won=False, forecast=Forecast.BEST_CASE, **base))
    put(a_deal("d1"), a_deal("d2", forecast=Forecast.COMMIT), a_deal("d3", "S4"))
    frames = read_setting(begin, ORGANISATION, SUNDAY).frames
    said = dict(frames.deals.select("id", "forecast").iter_rows())
    assert said == {"d1": "best_case", "d2": "commit", "d3": None}


def test_weighted_coverage_weighs_open_money_by_its_chance(begin: Begin, put: Put) -> None:
    put(a_deal("d1", "S3", close_date=date(2026, 6, 20)))
    put(
        DealChange(
            id="c", deal_id="d1", at=at("2026-06-01T10:00"), field=DealField.STAGE, value="S3"
        )
    )
    with begin(ORGANISATION) as state:
        aim = {"period_start": JUNE.start, "period_end": JUNE.end, "set_by": "company"}
        state.figures.put_targets(
            [Target(person=ANNA, kpi="bookings", value=600.0, source="file", **aim)]
        )
    values = measure(begin, ORGANISATION, as_of=SUNDAY)
    covered = {one.kpi: one.value for one in values if one.person == ANNA and "cover" in one.kpi}
    assert covered["pipeline_coverage"] == 2.0
    assert 0 < (covered["weighted_coverage"] or 0.0) < 2.0
