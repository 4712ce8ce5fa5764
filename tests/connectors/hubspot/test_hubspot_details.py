"""What belongs to deals and leads, as a served portal shows it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from crm_loop.records import DealField, Forecast, Subject

V = "2026-03"
DAY = {"advance_days": 1}


@pytest.fixture(scope="module")
def enterprise(sandbox_server: Callable[..., Any]) -> Any:
    return sandbox_server(reps=6, weeks=6, tier="enterprise", rate_limits="off")


@pytest.fixture(scope="module")
def read(enterprise: Any, mirror_of: Any) -> Any:
    mirror = mirror_of(enterprise)
    mirror.pull()
    return mirror


@pytest.fixture
def portal(read: Any) -> Any:
    """Read up to now; each test finds a new day."""
    read.server.post("/__clock", DAY)
    return read


def some_deal(portal: Any, *, closed: bool = False) -> Any:
    return next(one for one in portal.rows[Subject.DEALS].values() if one.is_closed is closed)


def owners(portal: Any) -> list[str]:
    return [one.id for one in portal.rows[Subject.PEOPLE].values() if one.active]


def test_every_subject_that_hubspot_has_can_be_read(portal: Any) -> None:
    capabilities = portal.connector().capabilities()
    assert set(capabilities.missing) == {"periods", "participants"}


def test_the_contacts_of_a_deal_are_its_roles(portal: Any) -> None:
    roles = portal.rows[Subject.CONTACT_ROLES].values()
    assert {one.deal_id for one in roles} <= portal.rows[Subject.DEALS].keys()
    assert len({(one.deal_id, one.contact_id) for one in roles}) == len(roles) > 0


def test_a_contact_tied_to_an_open_deal_later_is_found_and_let_go_again(portal: Any) -> None:
    deal = some_deal(portal).id
    contact = portal.created("contacts", {"email": "new@customer.example"})
    portal.tie("deals", deal, "contacts", contact)
    portal.pull()
    role = f"{deal}:{contact}"
    assert role in portal.rows[Subject.CONTACT_ROLES]
    portal.untie("deals", deal, "contacts", contact)
    portal.pull()
    assert role not in portal.rows[Subject.CONTACT_ROLES]


def test_a_call_tied_to_a_deal_later_is_the_deals_call(portal: Any) -> None:
    deal, owner = some_deal(portal).id, owners(portal)[0]
    call = portal.created("calls", {"hs_timestamp": portal.now(), "hubspot_owner_id": owner})
    portal.pull()
    assert portal.rows[Subject.ACTIVITIES][call].deal_id is None
    portal.server.post("/__clock", DAY)
    portal.tie("calls", call, "deals", deal)
    portal.pull()
    assert portal.rows[Subject.ACTIVITIES][call].deal_id == deal


def test_a_task_on_a_contact_alone_is_one_of_the_contacts_company(portal: Any) -> None:
    company, other = sorted(portal.rows[Subject.ACCOUNTS])[:2]
    contact = portal.created("contacts", {"lastname": "田中"})
    portal.tie("contacts", contact, "companies", company)
    told = {"hs_timestamp": portal.now(), "hs_task_subject": "電話"}
    on_contact, on_both = (portal.created("tasks", told) for _ in range(2))
    portal.tie("tasks", on_contact, "contacts", contact)
    portal.tie("tasks", on_both, "contacts", contact)
    portal.tie("tasks", on_both, "companies", other)
    portal.server.post("/__clock", DAY)
    portal.pull()
    tasks = portal.rows[Subject.TASKS]
    assert (tasks[on_contact].account_id, tasks[on_both].account_id) == (company, other)


def test_a_contact_tied_to_an_open_task_later_gives_it_its_company(portal: Any) -> None:
    company = min(portal.rows[Subject.ACCOUNTS])
    contact = portal.created("contacts", {"lastname": "鈴木"})
    portal.tie("contacts", contact, "companies", company)
    told = {"hs_timestamp": portal.now(), "hs_task_subject": "電話"}
    task = portal.created("tasks", told)
    for _ in range(2):
        portal.server.post("/__clock", DAY)
        portal.pull()
    assert portal.rows[Subject.TASKS][task].account_id is None
    portal.tie("tasks", task, "contacts", contact)
    portal.server.post("/__clock", DAY)
    portal.pull()
    assert portal.rows[Subject.TASKS][task].account_id == company


def test_what_was_read_and_not_kept_any_more_is_read_again(portal: Any) -> None:
    """A worker that dies between reading and storing must not have noted that it was seen."""
    deal, owner = some_deal(portal).id, owners(portal)[0]
    call = portal.created("calls", {"hs_timestamp": portal.now(), "hubspot_owner_id": owner})
    portal.pull()
    portal.server.post("/__clock", DAY)
    portal.tie("calls", call, "deals", deal)
    cursor = portal.cursors[Subject.ACTIVITIES]
    dying = portal.connector().pull(Subject.ACTIVITIES, cursor)
    assert next(batch for batch in dying if call in {row.id for row in batch.rows})
    del dying
    portal.pull()
    assert portal.rows[Subject.ACTIVITIES][call].deal_id == deal


def test_a_quote_is_sent_once_it_is_published(portal: Any) -> None:
    deal = some_deal(portal).id
    quote = portal.created("quotes", {"hs_title": "御見積", "hs_quote_amount": "1200000"})
    portal.tie("quotes", quote, "deals", deal)
    portal.pull()
    found = portal.rows[Subject.QUOTES][quote]
    assert (found.deal_id, found.amount, found.sent) == (deal, Decimal(1_200_000), False)
    portal.write("PATCH", f"quotes/{quote}", {"properties": {"hs_status": "APPROVED"}})
    portal.pull()
    found = portal.rows[Subject.QUOTES][quote]
    assert found.sent
    assert found.sent_at is not None
    # a look at everything does not forget when that was
    portal.server.post("/__clock", {"advance_days": 8})
    portal.pull()
    assert portal.rows[Subject.QUOTES][quote] == found


def test_a_lead_and_whose_it_was(portal: Any, mirror_of: Any) -> None:
    first, second = owners(portal)[:2]
    lead = portal.created("leads", {"hs_lead_name": "展示会", "hubspot_owner_id": first})
    portal.server.post("/__clock", DAY)
    portal.write("PATCH", f"leads/{lead}", {"properties": {"hubspot_owner_id": second}})
    again = mirror_of(portal.server)
    again.pull()
    found = again.rows[Subject.LEADS][lead]
    changes = sorted(again.rows[Subject.LEAD_CHANGES].values(), key=lambda one: one.at)
    assert found.owner_id == second
    assert [one.owner_id for one in changes if one.lead_id == lead] == [first, second]


def test_splits_share_a_deal_among_sellers(portal: Any) -> None:
    deal = some_deal(portal)
    first, second = owners(portal)[:2]
    shares = [{"ownerId": first, "percentage": 0.7}, {"ownerId": second, "percentage": 0.3}]
    body = {"inputs": [{"id": deal.id, "splits": shares}]}
    portal.write("POST", "deals/splits/batch/upsert", body)
    portal.pull()
    found = [one for one in portal.rows[Subject.SPLITS].values() if one.deal_id == deal.id]
    assert {(one.owner_id, one.share) for one in found} == {(first, 0.7), (second, 0.3)}
    assert {one.deal_id for one in found} == {deal.id}


def test_rates_say_how_much_of_a_currency_one_of_ours_is_worth(portal: Any) -> None:
    deal = next(
        one
        for one in portal.rows[Subject.DEALS].values()
        if one.currency != "JPY" and one.amount and one.home_amount
    )
    rate = next(one for one in portal.rows[Subject.RATES].values() if one.currency == deal.currency)
    assert deal.amount / rate.per_home == pytest.approx(deal.home_amount)


def test_days_off_are_whole_days_of_people(portal: Any) -> None:
    away = portal.rows[Subject.ABSENCES].values()
    assert away
    assert {one.person_id for one in away} <= portal.rows[Subject.PEOPLE].keys()
    assert all(one.start <= one.end for one in away)


def test_a_forecast_and_its_past_are_in_our_words(portal: Any) -> None:
    deal = some_deal(portal).id
    props = {"hs_manual_forecast_category": "BEST_CASE"}
    portal.write("PATCH", f"deals/{deal}", {"properties": props})
    portal.pull()
    assert portal.rows[Subject.DEALS][deal].forecast is Forecast.BEST_CASE
    past = portal.rows[Subject.CHANGES].values()
    told = [one for one in past if one.deal_id == deal and one.field is DealField.FORECAST]
    assert [one.value for one in told] == [Forecast.BEST_CASE]


def test_a_merged_deal_is_gone_and_points_to_its_survivor(portal: Any) -> None:
    loser = some_deal(portal, closed=True).id
    survivor = some_deal(portal).id
    body = {"primaryObjectId": survivor, "objectIdToMerge": loser}
    portal.write("POST", "deals/merge", body)
    portal.pull()
    assert loser not in portal.rows[Subject.DEALS]
    assert portal.merged[Subject.DEALS][loser] == survivor


def test_what_was_merged_into_an_archived_deal_is_gone_with_it(portal: Any) -> None:
    survivor, loser = [one.id for one in portal.rows[Subject.DEALS].values()][:2]
    body = {"primaryObjectId": survivor, "objectIdToMerge": loser}
    portal.write("POST", "deals/merge", body)
    portal.write("DELETE", f"deals/{survivor}", None)
    portal.pull()
    assert not {survivor, loser} & portal.rows[Subject.DEALS].keys()


def test_what_vanished_without_a_trace_is_noticed_within_a_week(portal: Any) -> None:
    portal.server.post("/__clock", {"advance_days": 8})
    portal.pull()
    company = next(iter(portal.rows[Subject.ACCOUNTS]))
    portal.write("POST", "companies/gdpr-delete", {"objectId": company})
    portal.pull()
    assert company in portal.rows[Subject.ACCOUNTS]
    portal.server.post("/__clock", {"advance_days": 8})
    portal.pull()
    assert company not in portal.rows[Subject.ACCOUNTS]


def test_a_deal_came_into_its_stage_when_hubspot_says(portal: Any) -> None:
    deal = some_deal(portal)
    entered = max(
        one.at
        for one in portal.rows[Subject.CHANGES].values()
        if one.deal_id == deal.id and one.field is DealField.STAGE
    )
    assert deal.staged_at == entered


def test_a_look_at_everything_takes_nothing_of_the_past_away(portal: Any) -> None:
    past = set(portal.rows[Subject.CHANGES])
    portal.server.post("/__clock", {"advance_days": 8})
    portal.pull()
    assert past <= portal.rows[Subject.CHANGES].keys()


def test_contacts_that_were_given_to_somebody_can_stand_for_leads(
    enterprise: Any, mirror_of: Any
) -> None:
    portal = mirror_of(enterprise, leads="contacts")
    portal.pull()
    enterprise.post("/__clock", DAY)
    props = {"email": "l@customer.example", "lifecyclestage": "lead"}
    owned = portal.created("contacts", props | {"hubspot_owner_id": owners(portal)[0]})
    portal.pull()
    assert portal.rows[Subject.LEADS].keys() > {owned}
    assert portal.rows[Subject.LEADS][owned].contact_id == owned
