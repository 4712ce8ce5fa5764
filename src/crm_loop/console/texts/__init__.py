"""Every sentence of the console, as data in two languages."""

from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files

from crm_loop.connector.vocabulary import OTHER, named, spoken
from crm_loop.wording import LANGUAGES, Words, language_of, words_in

#: One of a thing, and several of it.
_ONE, _SEVERAL = 1, 2


def texts(language: str, crm: str = OTHER) -> Words:
    """The texts for a language tag; English for unknown ones. `crm` says whose nouns they have."""
    return _texts(language_of(language), crm)


def crm_of(kinds: Collection[str]) -> str:
    """Whose nouns an organisation reads: its one CRM's, or those that fit several."""
    return named(next(iter(kinds))) if len(kinds) == 1 else OTHER


@lru_cache(maxsize=len(LANGUAGES) * 4)
def _texts(language: str, crm: str) -> Words:
    found = words_in(files(__name__).joinpath(f"{language}.toml").read_text("utf-8"), language)
    nouns = spoken(language)
    named_so = {
        "{crm_deal}": nouns.say(f"nouns.deal.{crm}", n=_ONE),
        "{crm_deals}": nouns.say(f"nouns.deal.{crm}", n=_SEVERAL),
        "{crm_task}": nouns.say(f"nouns.task.{crm}"),
        "{crm_stage}": nouns.say(f"nouns.stage.{crm}"),
    }
    return replace(found, flat={key: _filled(one, named_so) for key, one in found.flat.items()})


def _filled(text: str, nouns: dict[str, str]) -> str:
    for place, noun in nouns.items():
        text = text.replace(place, noun)
    return text
