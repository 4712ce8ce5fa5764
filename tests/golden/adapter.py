"""From the examples' shapes to the product's functions and back; nothing is computed here."""

from crm_loop.actions import completion, concrete, ranking, verify
from crm_loop.actions import evidence as action_evidence
from crm_loop.calendars import BusinessCalendar, Period, parse_day, parse_moment
from crm_loop.kpi import (
    backward,
    calibration,
    capacity,
    causes,
    facts,
    forecast,
    leads,
    measures,
    pitfalls,
    process,
    progress,
    restating,
    selection,
    tree,
)
from crm_loop.kpi.columns import (
    ACTIVITY_FACTS,
    CHANGES,
    DATE_MOVES,
    DEAL_FACTS,
    DEALS,
    LEADS,
    MOVES,
    ROLES,
    TASKS,
    table,
)
from crm_loop.kpi.figures import figure_of, only
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures import activity, cohorts
from crm_loop.kpi.rules import Rules
from crm_loop.learn import association, belief, closing, effect, quality, rhythm, stage
from crm_loop.loop_records import ActionStatus, RecordRef
from crm_loop.money import plan_rates
from crm_loop.one_on_one import boxes, opening, questions, score
from crm_loop.statistics import (
    compound,
    counts,
    credibility,
    evidence,
    guarded,
    money,
    ordered,
    pace,
    shapley,
    shares,
    shrinkage,
    sums,
    trend,
)
from crm_loop.wording import linter

HERE = {"connection": "crm"}
ZONE = "Asia/Tokyo"
JAPAN = BusinessCalendar("JP")
ONE = {"person": "one", "decided_person": "one", "qualified_person": "one", **HERE}


def each(function, rows):
    return list(map(function, rows))


def by_key(function, mapping):
    return dict(map(lambda item: (item[0], function(item[1])), mapping.items()))


def by_id(function, rows):
    return dict(map(lambda row: (row["id"], function(row)), rows))


def period(span):
    return Period(parse_day(span[0]), parse_day(span[1]))


def maybe_day(text):
    return text and parse_day(text)


def columns(frame, *names):
    return list(frame.select(names).iter_rows())


# --- 1: the catalogue -----------------------------------------------------------------------


def e1_01(given):
    def count(one):
        calendar = BusinessCalendar(one[0], frozenset(each(parse_day, one[3])))
        return calendar.count(parse_day(one[1]), parse_day(one[2]))

    return {"business_days": each(count, given["ranges"])}


WON_NOW = {"won": True}
CLOSED_NOW = {"won": True, "lost": True}
GONE = {True: "2000-01-01T00:00:00Z"}


def e1_02(given):
    def deal(one):
        return {
            "id": one["id"],
            "owner_id": one["owner_at_win"],
            "stage": one["state"],
            "is_won": WON_NOW.get(one["state"], False),
            "is_closed": CLOSED_NOW.get(one["state"], False),
            "amount": one["amount"],
            "currency": one["cur"],
            "close_date": one["close_date"],
            "removed_at": GONE.get(one["deleted"]),
        }

    def win(one):
        return {"id": one["id"], "deal_id": one["id"], "at": one["won_at"], "value": "won"}

    owners = sorted(set(each(lambda one: one["owner_at_win"], given["deals"])))
    people = table(
        each(lambda one: {"owner_id": one, "person": one}, owners),
        facts.OWNERS,
        **HERE,
    )
    deals = facts.deal_frame(
        table(each(deal, given["deals"]), DEALS, pipeline="p", created_at=LONG_AGO, **HERE),
        table(each(win, given["deals"]), CHANGES, field="stage", **HERE),
        owners=people,
        stages=facts.stage_frame(STAGES),
        time_zone=given["tz"],
        currency="JPY",
        rates=plan_rates(given["plan_rates_units_per_JPY"]),
    )
    frames = Frames(deals, table([], ACTIVITY_FACTS), table([], TASKS))
    span = period(given["period"])
    booked = only(measures.bookings(frames, span, span.end), owners)
    won = only(measures.won_count(frames, span, span.end), owners)
    sizes = only(measures.avg_deal_size(frames, span, span.end), owners)

    def owner(name):
        return {
            "bookings": figure_of("bookings", booked[name]).value,
            "won_count": figure_of("won_count", won[name]).value,
            "deal_ids": each(lambda one: one["id"], booked[name]["records"]),
            "warnings": list(booked[name]["warnings"]),
        }

    found = dict(map(lambda name: (name, owner(name)), owners))

    # The example gives the average of its first owner alone.
    def with_average(name):
        found[name]["avg_deal_size"] = figure_of("avg_deal_size", sizes[name]).value

    each(with_average, owners[:1])
    return found


LONG_AGO = "2000-01-01T00:00:00Z"
STAGES = {
    ("crm", "p", "won"): "won",
    ("crm", "p", "lost"): "lost",
    ("crm", "p", "open"): "S2",
}


def deal_world(rows, rules, **same):
    deals = table(rows, DEAL_FACTS, is_closed=False, is_won=False, **ONE, **same)
    return Frames(deals, table([], ACTIVITY_FACTS), table([], TASKS), rules=rules)


def e1_03(given):
    def deal(one):
        return {**one, "booked_on": one["won_on"]}

    rules = Rules(
        lost_reasons_excluded=tuple(given["lost_reasons_excluded"]),
        win_horizon=given["horizon_days"],
    )
    world = deal_world(each(deal, given["deals"]), rules)
    as_of = parse_day(given["as_of"])
    rate = only(measures.win_rate(world, period(given["period"]), as_of), ["one"])["one"]
    window = period(given["cohort_window"])
    cohort = only(measures.win_rate_cohort(world, window, as_of), ["one"])["one"]
    young = cohorts.mature(world, window, as_of).remove("mature")
    hits, cases = figure_of("win_rate", rate), figure_of("win_rate_cohort", cohort)
    return {
        "win_rate": {"won": hits.hits, "lost": hits.misses, "value": hits.value},
        "win_rate_cohort": {
            "n": cases.n,
            "won_within_H": cases.hits,
            "value": cases.value,
            "immature": sorted(young["id"].to_list()),
        },
    }


def e1_04(given):
    def deal(one):
        return {**one, "money": one["amount"]}

    world = deal_world(each(deal, given["open_deals"]), Rules())
    as_of = parse_day(given["as_of"])
    span = Period(as_of, parse_day(given["period_end"]))
    there = only(measures.open_in_period(world, span, as_of), ["one"])["one"]
    late = only(measures.overdue_close_rate(world, span, as_of), ["one"])["one"]
    open_money = figure_of("pipeline_coverage", there).numerator

    def covered(case):
        return progress.coverage(open_money, case["target"], case["bookings"])

    found = each(covered, given["cases"])
    return {
        "open_in_period": open_money,
        "overdue_close_rate": figure_of("overdue_close_rate", late).value,
        "coverage": each(lambda one: one[0], found),
        "status": each(lambda one: one[1].value, found),
    }


def moves(events, id_):
    return each(
        lambda one: {"id": id_, "on": one[0], "at": one[0], "canonical": one[1], **ONE}, events
    )


def e1_05(given):
    listed = sum(each(lambda item: moves(item[1], item[0]), given["history"].items()), [])
    rules = Rules(cohort_horizon={"S2": given["horizon_days"]})
    world = Frames(
        table([], DEAL_FACTS),
        table([], ACTIVITY_FACTS),
        table([], TASKS),
        moves=table(listed, MOVES),
        rules=rules,
    )
    window, as_of = period(given["cohort_window"]), parse_day(given["as_of"])
    found = only(cohorts.conversion("S2", "S3")(world, window, as_of), ["one"])["one"]
    return {
        "denominator": each(lambda one: one["id"], found["records"]),
        "numerator": each(lambda one: one["id"], found["hits"]),
        "value": figure_of("stage_conversion_s2_s3", found).value,
    }


def e1_06(given):
    changes = table(given["changes"], DATE_MOVES, id="deal", **ONE)
    rows = facts.with_day(changes, "at", given["tz"], name="on")
    world = Frames(
        table([], DEAL_FACTS), table([], ACTIVITY_FACTS), table([], TASKS), date_moves=rows
    )

    def asked(name):
        found = only(measures.MEASURES[name](world, ALWAYS, ALWAYS.end), ["one"])["one"]
        return figure_of(name, found).value

    return {"push_count": asked("push_count"), "slip_days": asked("slip_days")}


ALWAYS = Period(parse_day("1900-01-01"), parse_day("2999-12-31"))


def e1_07(given):
    as_of = parse_day(given["as_of"])

    def deal(one):
        return {
            "id": one["id"],
            "canonical": one["stage"],
            "advanced_on": one["last_stage_advance"],
            "created_on": one["created"],
        }

    def touch(one):
        return {"id": one["id"], "deal_id": one["id"], "day": one["last_activity"]}

    def steps(one):
        return each(lambda day: {"id": day, "deal_id": one["id"], "due": day}, one["scheduled"])

    def contacts(one):
        known = range(one["contacts"] or 0)
        return each(lambda n: {"deal_id": one["id"], "contact_id": str(n)}, known)

    deals = given["deals"]
    world = Frames(
        deal_world(each(deal, deals), Rules()).deals,
        table(each(touch, deals), ACTIVITY_FACTS, status="held", **HERE),
        table(sum(each(steps, deals), []), TASKS, is_closed=False, **HERE),
        roles=table(sum(each(contacts, deals), []), ROLES, **HERE),
        rules=Rules(quiet_after=given["stale_days"]),
    )
    span = Period(as_of, as_of)

    def asked(name):
        return only(measures.MEASURES[name](world, span, as_of), ["one"])["one"]

    def ids(name):
        return each(lambda one: one["id"], asked(name)["hits"])

    return {
        "stale_ids": ids("stale_rate"),
        "stale_rate": figure_of("stale_rate", asked("stale_rate")).value,
        "next_step_ids": ids("next_step_hygiene"),
        "next_step_hygiene": figure_of("next_step_hygiene", asked("next_step_hygiene")).value,
        "single_threaded_ids": ids("single_threaded_rate"),
        "single_threaded_rate": figure_of(
            "single_threaded_rate", asked("single_threaded_rate")
        ).value,
    }


def e1_08(given):
    found = leads.judge_leads(
        table(given["leads"], {**LEADS, "person": LEADS["id"]}, **ONE),
        parse_moment(given["as_of"]),
        time_zone=ZONE,
        sla_minutes=given["sla_minutes"],
        calendar=JAPAN,
    )
    rate = only(activity.within_sla(found), ["one"])["one"]
    return {
        "minutes_state": dict(
            map(lambda one: (one[0], [one[1], one[2]]), columns(found, "id", "minutes", "state"))
        ),
        "within_sla_rate": figure_of("lead_response_sla", rate).value,
        "median_minutes": leads.median_minutes(found),
    }


def e1_09(given):
    pairs = given["pairs_F_A"]
    return {
        "accuracy": each(lambda one: forecast.accuracy(*one), pairs),
        "bias": each(lambda one: forecast.bias(*one), pairs),
    }


def e1_10(given):
    working = capacity.Working(
        role_start=maybe_day(given["hire_date"]),
        fte=tuple(map(lambda one: (parse_day(one[0]), one[1]), given["fte_changes"])),
        leave=tuple(map(lambda one: (*each(parse_day, one[:2]), *one[2:]), given["leave"])),
        steps=tuple(given["ramp_by_completed_month"]),
    )
    calendar = BusinessCalendar(given["country"])
    span = period(given["period"])
    share = capacity.capacity_of(working, span, calendar)
    return {
        "capacity": share,
        "business_days": calendar.count(span.start, span.end),
        "effective_target": capacity.effective(given["full_target"], share),
    }


def e1_11(given):
    def meeting(one):
        return {
            "id": one["id"],
            "person": one["owner"],
            "calendar_uid": one["uid"],
            "account_id": one["account"],
            "start": one["start"],
            "status": one["status"],
            "external_attendees": one["external"],
        }

    rows = table(each(meeting, given["meetings"]), ACTIVITY_FACTS, kind="meeting", **HERE)
    held = facts.with_day(rows, "start", ZONE, name="day")
    world = Frames(
        table([], DEAL_FACTS),
        held,
        table([], TASKS),
        rules=Rules(new_window=given["new_window_days"]),
    )
    span, as_of, owner = period(given["period"]), parse_day(given["as_of"]), given["owner"]
    met = only(measures.meetings_held(world, span, as_of), [owner])[owner]
    new = only(measures.new_meetings(world, span, as_of), [owner])[owner]
    uids = dict(columns(selection.first_meetings(world), "id", "calendar_uid"))
    return {
        "meetings_held": figure_of("meetings_held", met).value,
        "new_meetings": figure_of("new_meetings", new).value,
        "new_uids": sorted(each(lambda one: uids[one["id"]], new["records"])),
    }


def e1_12(given):
    pairs = enumerate(given["won_created_booked"])

    def deal(one):
        return {"id": str(one[0]), "created_on": one[1][0], "booked_on": one[1][1]}

    world = deal_world(each(deal, pairs), Rules())
    events = table(moves(given["stage_events"], "deal"), MOVES)
    staged = Frames(table([], DEAL_FACTS), world.activities, world.tasks, moves=events)
    cycle = only(measures.sales_cycle_days(world, ALWAYS, ALWAYS.end), ["one"])["one"]
    amounts = cycle["amounts"]
    return {
        "sales_cycle_days": figure_of("sales_cycle_days", cycle).value,
        "mean_for_contrast": ordered.mean(amounts),
        "stage_days": dict(columns(cohorts.stage_days(staged), "canonical", "days")),
    }


def e1_13(given):
    def share(one):
        value, status = progress.ratio(*one)
        return {"value": value, "status": status.value}

    return {
        "ratios": each(share, given["ratios_num_den"]),
        "attainment": each(
            lambda one: progress.attainment(*one), given["attainment_dir_actual_target"]
        ),
    }


def e1_14(given):
    found = restating.restate(given["frozen"], given["live"])
    return {
        "frozen_total": found.frozen_total,
        "live_total": found.live_total,
        "restatements": found.changes,
        "net": found.net,
    }


# --- 2: the tree ----------------------------------------------------------------------------


def fitted(x, n):
    return shrinkage.fit(x, n, elsewhere=shrinkage.CONFIGURED["proposal_win"])


def e2_01(given):
    prior = fitted(given["wins"], given["proposals"])

    def rep(pair):
        found = shrinkage.estimate(prior, *pair)
        return {
            "raw": found.raw, "shrunk": found.shrunk, "lo90": found.low, "hi90": found.high
        }  # fmt: skip

    return {
        "fit": {**fit_of(prior), "alpha": prior.alpha, "beta": prior.beta},
        "reps": each(rep, zip(given["wins"], given["proposals"], strict=True)),
    }


def fit_of(prior):
    return {"mu": prior.mu, "rho": prior.rho, "M": prior.weight, "rule": prior.rule}


def e2_02(given):
    def first(case):
        prior = fitted(given[case]["x"], given[case]["n"])
        return shrinkage.estimate(prior, given[case]["x"][0], given[case]["n"][0]).shrunk

    return {
        "case1": fit_of(fitted(given["case1"]["x"], given["case1"]["n"])),
        "case2": fit_of(fitted(given["case2"]["x"], given["case2"]["n"])),
        "case1_shrunk_rep1": first("case1"),
        "case2_shrunk_rep1": first("case2"),
    }


def e2_03(given):
    found = credibility.credibility(given["deals"])
    return {
        "within_var": found.within,
        "between_var": found.between,
        "K": found.k,
        "K_raw": found.raw_k,
        "team_mean": found.team_mean,
        "shrunk": found.shrunk,
    }


def e2_04(given):
    as_of, end = parse_day(given["as_of"]), parse_day(given["period_end"])
    span = backward.Remaining.of(as_of, end, JAPAN)

    def deal(one):
        return backward.OpenDeal(
            id=one["id"],
            amount=one["amount"],
            stage=one["stage"],
            age=one["age"],
            close_date=maybe_day(one["close_date"]),
            chance=one["p"],
        )

    deals = each(deal, given["open_deals"])
    lead_times = backward.LeadTimes.of(given["lead_days_to_win"])

    def chance(one):
        return backward.win_in_time(
            one, lead_times, as_of=as_of, period_end=end, factor=given["out_of_period_factor"]
        )

    chances = dict(map(lambda one: (one.id, chance(one)), deals))
    need = backward.Need(
        target=given["target"],
        bookings=given["bookings"],
        size=given["avg_deal_size"],
        rates=given["rates"],
        leads=lead_times,
        days_left=span.days,
        business_days_left=span.business_days,
    )
    found = backward.requirement(
        need, backward.expected_money(deals, chances), least_share=given["min_Fbar"]
    )
    best = given["own_weekly_p90"]
    a_week = backward.weekly(found, span.business_days, best)
    return {
        "days_left": span.days,
        "business_days_left": span.business_days,
        "q": chances,
        "expected_from_pipeline": found.expected,
        "new_need": found.new_need,
        "Fbar": found.shares,
        "required_raw": found.required,
        "required_display": backward.shown(found.required),
        "not_this_period": found.not_this_period,
        "weekly": a_week,
        "feasibility": backward.feasibility(a_week, best, multiple=given["infeasible_multiple"]),
    }


def e2_05(given):
    found = backward.planned(given["target"], given["avg_deal_size"], given["rates"])
    return {
        "required_raw": found,
        "required_display": backward.shown(found),
        "calls_per_business_day": backward.per_day(found["calls"], given["business_days"]),
    }


def e2_06(given):
    off = each(lambda one: tree.deviation(one["parent"], one["children"]), given["nodes"])
    return {"deviation": off, "consistent": each(tree.consistent, off)}


# --- 3: calibration -------------------------------------------------------------------------


def e3_01(given):
    model = counts.fit(
        given["history_counts"],
        given["history_business_days"],
        team_rate=given["team_rate_per_day"],
        next_exposure=given["next_business_days"],
    )
    chances = each(model.at_least, given["targets"])
    return {
        "model": {
            "a": model.shape,
            "b": model.days,
            "rate": model.rate,
            "dispersion": model.dispersion,
            "r": model.size,
            "mean": model.mean,
        },
        "p_attain": chances,
        "zones": each(calibration.zone, chances),
        "T70": model.largest(0.7),
        "T60": model.largest(0.6),
        "T50": model.largest(0.5),
        "T30": model.largest(0.3),
    }


def key(number):
    return format(number, ".12g")


def e3_02(given):
    hits, misses = given["posterior_alpha"], given["posterior_beta"]

    def target(one):
        least, cases = shares.least_successes(one, given["expected_decisions"])
        chance = shares.next_cases_tail(hits, misses, least=least, cases=cases)
        return key(one), {"min_wins": least, "p": chance, "zone": calibration.zone(chance)}

    return dict(map(target, given["targets"]))


def e3_03(given):
    own, team, targets = given["own_sizes"], given["team_sizes"], given["targets"]
    pool = money.size_pool(own, team, k=given["size_credibility_K"])
    many = given["deal_count"]

    def model(target):
        unit = compound.unit_for([*own, *team], target)
        return compound.SumModel(many["r"], many["mean"], pool, unit)

    finest = model(min(targets))
    chances = dict(map(lambda one: (key(one), model(one).at_least(one)), targets))
    return {
        "size_pmf": dict(map(lambda item: (key(item[0]), item[1]), finest.sizes().items())),
        "mean": finest.expected,
        "p_attain": chances,
        "zones": by_key(calibration.zone, chances),
        "T": dict(map(lambda share: (key(share), finest.largest(share)), (0.7, 0.6, 0.5, 0.3))),
    }


def e3_04(given):
    drawn = sums.redrawn(each(sums.decimal, given["monthly"]), sums.MONTHS_OF["quarter"])

    def target(one):
        return key(one), sums.reaching(drawn, sums.decimal(one))

    return {"p_attain": dict(map(target, given["targets"]))}


def e3_05(given):
    share = sums.expected_share(given["p_attain"])
    return {
        "expected_share": share,
        "distribution": sums.attainers(given["p_attain"]),
        "team_flag": sums.team_flag(share),
    }


def e3_06(given):
    def proposal(one):
        found = calibration.propose(one["cur"], one["t60"], one["p"], step=one["step"])
        return {"decision": found.decision, "proposed": found.value}

    def ratchet(one):
        return calibration.next_target(one["prev_target"], one["actual"], one["t60"])

    return {
        "proposals": each(proposal, given["cases"]),
        "ratchet_next_target": each(ratchet, given["ratchet"]),
    }


def e3_07(given):
    def case(one):
        return calibration.triggers(
            one["p"], one["u"], capacity_change=one["capacity_change"], team=one["team"]
        )

    return {"triggers": each(case, given["cases"])}


# --- 4: progress ----------------------------------------------------------------------------


def e4_01(given):
    curve = pace.Curve.of(given["past_periods_by_business_day"])
    points = each(lambda one: curve.point(*one), given["points_k_of_K"])

    def shown(one):
        return {"k": one.k, "u": one.elapsed, "S": one.share, "c": one.expected}

    sixth = dict(map(lambda one: (one.k, one), points))[6]
    target, actual = given["target"], given["actual_at_k6"]
    expected = sixth.of(target)
    return {
        "points": each(shown, points),
        "lambda": curve.weight,
        "expected_at_k6": expected,
        "pace_index_at_k6": progress.pace_index(actual, expected),
        "linear_would_say": progress.pace_index(actual, sixth.linear(target)),
    }


def e4_02(given):
    model = counts.CountModel(given["prior_size_r"], given["prior_mean_m"])
    target = given["target"]
    start = model.at_least(target)
    limits = progress.boundaries(start)

    def row(one):
        y, c, u = one
        seen = counts.land(model, so_far=y, share_done=c, target=target)
        standing = progress.Standing(
            p=seen.p_attain, limits=limits, elapsed=u, reached=guarded.at_least(y, target)
        )
        return {
            "y": y,
            "c": c,
            "u": u,
            "remaining_size": seen.remaining_size,
            "remaining_mean": seen.remaining_mean,
            "projected": seen.projected,
            "lo80": seen.low,
            "hi80": seen.high,
            "p_attain": seen.p_attain,
            "status": progress.judge(standing).value,
        }

    return {
        "p0": start,
        "b1": limits[0],
        "b2": limits[1],
        "rows": each(row, given["cases_y_c_u"]),
    }


def e4_03(given):
    new = given["create_and_close"]
    deals = each(compound.open_deal, given["open_deals_amount_q"])
    coming = compound.Coming(deals=deals, rate=new["rate"], pool=new["size_pool"])
    target, booked = given["target"], given["bookings"]
    found = compound.project(booked, coming, target, unit=compound.unit_of(coming, target))
    limits = progress.boundaries(given["p0"])
    standing = progress.Standing(
        p=found.p_attain, limits=limits, reached=guarded.at_least(booked, target)
    )
    return {
        "mean": found.mean,
        "p10": found.p10,
        "p50": found.p50,
        "p90": found.p90,
        "p_attain": found.p_attain,
        "bounds": list(limits),
        "status": progress.judge(standing).value,
    }


def e4_04(given):
    limits, earlier = tuple(given["boundaries"]), [None]

    def evaluation(p):
        standing = progress.Standing(
            p=p, limits=limits, before=earlier.pop(), hysteresis=given["delta"]
        )
        earlier.append(progress.judge(standing))
        return earlier[0].value

    return {"status": each(evaluation, given["p_sequence"])}


HIGHER = {"higher_is_better": True, "lower_is_better": False}


def e4_05(given):
    def series(one):
        found = trend.trend_of(one, higher_is_better=HIGHER[given["direction"]])
        return {
            "S": found.s, "slope": found.slope, "p_one_sided": found.p, "trend": found.label
        }  # fmt: skip

    return {"results": each(series, given["series"])}


def e4_06(given):
    components = each(lambda one: process.Component(**one), given["components"])
    better = given["improvement"]
    index = process.improvement(
        better["own_last_8_weeks"],
        better["current"],
        unit_floor=better["unit_floor"],
        direction=better["direction"],
    )
    return {
        "component_attainment": process.attained(components),
        "process_score": process.process_score(components),
        "improvement_index": index,
        "recognised": process.recognised(index),
    }


def e4_07(given):
    return {"quadrant": each(lambda one: process.quadrant(*one), given["cases"])}


def e4_08(given):
    def kpi(one):
        known = dict(one)
        id_ = known.pop("id")
        flags = pitfalls.hollow_flags(pitfalls.KpiLife(**known))
        return {"id": id_, "flags": flags, "label": pitfalls.hollow_label(flags)}

    def session(one):
        return pitfalls.small_talk_label(pitfalls.SessionLife(**one))

    return {"kpis": each(kpi, given["kpis"]), "sessions": each(session, given["sessions"])}


# --- 5: causes ------------------------------------------------------------------------------


def decomposed(given):
    funnel = causes.Funnel(**given["actual_counts"])
    return causes.decompose(given["baseline"], funnel, given["factors"])


def e5_01(given):
    found = decomposed(given)
    return {
        "R0": found.before,
        "R1": found.after,
        "gap": found.gap,
        "shapley": found.parts,
        "shapley_sum": shapley.total(found.parts.values()),
        "lmdi": found.lmdi,
        "lmdi_sum": found.lmdi and shapley.total(found.lmdi.values()),
        "largest_negative": found.largest_negative,
    }


def e5_02(given):
    found = decomposed(given)
    return {
        "R1": found.after,
        "shapley": found.parts,
        "sum": shapley.total(found.parts.values()),
        "lmdi": found.lmdi,
    }


def e5_03(given):
    def case(one):
        lower = evidence.share_lower(one["x"], one["n"], one["xh"], one["nh"])
        return {
            **one,
            "p_lower": lower,
            "label": evidence.label(lower),
            "direction": evidence.direction(lower),
        }

    return {"results": each(case, given["cases"])}


def e5_04(given):
    def case(one):
        lower = evidence.rate_lower(one["y"], one["days"], one["y_hist"], one["days_hist"])
        return {**one, "p_lower": lower, "label": evidence.label(lower)}

    return {"results": each(case, given["cases"])}


def e5_05(given):
    mix, within = shapley.mix_and_within(
        (given["share0"], given["share1"]), (given["rate0"], given["rate1"])
    )
    return {
        "rate0": shapley.overall(given["share0"], given["rate0"]),
        "rate1": shapley.overall(given["share1"], given["rate1"]),
        "mix_effect": shapley.total(mix),
        "within_effect": shapley.total(within),
        "mix_by_segment": mix,
        "within_by_segment": within,
    }


def e5_06(given):
    found = causes.common_cause(each(lambda one: one["p_lower"], given["reps"]))
    return {
        "share_lower": found.share_lower, "share_higher": found.share_higher, "label": found.label
    }  # fmt: skip


def e5_07(given):
    def case(one):
        found = causes.goodhart(
            one["volume"], one["own_median"], (one["x"], one["n"]), (one["xh"], one["nh"])
        )
        return {
            "volume_change": found.volume_change,
            "p_quality_lower": found.p_quality_lower,
            "flag": found.flag,
        }

    return {"results": each(case, given["cases"])}


def e5_08(given):
    periods = each(lambda one: causes.TopDriver(**one), given["periods"])
    return {"repeated_at_transition": causes.repeated(periods)}


def e5_09(given):
    def stated(values):
        return evidence.stated(values, q=given["q"])

    return {"stated_case1": stated(given["p_case1"]), "stated_case2": stated(given["p_case2"])}


# --- 6: the agenda --------------------------------------------------------------------------


def e6_01(given):
    def candidate(one):
        return score.scored(
            score.Candidate(**one),
            given["target"],
            weights=given["weights"],
            control=given["controllability"],
        )

    found = each(candidate, given["candidates"])
    best = score.ordered(found)

    def keys(scored):
        return each(lambda one: one.candidate.key, scored)

    short, reserve = score.pick(best, 1)
    return {
        "rows": each(
            lambda one: {"key": one.candidate.key, **one.components, "score": one.score}, found
        ),
        "order": keys(best),
        "pick_15min": keys(short),
        "pick_30min": keys(score.pick(best, 2)[0]),
        "reserve_15min": reserve and reserve.candidate.key,
    }


def e6_02(given):
    used = []

    def session(number):
        chosen = questions.choose_variant(
            given["bank"],
            rep=given["rep_id"],
            slot=given["slot"],
            session=number[0],
            used=used,
            exclude_last=given["exclude_last"],
        )
        used.append(chosen)
        return chosen

    return {"sequence": each(session, enumerate(range(given["sessions"]), start=1))}


def e6_03(given):
    minutes, ja, en = given["minutes"], given["ja_prompts"], given["en_prompts"]
    seconds = {"ja": boxes.reading_seconds(ja, "ja"), "en": boxes.reading_seconds(en, "en")}
    return {
        "ja_chars": boxes.text_size(ja, "ja"),
        "ja_seconds": seconds["ja"],
        "en_words": boxes.text_size(en, "en"),
        "en_seconds": seconds["en"],
        "manager_budget_seconds": boxes.manager_budget(minutes),
        "script_budget_seconds": boxes.script_budget(minutes),
        "ja_ok": boxes.fits(seconds["ja"], minutes),
        "en_ok": boxes.fits(seconds["en"], minutes),
    }


def e6_04(given):
    return {"violations": each(lambda text: linter.tone(text, given["patterns"]), given["texts"])}


def e6_05(given):
    def of(minutes):
        found = boxes.time_boxes(minutes)
        key_ = str(minutes)
        return {key_: each(list, found), f"{key_}_sum": boxes.whole_minutes(found)}

    plans = each(of, given["durations"])
    return dict(chained(each(lambda one: list(one.items()), plans)))


def chained(lists):
    return sum(lists, [])


def e6_06(given):
    def case(pair):
        candidates, last = pair
        facts_ = each(lambda one: opening.Fact(**one), candidates)
        chosen = opening.choose_fact(facts_, last and tuple(last), given["priority"])
        return chosen and [chosen.type, chosen.kpi]

    usual, third = given["candidates"], given["third_case_candidates"]
    return {"picks": each(case, zip([usual, usual, third], given["last_used"], strict=True))}


def e6_07(given):
    def session(one):
        last = each(lambda pair: pair[1], one["last_actions"])
        found = closing.Session(**{**one, "last_actions": last})
        return {"complete": closing.is_complete(found), "missing": closing.missing(found)}

    return {"results": each(session, given["sessions"])}


def e6_08(given):
    return {
        "open": each(lambda text: linter.is_open(text, given["interrogatives_ja"]), given["texts"])
    }


# --- 7: actions -----------------------------------------------------------------------------


def e7_01(given):
    created = parse_day(given["created"])

    def case(one):
        typed = concrete.Typed(
            text=one["text"],
            owner=one["owner"],
            created=created,
            kpi=one["kpi"],
            deals=one["deals"],
        )
        found = concrete.check(typed, JAPAN, verbs=given["verbs"], vague_words=given["vague_words"])
        return {
            "text": one["text"],
            "due": found.due and found.due.isoformat(),
            "checks": found.checks,
            "vague": list(found.vague),
            "score": found.score,
            "concrete": found.concrete,
        }

    return {"rows": each(case, given["cases"])}


def e7_02(given):
    action = given["action"]
    promise = verify.Promise(
        target=action["target"],
        created_at=parse_moment(action["created_at"]),
        due=parse_day(action["due"]),
        time_zone=ZONE,
    )

    def counts_(event):
        return action_evidence.admitted(
            event["status"],
            action["status"],
            is_new=event["new"],
            new_account=action["new_account"],
        )

    def event(one):
        return verify.Evidence(
            record=RecordRef(connection="crm", object="activity", id=one["id"]),
            start=parse_moment(one["start"]),
            logged=parse_moment(one["logged"]),
        )

    events = each(event, filter(counts_, given["events"]))

    def at(text):
        found = verify.judge(promise, events, parse_day(text), JAPAN)
        return {
            "as_of": text,
            "on_time": each(lambda one: one.id, found.on_time),
            "late": each(lambda one: one.id, found.late),
            "progress": found.progress,
            "status": found.status.value,
        }

    return {"timeline": each(at, given["as_of_dates"])}


def e7_03(given):
    found = completion.completion(each(lambda one: ActionStatus(one[1]), given["actions"]))
    return {
        "completion_rate": found.completion_rate,
        "on_time_rate": found.on_time_rate,
        "wilson80": list(found.wilson80),
        "n": found.n,
        "drop_rate": found.drop_rate,
        "step_by_carry": each(completion.step_of, given["carry_counts"]),
    }


def e7_04(given):
    return backward.seeds(
        given["delta_meetings"],
        given["rates"],
        given["avg_deal_size"],
        given["share_closing_in_period"],
    )


# --- 8: what the loop did -------------------------------------------------------------------


def e8_01(given):
    windows = effect.Windows(
        pre=given["rep_pre"],
        post=given["rep_post"],
        peers=effect.peers_of(given["peers_pre_post"], given["rho"]),
        weeks=given["weeks_per_window"],
        count=given["kpi_is_count"],
    )
    found = effect.effect_of(windows)
    return {
        "before_after": found.before_after,
        "did": found.did,
        "counterfactual": found.counterfactual,
        "effect": found.effect,
        "se_peer": found.se_peer,
        "se_floor": found.se_floor,
        "se": found.se,
        "relative_effect": found.relative_effect,
        "relative_se": found.relative_se,
        "z": found.z,
        "rtm_share_of_before_after": found.rtm_share_of_before_after,
    }


def e8_02(given):
    def step(one):
        return {
            "mean": one.mean,
            "sd": one.sd,
            "p_positive": one.p_positive,
            "label": one.verdict.value,
        }

    found = belief.beliefs(given["observations_effect_se"], tuple(given["prior"]))
    return {"steps": each(step, found)}


def e8_03(given):
    found = rhythm.rhythm_of(each(lambda one: rhythm.Week(**one), given["weeks"]))
    return {
        "eligible": found.eligible,
        "adherence": found.adherence,
        "current_streak": found.current_streak,
    }


def e8_04(given):
    found = association.association(given["cadence"], given["attainment"])
    return {
        "spearman": found.rho,
        "p_exact_two_sided": found.p,
        "ci95": found.interval and list(found.interval),
        "label": found.label.value,
    }


def e8_05(given):
    found = quality.quality_of(each(lambda one: quality.Part(**one), given["components"]))
    return {"quality": found.quality, "weight_available": found.weight_available}


def e8_06(given):
    found = ranking.ranked(each(lambda one: ranking.Option(**one), given["candidates"]))
    return {
        "order": each(lambda one: one.id, found),
        "value": dict(map(lambda one: (one.id, one.value), found)),
    }


# --- 9: the stage ---------------------------------------------------------------------------


def e9_01(given):
    def organisation(values):
        found = stage.diagnose(values, weights=given["weights"], sustained=True)
        return {
            **found.indices,
            "stage": found.stage,
            "symptoms": list(found.symptoms),
            "first_action": found.first_action,
            "largest_shortfall": found.largest_shortfall,
        }

    return by_key(organisation, given["orgs"])


ADAPTERS = {
    "E1.01": e1_01,
    "E1.02": e1_02,
    "E1.03": e1_03,
    "E1.04": e1_04,
    "E1.05": e1_05,
    "E1.06": e1_06,
    "E1.07": e1_07,
    "E1.08": e1_08,
    "E1.09": e1_09,
    "E1.10": e1_10,
    "E1.11": e1_11,
    "E1.12": e1_12,
    "E1.13": e1_13,
    "E1.14": e1_14,
    "E2.01": e2_01,
    "E2.02": e2_02,
    "E2.03": e2_03,
    "E2.04": e2_04,
    "E2.05": e2_05,
    "E2.06": e2_06,
    "E3.01": e3_01,
    "E3.02": e3_02,
    "E3.03": e3_03,
    "E3.04": e3_04,
    "E3.05": e3_05,
    "E3.06": e3_06,
    "E3.07": e3_07,
    "E4.01": e4_01,
    "E4.02": e4_02,
    "E4.03": e4_03,
    "E4.04": e4_04,
    "E4.05": e4_05,
    "E4.06": e4_06,
    "E4.07": e4_07,
    "E4.08": e4_08,
    "E5.01": e5_01,
    "E5.02": e5_02,
    "E5.03": e5_03,
    "E5.04": e5_04,
    "E5.05": e5_05,
    "E5.06": e5_06,
    "E5.07": e5_07,
    "E5.08": e5_08,
    "E5.09": e5_09,
    "E6.01": e6_01,
    "E6.02": e6_02,
    "E6.03": e6_03,
    "E6.04": e6_04,
    "E6.05": e6_05,
    "E6.06": e6_06,
    "E6.07": e6_07,
    "E6.08": e6_08,
    "E7.01": e7_01,
    "E7.02": e7_02,
    "E7.03": e7_03,
    "E7.04": e7_04,
    "E8.01": e8_01,
    "E8.02": e8_02,
    "E8.03": e8_03,
    "E8.04": e8_04,
    "E8.05": e8_05,
    "E8.06": e8_06,
    "E9.01": e9_01,
}
