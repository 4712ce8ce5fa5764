"""A demonstration over an export begins where the export ends, unless somebody says when."""

from datetime import date
from pathlib import Path

import pytest

from crm_loop.errors import WrongUsage
from crm_loop.store.retention import RECORDS
from crm_loop_workers.demo.command import DEFAULT_START, first_monday


@pytest.fixture
def export(tmp_path: Path) -> Path:
    deals = "id,engage_date,close_date,value\n1,2017-10-02,2017-12-31,1054\n2,2017-12-22,,\n"
    (tmp_path / "deals.csv").write_text(deals, "utf-8")
    (tmp_path / "people.csv").write_text("name,boss\n田中,佐藤\n", "cp932")
    return tmp_path


def test_it_begins_on_the_monday_after_the_last_day(export: Path) -> None:
    begins = first_monday(None, export)
    assert (begins, begins.weekday()) == (date(2018, 1, 1), 0)
    # As of the usual start everything of it would be older than records are kept.
    assert DEFAULT_START - date(2017, 12, 31) > RECORDS > begins - date(2017, 10, 2)


def test_whoever_says_when_begins_then_and_without_an_export_there_is_a_usual_day(
    export: Path,
) -> None:
    assert first_monday("2017-12-20", export) == date(2017, 12, 18)
    assert first_monday(None, None) == DEFAULT_START


def test_a_folder_without_any_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="There is no day in the CSV files"):
        first_monday(None, tmp_path)
    with pytest.raises(WrongUsage, match="There is no folder"):
        first_monday(None, tmp_path / "elsewhere")


def test_a_last_day_that_is_a_monday_is_followed_by_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("day\n2018-01-01\n", "utf-8")
    assert first_monday(None, tmp_path) == date(2018, 1, 8)
