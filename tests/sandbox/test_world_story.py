"""The made-up world: what is true of every story in it."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import holidays
import pytest

from crm_loop_sandbox.world import names
from crm_loop_sandbox.world.generate import generate
from crm_loop_sandbox.world.story import DealStory, Human, World

Made = Callable[..., World]


@pytest.fixture(scope="module")
def world(made_up: Made) -> World:
    return made_up(reps=40)


def now(deal: DealStory) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    for step in deal.steps:
        values |= step.fields
    return values


def is_open(world: World, deal: DealStory) -> bool:
    last = now(deal)
    return not world.stages[last["stage"]].is_closed and not last.get("deleted")


def reps(world: World) -> list[Human]:
    return [human for human in world.people if human.role == "AE"]


def test_the_same_seed_makes_the_same_world(world: World) -> None:
    again = generate(seed=7, reps=40, weeks=26, scale=1, locale="ja_JP", start=None, faces="split")
    assert again == world


def test_another_seed_makes_another_world(world: World, made_up: Made) -> None:
    assert made_up(reps=40, seed=8).deals != world.deals


def test_it_starts_on_a_monday_at_local_midnight(world: World) -> None:
    assert world.start == datetime(2026, 6, 7, 15, tzinfo=UTC)


def test_no_deal_is_saved_after_the_start(world: World) -> None:
    assert max(step.at for deal in world.deals for step in deal.steps) < world.start


def test_only_planned_activities_lie_ahead(world: World) -> None:
    ahead = {one.status for one in world.activities if one.start >= world.start}
    assert ahead == {"scheduled", "open"}
    assert max(one.logged_at for one in world.activities) < world.start


def test_a_deals_saves_follow_one_another(world: World) -> None:
    for deal in world.deals:
        moments = [step.at for step in deal.steps]
        assert moments == sorted(set(moments))


def test_two_people_never_share_a_name_or_an_address(world: World) -> None:
    assert len({human.name for human in world.people}) == len(world.people)
    assert len({human.email for human in world.people}) == len(world.people)


def test_two_companies_never_share_a_name(world: World) -> None:
    assert len({company.name for company in world.companies}) == len(world.companies)


@pytest.mark.parametrize("japanese", [True, False])
def test_five_thousand_companies_have_names_of_their_own(*, japanese: bool) -> None:
    made = {names.company(number, japanese=japanese, seed=3) for number in range(5000)}
    assert len(made) == 5000


@pytest.mark.parametrize(("japanese", "count"), [(True, 700), (False, 256)])
def test_addresses_differ_even_when_names_repeat(*, japanese: bool, count: int) -> None:
    people = [names.person(number, japanese=japanese, seed=3) for number in range(2 * count)]
    assert len({(one.family, one.given) for one in people[:count]}) == count
    assert len({one.address for one in people}) == 2 * count


def test_managers_lead_four_to_eight_and_report_to_the_head(world: World) -> None:
    teams = Counter(human.manager_ref for human in reps(world))
    assert all(4 <= size <= 8 for size in teams.values())
    bosses = {human.manager_ref for human in world.people if human.ref in teams}
    assert bosses == {"head"}


def test_about_half_of_the_reps_work_in_each_crm(world: World) -> None:
    counts = Counter(face for human in reps(world) for face in human.faces)
    assert 16 <= counts["salesforce"] <= 24
    assert counts.total() == 40


def test_the_head_of_sales_works_in_both(world: World) -> None:
    head = next(human for human in world.people if human.ref == "head")
    assert head.faces == {"salesforce", "hubspot"}


def test_everything_can_be_in_both(made_up: Made) -> None:
    world = made_up(faces="both")
    assert {deal.faces for deal in world.deals} == {frozenset({"salesforce", "hubspot"})}


def test_a_third_of_the_people_work_in_english(world: World) -> None:
    english = sum(human.language == "en" for human in world.people)
    assert 0.25 <= english / len(world.people) <= 0.4


def test_a_rep_has_twelve_to_twenty_open_deals(world: World) -> None:
    counts = Counter(now(deal)["owner"] for deal in world.deals if is_open(world, deal))
    special = {"rep:1", "rep:2"}
    assert all(12 <= count <= 20 for ref, count in counts.items() if ref not in special)
    assert len(counts) == 40


def test_amounts_stay_within_four_hundred_thousand_and_ten_million_yen(world: World) -> None:
    first = [deal.steps[0].fields for deal in world.deals]
    yen = [one["amount"] for one in first if one["amount"] and one["currency"] == "JPY"]
    assert Decimal(400_000) <= min(yen)
    assert max(yen) <= Decimal(8_000_000)
    assert any(one["currency"] == "USD" for one in first)


def test_everything_rare_happens_somewhere(world: World) -> None:
    later = [set(step.fields) for deal in world.deals for step in deal.steps[1:]]
    for name in ("stage", "amount", "close_date", "owner", "deleted", "lost_reason"):
        assert any(name in fields for fields in later), name


def test_a_lost_deal_was_taken_up_again(world: World) -> None:
    def reopened(deal: DealStory) -> bool:
        closed = [
            world.stages[step.fields["stage"]].is_closed
            for step in deal.steps
            if "stage" in step.fields
        ]
        return any(was and not is_ for was, is_ in pairwise(closed))

    assert any(reopened(deal) for deal in world.deals)


def test_some_open_deals_have_been_forgotten_for_sixty_days(world: World) -> None:
    touched = {deal.ref: deal.steps[-1].at for deal in world.deals if is_open(world, deal)}
    for one in world.activities:
        if one.deal_ref in touched:
            touched[one.deal_ref] = max(touched[one.deal_ref], one.logged_at)
    quiet = [at for at in touched.values() if world.start - at > timedelta(days=60)]
    assert 20 <= len(quiet) <= len(touched) / 4


def test_many_open_deals_have_no_dated_next_step(world: World) -> None:
    open_ = {deal.ref for deal in world.deals if is_open(world, deal)}
    planned = {one.deal_ref for one in world.activities if one.start >= world.start}
    assert 0.25 <= len(open_ & planned) / len(open_) <= 0.6


def test_nobody_meets_customers_on_public_holidays(
    world: World, local: Callable[[datetime, World], datetime]
) -> None:
    days = {local(one.start, world).date() for one in world.activities if one.kind != "todo"}
    off = holidays.country_holidays("JP", years=(2025, 2026))
    assert [day for day in days if day.weekday() > 4 or day in off] == []


def test_decisions_gather_at_the_end_of_the_month(
    world: World, local: Callable[[datetime, World], datetime]
) -> None:
    won = [deal for deal in world.deals if now(deal)["stage"] == 5]
    late = [deal for deal in won if local(deal.steps[-1].at, world).day >= 24]
    assert len(late) / len(won) > 0.35


def test_one_logs_nothing_and_one_logs_late(world: World) -> None:
    spans: dict[str, list[timedelta]] = {}
    for one in world.activities:
        if one.kind == "call":
            spans.setdefault(one.owner_ref, []).append(one.logged_at - one.start)
    assert "rep:4" not in spans
    assert min(spans["rep:3"]) >= timedelta(days=4)
    assert max(spans["rep:6"]) < timedelta(days=1)


def test_the_leaver_is_inactive_and_did_nothing_lately(world: World) -> None:
    (gone,) = (human for human in world.people if not human.active)
    last = max(one.logged_at for one in world.activities if one.owner_ref == gone.ref)
    assert world.start - last > timedelta(days=30)


def test_the_new_one_has_no_history_before_the_first_day(world: World) -> None:
    new = next(human for human in world.people if human.ref == "rep:2")
    first = min(one.start for one in world.activities if one.owner_ref == new.ref)
    assert new.role_start is not None
    assert first.date() >= new.role_start


def test_somebody_is_on_leave_in_the_weeks_ahead(world: World) -> None:
    spans = [span for human in world.people for span in human.leave]
    assert [timedelta() < first - world.start.date() < timedelta(14) for first, _ in spans] == [
        True
    ]


def test_about_three_in_five_reach_their_quotas(world: World) -> None:
    first, after = datetime(2026, 1, 1).date(), datetime(2026, 6, 1).date()  # noqa: DTZ001 - days
    won: Counter[str] = Counter()
    for deal in world.deals:
        last = now(deal)
        if last["stage"] == 5 and first <= last["close_date"] < after:
            rate = world.rates.get(last["currency"], Decimal(1))
            won[last["owner"]] += int(last["amount"] * rate)
    wanted: Counter[str] = Counter()
    for quota in world.quotas:
        if first <= quota.start < after:
            wanted[quota.owner_ref] += int(quota.amount)
    attained = sum(won[ref] >= wanted[ref] for ref in wanted)
    assert 0.55 <= attained / len(wanted) <= 0.65


def test_quotas_cover_the_fiscal_year(world: World) -> None:
    months = {(quota.start.year, quota.start.month) for quota in world.quotas}
    assert {(2026, 4), (2026, 6), (2027, 3)} <= months


def test_an_american_world_is_in_dollars_and_english(made_up: Made) -> None:
    world = made_up(locale="en_US")
    assert (world.currency, world.time_zone, world.fiscal_start) == ("USD", "America/New_York", 1)
    assert {human.language for human in world.people} == {"en"}


@pytest.mark.parametrize(("reps_", "weeks"), [(1, 1), (6, 4), (8, 60)])
def test_small_and_long_worlds_can_be_made(made_up: Made, reps_: int, weeks: int) -> None:
    world = made_up(reps=reps_, weeks=weeks)
    assert len(reps(world)) == reps_
    assert max(step.at for deal in world.deals for step in deal.steps) < world.start


def test_a_start_in_the_middle_of_a_day_ends_the_story_there(made_up: Made) -> None:
    start = datetime(2026, 6, 10, 14, 30, tzinfo=UTC)
    world = made_up(start=start)
    last = max(step.at for deal in world.deals for step in deal.steps)
    assert timedelta() < start - last < timedelta(days=1)
    assert max(one.logged_at for one in world.activities) < start


def test_a_larger_scale_makes_more_deals(made_up: Made) -> None:
    assert len(made_up(scale=3).deals) > 2.5 * len(made_up().deals)


def test_truth_holds_what_an_admin_would_know(world: World) -> None:
    assert world.truth["country"] == "JP"
    assert world.truth["planted"].keys() >= {"leaver", "new_hire", "logs_late", "logs_nothing"}
    assert world.truth["effects"]["next_step"]["moves_times"] > 1
