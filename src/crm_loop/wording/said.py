"""What errors say, in the reader's language: found by the English sentence itself."""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from crm_loop.errors import CrmLoopError

#: Names in a sentence, as `{file}`; braces around anything else are braces.
_NAMED = re.compile(r"\{(\w+)\}")

#: How a sentence begins that says where in a file something is wrong.
_PLACED = "{file}, line {line}"

#: What is named by one word: what follows may hold anything.
_NARROW = dict.fromkeys(("line", "column"), r"[^\s:,]+")

Pattern = tuple[re.Pattern[str], str]


def said(sentence: str, language: str) -> str:
    """The sentence in that language, names in it kept; itself where no translation is known."""
    if language != "ja" or not sentence:
        return sentence
    plain, patterns = _japanese()
    if sentence in plain:
        return plain[sentence]
    for pattern, text in patterns:
        found = pattern.fullmatch(sentence)
        if found:
            return _filled(text, found.groupdict(), language)
    return sentence


def _filled(text: str, facts: Mapping[str, str], language: str) -> str:
    """What is named may be a sentence of ours again, such as the reason."""
    return _NAMED.sub(lambda name: said(_bare(facts[name.group(1)]), language), text)


def complaint(error: CrmLoopError, language: str) -> str:
    """What happened, what was kept, what to do, as one line."""
    parts = (said(part, language) for part in (error.happened, error.kept, error.do))
    return ("" if language == "ja" else " ").join(filter(None, parts))


#: What is kept as the reason of a job begins with a code, or is nothing else.
_CODED = re.compile(r"(?P<code>[a-z_]+(?:\.[a-z_]+)*): (?P<text>.*)", re.DOTALL)
_CODE = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")


def why(reason: str, language: str) -> str:
    """Why a job waits or was set aside, in words; what a person typed stays as it is."""
    lines = _sentences(reason)
    return ("" if language == "ja" else " ").join(said(line, language) for line in lines)


def _sentences(reason: str) -> list[str]:
    found = _CODED.fullmatch(reason)
    if found is None:
        bare = _CODE.fullmatch(reason) is not None
        return (
            [f"It did not work and will be tried again by itself ({reason})."] if bare else [reason]
        )
    code, text = found["code"], found["text"]
    if code == "bug":
        return [f"This is a mistake of crm_loop itself ({text})."]
    if code == "poison":
        return ["The process that did it ended over it again and again."]
    return text.split("\n") if "." in code else [reason]


def _bare(fact: str) -> str:
    """A quoted name stands without Python's quotes in Japanese."""
    quoted = re.fullmatch(r"'([^']*)'|\"([^\"]*)\"", fact)
    return f"「{quoted.group(1) or quoted.group(2) or ''}」" if quoted else fact


@lru_cache(maxsize=1)
def _japanese() -> tuple[Mapping[str, str], list[Pattern]]:
    """Sentences without names, and the others: a place in a file, then by words of their own."""
    texts = tomllib.loads(files(__package__).joinpath("errors_ja.toml").read_text("utf-8"))
    plain = {english: text for english, text in texts.items() if not _NAMED.search(english)}
    named = sorted(
        set(texts) - set(plain),
        # What is wrong at a place may be a sentence with more words than the place has.
        key=lambda one: (not one.startswith(_PLACED), -len(_NAMED.sub("", one)), one),
    )
    return plain, [(_pattern(english), texts[english]) for english in named]


def _pattern(english: str) -> re.Pattern[str]:
    # Odd places hold the names.
    parts = _NAMED.split(english)
    written = (
        f"(?P<{part}>{_NARROW.get(part, '.*')})" if n % 2 else re.escape(part)
        for n, part in enumerate(parts)
    )
    return re.compile("".join(written), re.DOTALL)
