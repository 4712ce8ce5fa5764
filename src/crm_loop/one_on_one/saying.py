"""The memo as it goes out: in a tone that is kept, in other words where somebody wants that."""

from collections.abc import Callable, Iterable, Sequence

from crm_loop.loop_records import Agenda, Suggestion
from crm_loop.one_on_one.memo import Sheet, text_of
from crm_loop.one_on_one.phrases import shortened
from crm_loop.one_on_one.quoted import kept_in_tone, typed_in
from crm_loop.one_on_one.rewriting import Rewriter, kept, rewritten
from crm_loop.store import State

#: Names that are looked up where they are needed.
Names = Callable[[], Sequence[str]]


def said(sheet: Sheet, rewriter: Rewriter | None, customers: Names) -> str:
    """The memo of a sheet; `customers` are names in it that no rewriter may change."""
    text = checked(text_of(sheet), sheet, customers)
    if rewriter is None:
        return text
    names = (sheet.rep, sheet.manager, *customers())
    return rewritten(text, sheet.words.language, rewriter, kept=kept(text, sheet, names))


def checked(text: str, sheet: Sheet, customers: Names) -> str:
    """The text without lines of ours that break the tone; what is only quoted breaks none."""

    def quoted() -> list[str]:
        steps = (*sheet.reviewed, *sheet.promised)
        typed = typed_in(steps, sheet.suggestions)
        return [*typed, *customers(), sheet.purpose, sheet.rep, sheet.manager]

    return kept_in_tone(text, sheet.words.language, quoted)


def customers_in(
    state: State, agendas: Sequence[Agenda], suggestions: Iterable[Suggestion] = ()
) -> list[str]:
    """Names that may stand in these memos, whole and as they stand there."""
    blocks = [block for one in agendas for block in one.blocks]
    topics = [topic for block in blocks for topic in block.topics]
    topics += [one.reserve for one in agendas if one.reserve is not None]
    refs = [ref for block in blocks for ref in block.records]
    refs += [ref for topic in topics for ref in topic.records]
    deals = {ref for ref in refs if ref.object == "deal"}
    deals |= {one.deal for one in suggestions if one.deal is not None}
    names = state.crm.customers(deals).values()
    return sorted({form for name in names for form in (name, shortened(name))})
