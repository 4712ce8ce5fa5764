"""Our sentences with the words of the CRMs whose connectors are installed."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from crm_loop.connector.discovery import profiles
from crm_loop.connector.profile import Profile
from crm_loop.wording import Words, language_of, words

#: What is said of CRMs that bring no words of their own, and to people of several.
OTHER = "other"


def spoken(language: str) -> Words:
    """The texts for a language tag, in which every installed CRM is called as it calls itself."""
    return _spoken(language_of(language))


@lru_cache(maxsize=8)
def _spoken(language: str) -> Words:
    return with_profiles(words(language), profiles())


def named(kind: str) -> str:
    """The CRM whose words are used for accounts of this kind."""
    return kind if kind in profiles() else OTHER


def with_profiles(words: Words, known: Mapping[str, Profile]) -> Words:
    """The texts, and the names and nouns of these CRMs among them."""
    flat = dict(words.flat)
    for kind, profile in known.items():
        nouns = profile.nouns[words.language]
        flat |= {
            f"crm.{kind}": profile.name,
            f"nouns.deal.{kind}.one": nouns.deal,
            f"nouns.deal.{kind}.other": nouns.deals or nouns.deal,
            f"nouns.task.{kind}": nouns.task,
            f"nouns.stage.{kind}": nouns.stage or words.say(f"nouns.stage.{OTHER}"),
        }
    return replace(words, flat=flat)
