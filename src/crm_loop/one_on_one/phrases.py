"""Topics and opening facts in words, with figures and without; pure."""

from datetime import date
from typing import Any

from crm_loop.loop_records import Topic
from crm_loop.one_on_one.opening import Fact
from crm_loop.one_on_one.score import Candidate, Scored
from crm_loop.wording import Words

#: A customer's name beyond this is shortened: a sentence has to stay readable.
LONGEST_NAME = 16
#: So is what somebody typed, where it stands inside a sentence.
LONGEST_QUOTE = {"ja": 24, "en": 60}


def topic_of(scored: Scored, words: Words, crm: str) -> Topic:
    """A picked topic as the memo and the command line show it; `crm` chooses the nouns."""
    candidate = scored.candidate
    facts = _worded(candidate, words, crm)
    why = _why(candidate)
    text = f"theme.{candidate.text}"
    return Topic(
        code=candidate.code,
        key=candidate.key,
        score=round(scored.score, 6),
        components=dict(scored.components),
        fact=words.say(_fact(text, candidate, words), **facts),
        reason=words.say("theme.reason", why=words.say(f"{text}.{why}", **facts)),
        records=candidate.records,
        kpi=candidate.kpi,
        plain_fact=words.say(f"{text}.plain", **facts),
        plain_reason=words.say("theme.reason", why=words.say(f"{text}.{_plain(why)}", **facts)),
        rule=candidate.rule,
        driver=candidate.driver,
        numbers=dict(candidate.numbers),
    )


def _fact(text: str, candidate: Candidate, words: Words) -> str:
    """None of several is said as a person says it, rather than as a number."""
    none = f"{text}.fact_none"
    return none if candidate.facts.get("x") == 0 and none in words.flat else f"{text}.fact"


def aside_of(candidate: Candidate, words: Words, crm: str) -> str:
    """One line about undated deals, or about a figure that nobody has spoken of."""
    facts = _worded(candidate, words, crm)
    if candidate.text == "next_step":
        return words.say("theme.next_step_more", **facts)
    fact = words.say(_fact(f"theme.{candidate.text}", candidate, words), **facts)
    return words.say("theme.besides", fact=fact[:1].lower() + fact[1:])


def example_of(candidate: Candidate, words: Words, day: date, manager: str, crm: str) -> str:
    """A next step as it could be written, for this theme."""
    return words.say(
        f"theme.{candidate.text}.example",
        day=day,
        customer=shortened(str(candidate.facts.get("customer", ""))),
        manager=manager,
        deals=noun(words, crm, 1),
    )


def opening_of(fact: Fact, words: Words, last_week: str) -> tuple[str, str]:
    """The opening fact with figures, and without where it can be said so (else empty)."""
    said = words.say(fact.text, **fact.facts, when=last_week)
    plain = words.say("opening.plain_action_done") if fact.type == "action_done" else ""
    return said[:1].upper() + said[1:], plain


def shortened(name: str, longest: int = LONGEST_NAME) -> str:
    return name if len(name) <= longest else name[: longest - 1] + "…"


def noun(words: Words, crm: str, n: int) -> str:
    """What this CRM calls deals."""
    return words.say(f"nouns.deal.{crm}", n=n)


def _worded(candidate: Candidate, words: Words, crm: str) -> dict[str, Any]:
    facts = {name: fact for name, fact in candidate.facts.items() if fact is not None}
    if "days" in facts:
        facts["left"] = words.say("theme.left", n=facts["days"], period=facts["period"])
    if "names" in facts:
        names = facts["names"]
        facts["names"] = type(names)([shortened(one) for one in names.names], names.total)
    if "customer" in facts:
        facts["customer"] = shortened(facts["customer"])
    if facts.get("x") == 0:
        # "No of 12" is no English.
        facts["x"] = "0"
    if candidate.text == "activity_kpi" and facts.get("n") == 0 and words.language == "en":
        facts["n"] = "none"
    if "quoted" in facts:
        facts["quoted"] = shortened(facts["quoted"], LONGEST_QUOTE[words.language])
    facts["deals"] = noun(words, crm, facts.get("n", 2))
    if "x_before" in facts:
        facts["deal"] = noun(words, crm, 1)
    return facts


def _why(candidate: Candidate) -> str:
    if candidate.facts.get("money", "") is None:
        return "why_no_money"
    return str(candidate.facts.get("why", "why"))


def _plain(why: str) -> str:
    return "plain_why" if why == "why_no_money" else f"plain_{why}"
