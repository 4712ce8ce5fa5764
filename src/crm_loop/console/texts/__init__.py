"""Every sentence of the console, as data in two languages."""

from functools import lru_cache
from importlib.resources import files

from crm_loop.wording import LANGUAGES, Words, language_of, words_in


@lru_cache(maxsize=len(LANGUAGES))
def texts(language: str) -> Words:
    """The texts for a language tag; English for unknown ones."""
    name = language_of(language)
    return words_in(files(__name__).joinpath(f"{name}.toml").read_text("utf-8"), name)
