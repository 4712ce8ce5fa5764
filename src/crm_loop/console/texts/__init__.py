"""Every sentence of the console, as data in two languages."""

import tomllib
from functools import lru_cache
from importlib.resources import files

from crm_loop.wording import LANGUAGES, Words, language_of


@lru_cache(maxsize=len(LANGUAGES))
def texts(language: str) -> Words:
    """The texts for a language tag; English for unknown ones."""
    name = language_of(language)
    text = files(__name__).joinpath(f"{name}.toml").read_text("utf-8")
    return Words(name, tomllib.loads(text))
