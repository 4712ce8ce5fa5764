"""A 1on1 ahead of a rep who has another manager by now: whom it names is the present one."""

from collections.abc import Sequence
from dataclasses import replace

from crm_loop.connector.vocabulary import spoken
from crm_loop.loop_records import Agenda, Block, Member, Prompt
from crm_loop.wording import Words
from crm_loop.wording.names import called


def handed_over(agenda: Agenda, rep: Member, manager: Member) -> Agenda:
    """The same questions, asked about this manager; what an admin wrote stays as it is.

    The manager's blocks fall away where both speak one language, as for any such pair.
    """
    own, theirs = spoken(agenda.language), spoken(manager.language)
    other = agenda.manager_blocks if own.language != theirs.language else ()
    return replace(
        agenda,
        manager=manager.person,
        blocks=_asked(agenda.blocks, own, called(manager, own.language, beside=rep)),
        manager_blocks=_asked(other, theirs, called(manager, theirs.language, beside=rep)),
    )


def _asked(blocks: Sequence[Block], language: Words, manager: str) -> tuple[Block, ...]:
    return tuple(
        replace(one, prompts=tuple(_named(prompt, language, manager) for prompt in one.prompts))
        for one in blocks
    )


def _named(prompt: Prompt, language: Words, manager: str) -> Prompt:
    bank, _, variant = prompt.id.partition(".")
    text = language.texts["questions"].get(bank, {}).get(variant)
    return replace(prompt, text=text.format(manager=manager)) if text else prompt
