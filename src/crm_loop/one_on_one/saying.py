"""The memo as it goes out: in a tone that is kept, in other words where somebody wants that."""

from collections.abc import Sequence

from crm_loop.loop_records import Agenda
from crm_loop.one_on_one.memo import Sheet, text_of
from crm_loop.one_on_one.phrases import shortened
from crm_loop.one_on_one.rewriting import Rewriter, kept, rewritten
from crm_loop.store import State
from crm_loop.wording.linter import blocked


def said(sheet: Sheet, rewriter: Rewriter | None, customers: Sequence[str]) -> str:
    """The memo of a sheet; `customers` are names in it that no rewriter may change."""
    text = checked(text_of(sheet), sheet)
    if rewriter is None:
        return text
    names = (sheet.rep, sheet.manager, *customers)
    return rewritten(text, sheet.words.language, rewriter, kept=kept(text, sheet, names))


def checked(text: str, sheet: Sheet) -> str:
    """The memo without lines of ours that break the tone; what people typed stays theirs."""
    if not blocked(text, sheet.words.language):
        return text
    typed = [*(one.text for one in sheet.reviewed), *(one.text for one in sheet.promised),
             *(one.text for one in sheet.suggestions), sheet.purpose]  # fmt: skip
    return "\n".join(
        line
        for line in text.splitlines()
        if not blocked(line, sheet.words.language) or any(one and one in line for one in typed)
    )


def customers_in(state: State, agendas: Sequence[Agenda]) -> list[str]:
    """Names that may stand in these memos, as they stand there."""
    topics = (topic for one in agendas for block in one.blocks for topic in block.topics)
    deals = {ref for topic in topics for ref in topic.records if ref.object == "deal"}
    return sorted({shortened(name) for name in state.crm.customers(deals).values()})
