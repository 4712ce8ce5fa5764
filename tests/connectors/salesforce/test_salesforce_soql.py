"""Queries hold what was meant and nothing else."""

import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop_salesforce import soql

_QUOTED = re.compile(r"'((?:[^'\\]|\\['\\])*)'")


@given(st.text())
def test_a_text_never_leaves_its_quotes(value: str) -> None:
    quoted = _QUOTED.fullmatch(soql.text(value))
    assert quoted is not None
    assert re.sub(r"\\(.)", r"\1", quoted.group(1)) == value


@pytest.mark.parametrize("name", ["Id FROM User--", "Owner.Manager.Name", "1Id", "Näme", "", "a,b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(name)}$"):
        soql.select([name], "Task")


@pytest.mark.parametrize(
    "value", ["' OR Id != '", "00T5g000001AbC", "00T5g000001AbCdEA", "../../oauth2", "", "x" * 16]
)
def test_what_is_no_id_is_refused(value: str) -> None:
    assert not soql.is_id(value)
    with pytest.raises(ValueError, match=f"^{re.escape(value)}$"):
        soql.record_id(value)


def test_moments_are_written_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert soql.moment(datetime(2026, 6, 15, 1, tzinfo=tokyo)) == "2026-06-14T16:00:00Z"


def test_conditions_that_are_empty_are_left_out() -> None:
    assert soql.both("a = 1", "", "b = 2 OR c = 3") == "(a = 1) AND (b = 2 OR c = 3)"
