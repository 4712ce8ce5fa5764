"""Why a topic is there: its rule, its numbers, its records, and what put it first; pure."""

from crm_loop.loop_records import Topic
from crm_loop.statistics.guarded import half_up
from crm_loop.wording import Words

#: So many ids are listed; a figure's records all stand behind `crm-loop explain`.
LISTED = 5


def why_lines(topic: Topic, words: Words, *, parts: bool) -> list[str]:
    """A line each; `parts` are the components of the score, for those who asked for them."""
    lines = [words.say("why.topic", fact=topic.fact)]
    if topic.rule:
        lines.append(words.say("why.rule", rule=topic.rule))
    if topic.numbers:
        numbers = ", ".join(f"{name} {_plain(value)}" for name, value in topic.numbers.items())
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


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
