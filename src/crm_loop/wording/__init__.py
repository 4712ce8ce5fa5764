"""Every sentence people read in memos and lists, as data in two languages."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from crm_loop.wording.numbers import Kpi, shown

LANGUAGES = ("ja", "en")

_COUNTED = ("{n}", "{x}", "{kpi}")


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language; a key is a dotted path into its file."""

    language: str
    texts: Mapping[str, Any]
    flat: Mapping[str, str] = field(repr=False)

    def say(self, key: str, **facts: Any) -> str:
        """Fill a text in; where it has two forms, the fact `n` chooses between them."""
        text = self.flat.get(key) or self.flat[f"{key}.{'one' if facts.get('n') == 1 else 'other'}"]
        if not facts:
            return text
        said = text.format(**{name: self._shown(fact) for name, fact in facts.items()})
        # English counts are words, and one may begin a whole sentence.
        sentence = text.startswith(_COUNTED) and text.endswith(".")
        return said[:1].upper() + said[1:] if sentence else said

    def _shown(self, fact: Any) -> str:
        if type(fact) is str:
            return fact
        return self.say(f"kpi.{fact.id}") if type(fact) is Kpi else shown(fact, self.language)

    def phrases(self, mark: str) -> Sequence[str]:
        """What people write for a mark, such as that a figure is wrong."""
        return self.flat[f"marks.{mark}"].split("|")

    def bank(self, name: str) -> Mapping[str, str]:
        """The question variants of one bank by their ids."""
        questions: Mapping[str, str] = self.texts["questions"][name]
        return questions


@lru_cache(maxsize=len(LANGUAGES))
def words(language: str) -> Words:
    """The texts for a language tag such as `ja`, `ja_JP` or `en-GB`; English for unknown ones."""
    name = language_of(language)
    return words_in(files(__name__).joinpath(f"{name}.toml").read_text("utf-8"), name)


def words_in(text: str, language: str) -> Words:
    """The texts of a file of one language."""
    texts = tomllib.loads(text)
    return Words(language, texts, dict(_flat(texts)))


def _flat(texts: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in texts.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def language_of(tag: str) -> str:
    return "ja" if tag.lower().startswith("ja") else "en"
