"""`make samples`: memos in both languages for people to read aloud; docs/samples holds them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import memo_world
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from crm_loop.loop_records import Agenda
from crm_loop.one_on_one.boxes import SHORT
from crm_loop.store import State
from crm_loop.store.tables import metadata

FOLDER = Path(__file__).parents[2] / "docs" / "samples"
LANGUAGES = ("ja", "en")
#: One memo a theme; one of them stands in a CRM in which everybody can read a task.
THEMES = ("T01", "T02", "T03", "T04", "T06", "T07", "T09", "T11", "T12", "T13", "T14")
OPEN = "T12"
_REPS, _WEEKS, _SEED = 48, 3, 1


@contextmanager
def store() -> Iterator[memo_world.Begin]:
    """An empty store in memory."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)

    @contextmanager
    def begin(organisation: str) -> Iterator[State]:
        with engine.begin() as connection:
            yield State(connection, organisation)

    yield begin
    engine.dispose()


def samples(language: str) -> dict[str, str]:
    """File name to text: the manager's copy, which holds the rep's, one a theme."""
    with store() as begin:
        world = memo_world.build(
            begin, reps=_REPS, languages=(language,), profile="starter", seed=_SEED
        )
        found: dict[str, Agenda] = {}
        for week in memo_world.weeks(_WEEKS):
            memo_world.find(world, week)
            for one in memo_world.prepared(world, week):
                theme = one.theme
                if theme is None or one.minutes != SHORT:
                    continue
                if (one.connection == "hubspot") == (theme.code == OPEN):
                    found.setdefault(theme.code, one)
    chosen = [found[code] for code in THEMES]
    return {f"{one.theme.code}.{language}.txt": f"{one.subject}\n\n{one.manager_text}\n"
            for one in chosen if one.theme}  # fmt: skip


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for language in LANGUAGES:
        for name, text in samples(language).items():
            (FOLDER / name).write_text(text, "utf-8")
            print(FOLDER.name + "/" + name)  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    sys.exit(main())
