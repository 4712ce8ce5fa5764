"""The command line's own texts, in either language; names and words where codes are kept."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Says:
    """One language's texts; a key is a dotted path into its part of the file."""

    language: str
    texts: Mapping[str, Any]

    def __call__(self, key: str, **facts: object) -> str:
        """Fill a text in; where it has two forms, the fact `n` chooses between them."""
        text: Any = self.texts
        for part in key.split("."):
            text = text[part]
        if isinstance(text, Mapping):
            text = text["one" if facts.get("n") == 1 else "other"]
        return str(text).format(**facts)

    def word(self, group: str, code: object) -> str:
        """What a code is called; the code itself where nobody has named it."""
        known: Mapping[str, str] = self.texts["words"].get(group, {})
        return known.get(str(code), str(code))

    def headings(self, *names: str) -> list[str]:
        """What columns are called."""
        return [self.texts["columns"].get(name, name) for name in names]


@lru_cache(maxsize=2)
def says(language: str) -> Says:
    texts = tomllib.loads(files(__package__).joinpath("texts.toml").read_text("utf-8"))
    return Says(language, texts[language])
