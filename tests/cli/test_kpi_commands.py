"""KPI commands on a small house: what they print to people, in both languages."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crm_loop.bootstrap import build
from crm_loop.loop_records import FrozenValue
from crm_loop.records import Person, Subject
from crm_loop.settings import load_settings
from crm_loop.store.connections import ConnectionRow

HOUSE, CRM, ANNA = "default", "crm", "anna@example.com"
MAY = {"period_start": date(2026, 5, 1), "period_end": date(2026, 5, 31)}
OWN = """[[kpi]]
id = "own"
name.ja = "独自"
name.en = "Own"
object = "deal"
measure = "count"
date_field = "created_on"
owner_field = "person"
direction = "up"
class = "process"
"""
HEAD = "email,kpi,period_start,period_end,target,currency,reason,set_by\n"
JUNE = f"{ANNA},won_count,2026-06-01,2026-06-30,5,,plan,team\n"
JULY = f"{ANNA},won_count,2026-07-01,2026-07-31,6,,,company\n"


@pytest.fixture
def house(terminal: Any) -> Any:
    """Anna, whose manager is known, and Cara, whose manager is not; a May that changed later."""
    people = [("u1", ANNA, "Anna", "u9"), ("u9", "boss@example.com", "Boss", None)]
    people.append(("u2", "cara@example.com", "Cara", None))
    app = build(load_settings())
    app.ensure_organisation(HOUSE)
    with app.begin(HOUSE) as state:
        state.connections.put(ConnectionRow(name=CRM, kind="fake", url=""))
        named = [Person(id=i, email=e, name=n, manager_id=m) for i, e, n, m in people]
        state.crm.remember(CRM, Subject.PEOPLE, named)
        won = FrozenValue(
            person=ANNA, kpi="bookings", frozen_on=date(2026, 6, 5), rebuilt=False, value=900.0,
            numerator=900.0, denominator=None, n=1, value_status="ok",
            amounts={"crm:deal:d1": 900.0}, **MAY,
        )  # fmt: skip
        state.frozen.keep([won])
        key = (ANNA, "bookings", MAY["period_start"], MAY["period_end"])
        state.frozen.restate(date(2026, 6, 13), {key: (-200.0, {"crm:deal:d1": -200.0})})
    app.close()
    return terminal


def said(house: Any, *command: str, language: str = "en") -> str:
    found = house(*command, "--lang", language)
    assert found.code == 0, found.err
    return " ".join(found.out.split())


def test_a_closed_period_is_told_with_what_changed_since_and_who_is_not_measured(
    house: Any,
) -> None:
    command = ("measure", "--period", "2026-05", "--as-of", "2026-06-14")
    text = said(house, *command)
    assert "closed on 2026-06-05 at 900 JPY; the records now say 700 JPY (crm:deal:d1)" in text
    assert "Cara has no known manager and is not measured" in text
    assert "2026-06-05に締めた値は900円、いまの記録では700円です" in said(
        house, *command, language="ja"
    )
    data = house(*command, "--json").data
    (told,) = data["restatements"]
    assert (told["frozen"], told["live"], told["net"]) == (900.0, 700.0, -200.0)
    assert data["without_manager"] == ["cara@example.com"]
    (value,) = [one for one in data["values"] if one["kpi"] == "bookings"]
    assert (value["value"], value["record_ids"]) == (900.0, ["crm:deal:d1"])


def test_an_opened_figure_says_which_days_it_is_of_and_cuts_no_record(house: Any) -> None:
    command = ("explain", "bookings", "--rep", ANNA, "--period", "2026-05", "--as-of", "2026-06-14")
    text = said(house, *command)
    assert "Days that are looked at: 2026-05-01 to 2026-05-31" in text
    assert "As it was closed on 2026-06-05" in text
    assert "crm:deal:d1 900 JPY" in text
    assert "2026-06-05に締めた値です" in said(house, *command, language="ja")
    told = house(*command, "--json").data
    assert (told["frozen_on"], told["rebuilt"]) == ("2026-06-05", False)
    values = house("measure", *command[4:], "--json").data["values"]
    closed = {one["kpi"]: one["frozen_on"] for one in values}
    assert (closed["bookings"], closed["calls"]) == ("2026-06-05", None)


def test_an_own_kpi_is_tried_in_words_before_it_is_switched_on(house: Any) -> None:
    Path("own.toml").write_text(OWN, encoding="utf-8")
    text = said(house, "kpi", "preview", "own.toml", "--as-of", "2026-06-14", language="ja")
    assert "独自：0（0件）" in text
    assert "record_ids" not in text
    (row,) = house("kpi", "preview", "own.toml", "--as-of", "2026-06-14", "--json").data["values"]
    assert (row["kpi"], row["value"], row["records"]) == ("own", 0.0, [])


def test_every_kpi_is_listed_whole_under_the_id_that_is_typed(house: Any) -> None:
    text = said(house, "kpi", "list", language="ja")
    assert "stage_conversion_s3_won 転換率（提案から受注）（過程・割合・多いほどよい）" in text
    assert "…" not in text


def test_days_that_nobody_kept_are_said_to_be_rebuilt(house: Any) -> None:
    command = ("waterfall", "--from", "2026-06-01", "--to", "2026-06-14")
    assert "Rebuilt from the CRM's history: 2026-06-01, 2026-06-14" in said(house, *command)


def test_an_own_kpi_is_switched_on_and_off_and_on_by_its_file(house: Any) -> None:
    Path("own.toml").write_text(OWN, encoding="utf-8")
    assert "own" in said(house, "kpi", "enable", "own.toml")
    assert "Own" in said(house, "kpi", "list")
    said(house, "kpi", "disable", "own.toml")
    assert "Own " not in said(house, "kpi", "list")
    assert house("kpi", "disable", "own.toml").code == 2
    said(house, "kpi", "enable", "own.toml")


def test_targets_of_all_periods_go_out_and_come_in_again_as_they_were(house: Any) -> None:
    Path("targets.csv").write_text(HEAD + JUNE + JULY, encoding="utf-8")
    said(house, "targets", "import", "targets.csv")
    said(house, "targets", "export", "out.csv")
    assert Path("out.csv").read_text("utf-8") == HEAD + JUNE + JULY
    Path("out.csv").write_text(HEAD + JULY.replace(",6,", ",9,"), encoding="utf-8")
    text = said(house, "targets", "diff", "out.csv", "--as-of", "2026-06-14")
    assert "2026-07-01–2026-07-31: 6 → 9" in text
    assert "2026-06-01–2026-06-30: not in the file, stays 5" in text
