"""Where weeks stand is read whole on a terminal of 80 columns."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from crm_loop.cli.cycle import table
from crm_loop.cli.saying import says
from crm_loop.loop_records import CycleRecord, CycleState, MissingLink

AT = datetime(2026, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_word_is_cut_whatever_is_missing(language: str) -> None:
    words = says(language)
    record = CycleRecord(
        rep="hanako.tanaka@sales.example",
        week="2026-W24",
        state=CycleState.HELD,
        links=dict.fromkeys((CycleState.KPI_CHECKED, CycleState.HELD), AT),
        missing=dict.fromkeys(MissingLink, AT),
    )
    told = io.StringIO()
    Console(file=told, width=80).print(table([record], {}, words))
    text = told.getvalue()
    assert "…" not in text
    assert "● · ● · · ·" in text
    letters = "".join(one for one in text if one.isalnum())
    said = [words.word("cycle", one) for one in CycleState if one is not CycleState.OPENED]
    for one in (*said, *words.headings("links", "missing")):
        assert "".join(letter for letter in one if letter.isalnum()) in letters
