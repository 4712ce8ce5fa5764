"""Sections 6 to 9: from the examples' shapes to the product and back; nothing is computed here."""

from crm_loop.actions import concrete, evidence, follow_up, path, ranking, verify
from crm_loop.calendars import BusinessCalendar, parse_day, parse_moment
from crm_loop.learn import association, belief, effect, quality, rhythm, stage
from crm_loop.loop_records import ActionStatus, RecordRef
from crm_loop.one_on_one import boxes, closing, opening, questions, score
from crm_loop.wording import linter

ZONE = "Asia/Tokyo"
JAPAN = BusinessCalendar("JP")


def each(function, rows):
    return list(map(function, rows))


def by_key(function, mapping):
    return dict(map(lambda item: (item[0], function(item[1])), mapping.items()))


# --- 6: the agenda --------------------------------------------------------------------------


def key_of(one):
    return one and one.candidate.key


def e6_01(given):
    def judged(one):
        return score.scored(
            score.Candidate(**one),
            given["target"],
            weights=given["weights"],
            control=given["controllability"],
        )

    def row(one):
        return {"key": one.candidate.key, **one.components, "score": one.score}

    found = each(judged, given["candidates"])
    best = score.ordered(found)
    short, reserve = score.pick(best, 1)
    return {
        "rows": each(row, found),
        "order": each(key_of, best),
        "pick_15min": each(key_of, short),
        "pick_30min": each(key_of, score.pick(best, 2)[0]),
        "reserve_15min": key_of(reserve),
    }


def e6_02(given):
    sequence = questions.rotation(
        given["bank"],
        rep=given["rep_id"],
        slot=given["slot"],
        sessions=given["sessions"],
        exclude_last=given["exclude_last"],
    )
    return {"sequence": sequence}


def e6_03(given):
    ja, en, minutes = given["ja_prompts"], given["en_prompts"], given["minutes"]
    return {
        "ja_chars": boxes.reading_size(ja, "ja"),
        "ja_seconds": boxes.reading_seconds(ja, "ja"),
        "en_words": boxes.reading_size(en, "en"),
        "en_seconds": boxes.reading_seconds(en, "en"),
        "manager_budget_seconds": boxes.manager_budget(minutes),
        "script_budget_seconds": boxes.script_budget(minutes),
        "ja_ok": boxes.fits(ja, "ja", minutes),
        "en_ok": boxes.fits(en, "en", minutes),
    }


def e6_04(given):
    return {"violations": each(lambda one: linter.tone(one, given["patterns"]), given["texts"])}


def e6_05(given):
    lengths = given["durations"]
    plans = dict(map(lambda one: (f"{one}", each(list, boxes.time_boxes(one))), lengths))
    sums = dict(map(lambda one: (f"{one}_sum", boxes.total(boxes.time_boxes(one))), lengths))
    return {**plans, **sums}


def e6_06(given):
    usual, third = given["candidates"], given["third_case_candidates"]
    cases = zip((usual, usual, third), given["last_used"], strict=False)

    def pick(case):
        facts = each(lambda one: opening.Fact(**one), case[0])
        found = opening.choose_fact(facts, case[1] and tuple(case[1]), given["priority"])
        return found and [found.type, found.kpi]

    return {"picks": each(pick, cases)}


def e6_07(given):
    def closed(one):
        states = each(lambda action: action[1], one["last_actions"])
        missing = closing.missing(closing.Session(**{**one, "last_actions": states}))
        return {"complete": not missing, "missing": missing}

    return {"results": each(closed, given["sessions"])}


def e6_08(given):
    def is_open(text):
        return linter.is_open(text, given["interrogatives_ja"])

    return {"open": each(is_open, given["texts"])}


# --- 7: actions -----------------------------------------------------------------------------


def e7_01(given):
    created = parse_day(given["created"])

    def row(case):
        typed = concrete.Typed(
            text=case["text"],
            owner=case["owner"],
            created=created,
            kpi=case["kpi"],
            deals=case["deals"],
        )
        found = concrete.check(typed, JAPAN, verbs=given["verbs"], vague_words=given["vague_words"])
        return {
            "text": case["text"],
            "due": found.due and found.due.isoformat(),
            "checks": found.checks,
            "vague": list(found.vague),
            "score": found.score,
            "concrete": found.concrete,
        }

    return {"rows": each(row, given["cases"])}


def e7_02(given):
    action = given["action"]
    promise = verify.Promise(
        target=action["target"],
        created_at=parse_moment(action["created_at"]),
        due=parse_day(action["due"]),
        time_zone=ZONE,
        grace=given["logging_grace_business_days"],
        late=given["late_business_days"],
    )

    def counts(one):
        return evidence.qualifies(
            one["status"],
            wanted=action["status"],
            new=one["new"],
            new_account=action["new_account"],
        )

    def event(one):
        return verify.Evidence(
            record=RecordRef(connection="crm", object="activity", id=one["id"]),
            start=parse_moment(one["start"]),
            logged=parse_moment(one["logged"]),
        )

    def at(day):
        events = each(event, filter(counts, given["events"]))
        found = verify.judge(promise, events, parse_day(day), JAPAN)
        return {
            "as_of": day,
            "on_time": each(lambda one: one.id, found.on_time),
            "late": each(lambda one: one.id, found.late),
            "progress": found.progress,
            "status": found.status.value,
        }

    return {"timeline": each(at, given["as_of_dates"])}


def e7_03(given):
    found = follow_up.completion_of(each(lambda one: ActionStatus(one[1]), given["actions"]))
    return {
        "completion_rate": found.completion_rate,
        "on_time_rate": found.on_time_rate,
        "wilson80": list(found.wilson80),
        "n": found.n,
        "drop_rate": found.drop_rate,
        "step_by_carry": each(lambda one: follow_up.step_after(one).value, given["carry_counts"]),
    }


def e7_04(given):
    found = path.path_of_meetings(
        given["delta_meetings"],
        given["rates"],
        deal_size=given["avg_deal_size"],
        in_period=given["share_closing_in_period"],
    )
    return {
        "opportunities": found.opportunities,
        "proposals": found.proposals,
        "wins": found.wins,
        "bookings_total": found.bookings_total,
        "bookings_this_period": found.bookings_this_period,
        "bookings_later": found.bookings_later,
    }


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
