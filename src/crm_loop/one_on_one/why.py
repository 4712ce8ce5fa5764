"""Why a topic is there: its rule, its numbers, its records, and what put it first; pure."""

from crm_loop.loop_records import Topic
from crm_loop.statistics.guarded import half_up
from crm_loop.wording import Words

#: So many ids are listed; a figure's records all stand behind `crm-loop explain`.
LISTED = 5
#: What is not shown before somebody has switched everything on.
_CHANCES = ("p", "p_attain", "chance")


def why_lines(topic: Topic, words: Words, *, parts: bool) -> list[str]:
    """A line each; `parts` are the components of the score and chances, for those who asked."""
    lines = [words.say("why.topic", fact=topic.fact)]
    if topic.rule:
        lines.append(words.say("why.rule", rule=topic.rule, said=_rule(topic, words)))
    shown = [name for name in topic.numbers if parts or name not in _CHANCES]
    if shown:
        numbers = ", ".join(f"{_name(one, words)} {_plain(topic.numbers[one])}" for one in shown)
        lines.append(words.say("why.numbers", numbers=numbers))
    if topic.records:
        ids = [f"{one.connection}:{one.object}:{one.id}" for one in topic.records[:LISTED]]
        more = ["…"] if len(topic.records) > LISTED else []
        lines.append(words.say("why.records", records=", ".join([*ids, *more])))
    if parts and topic.components:
        said = ", ".join(
            f"{words.say(f'why.{name}')} {half_up(100 * value)}"
            for name, value in topic.components.items()
        )
        lines.append(words.say("why.parts", parts=said))
    return lines


def _rule(topic: Topic, words: Words) -> str:
    """What the rule says; one that has no name of its own is called by its topic."""
    name, _, about = topic.rule.partition(":")
    said = words.flat.get(f"why_rules.{name}") or words.flat.get(f"why_rules.{about}")
    return said or topic.code


def _name(number: str, words: Words) -> str:
    return words.flat.get(f"why_numbers.{number}", number)


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
