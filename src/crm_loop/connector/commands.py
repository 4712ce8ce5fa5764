"""What the commands that connectors bring share: options, texts, the answer, the exit code."""

import json
import logging
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from crm_loop.connector.contract import Account, Ports
from crm_loop.connector.memory import MemoryPorts
from crm_loop.errors import CrmLoopError, NeedsAttention, Refused, Transient, WrongUsage

logger = logging.getLogger(__name__)

#: The house says here what it is set to and how a kept connection is opened; a connector knows
#: neither its settings nor its store.
HOUSE = "crm_loop.house"
DONE, IN_PART = 0, 5
_CODES = ((WrongUsage, 2), (NeedsAttention, 3), (Transient, 4), (Refused, IN_PART))
_BUG = 1


class Language(StrEnum):
    JA = "ja"
    EN = "en"


#: What stands between the words of a list.
_BETWEEN = {Language.JA: "、", Language.EN: ", "}

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object, nothing else.")]
LangOption = Annotated[Language | None, typer.Option("--lang", help="Language of texts.")]
OrganisationOption = Annotated[str, typer.Option(help="Whose connection it is.")]


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence for a person, by its code in the connector's texts.

    Values may be lines themselves, or lists of lines: words that differ from language to language.
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


def line(code: str, **values: Any) -> Line:
    return Line(code, values)


@dataclass(frozen=True, slots=True)
class Report:
    """What a command found. `in_part`: something did not go, or is not as it should be."""

    lines: Sequence[Line]
    data: Mapping[str, Any]
    in_part: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One call: its name, the package that holds `texts.toml`, and the shared options."""

    name: str
    package: str
    as_json: bool
    lang: Language | None

    def sentence(self, one: Line) -> str:
        texts = tomllib.loads((files(self.package) / "texts.toml").read_text("utf-8"))
        lang = self.lang or Language(_house().language())
        return _said(texts[lang.value], one, _BETWEEN[lang])

    def finish(self, work: Callable[[], Report]) -> None:
        """Run the work, print its answer or its error, and end with the code that says which."""
        try:
            found = work()
        except CrmLoopError as error:
            raise self._ended(error) from None
        except OSError as error:
            raise self._ended(_of_a_file(error)) from None
        except Exception as error:
            logger.debug("unforeseen", exc_info=error)
            raise self._ended(_bug(error)) from None
        sentences = [self.sentence(one) for one in found.lines]
        if self.as_json:
            data = {**found.data, "findings": _findings(found.lines, sentences)}
            told: dict[str, Any] = {"ok": True, "as_of": None, "data": data, "warnings": []}
            _print({"schema": 1, "command": self.name, **told})
        else:
            for sentence in sentences:
                typer.echo(sentence)
        raise typer.Exit(IN_PART if found.in_part else DONE)

    def _ended(self, error: CrmLoopError) -> typer.Exit:
        self._complain(error)
        return typer.Exit(_code(error))

    def _complain(self, error: CrmLoopError) -> None:
        house, lang = _house(), self.lang.value if self.lang else None
        if not self.as_json:
            typer.echo(house.complaint(error, lang), err=True)
            return
        kind = next((cls.__name__ for cls, _ in _CODES[1:] if isinstance(error, cls)), "Bug")
        told_parts = {"happened": error.happened, "kept": error.kept, "do": error.do}
        parts = {name: house.said(text, lang) for name, text in told_parts.items()}
        told = {"ok": False, "error": {"kind": kind, "code": error.code, **parts}}
        _print({"schema": 1, "command": self.name, **told})


def kept(
    organisation: str, connection: str, kind: str
) -> AbstractContextManager[tuple[Account, Ports]]:
    """A connection that the house keeps, opened as long as the block lasts."""
    return _house().opened(organisation, connection, kind)


def passing(kind: str, url: str, credentials: Path) -> tuple[Account, Ports]:
    """An account for this one command: its credentials are read, used and never kept."""
    try:
        given = json.loads(credentials.read_text("utf-8"))
    except (OSError, ValueError):
        given = None
    if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
        raise WrongUsage(
            f"{credentials} is no JSON object of texts.",
            code="usage.credentials",
            kept="Nothing was done.",
            do='Write it as {"access_token": "…"}.',
        )
    account = Account(
        organisation="",
        connection=kind,
        url=url,
        settings={"allow_loopback": _house().allows_loopback()},
        credentials=given,
    )
    return account, MemoryPorts().ports


class _House(Protocol):
    """What `crm_loop.house` names."""

    def language(self) -> str: ...

    def complaint(self, error: CrmLoopError, language: str | None) -> str: ...

    def said(self, text: str, language: str | None) -> str: ...

    def allows_loopback(self) -> bool: ...

    def opened(
        self, organisation: str, connection: str, kind: str
    ) -> AbstractContextManager[tuple[Account, Ports]]: ...


def _of_a_file(error: OSError) -> CrmLoopError:
    """A file that a person named and that cannot be had; anything else is a mistake of ours."""
    if error.filename is None:
        return _bug(error)
    return WrongUsage(
        f"The file {error.filename} cannot be read or written: {error.strerror}.",
        code="usage.file",
        kept="What was finished before it is kept.",
        do="Name another file.",
    )


def _bug(error: Exception) -> CrmLoopError:
    return CrmLoopError(
        f"This is a mistake of crm_loop itself ({type(error).__name__}).",
        code="bug",
        kept="What was finished before it is kept.",
        do="Run it again with CRM_LOOP_LOG_LEVEL=DEBUG and report what it prints.",
    )


def _house() -> _House:
    (found,) = entry_points(group=HOUSE)
    house: _House = found.load()
    return house


def _said(texts: Mapping[str, str], one: Line, between: str) -> str:
    def word(value: Any) -> Any:
        if isinstance(value, Line):
            return _said(texts, value, between)
        return between.join(map(word, value)) if isinstance(value, list) else value

    return texts[one.code].format(**{name: word(value) for name, value in one.values.items()})


def _findings(lines: Sequence[Line], sentences: Sequence[str]) -> list[dict[str, Any]]:
    told = zip(lines, sentences, strict=True)
    return [{"code": one.code, "text": text, **_plain(one.values)} for one, text in told]


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    def code(value: Any) -> Any:
        if isinstance(value, Line):
            return value.code
        return list(map(code, value)) if isinstance(value, list) else value

    return {name: code(value) for name, value in values.items()}


def _code(error: CrmLoopError) -> int:
    return next((code for cls, code in _CODES if isinstance(error, cls)), _BUG)


def _print(value: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
