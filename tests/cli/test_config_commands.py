"""`crm-loop config`: settings as a file, told before they are taken, and entered in the trail."""

from dataclasses import replace
from datetime import date
from typing import Any

from crm_loop.bootstrap import build
from crm_loop.settings import load_settings

DONE, WRONG_USAGE = 0, 2


def a_house() -> None:
    app = build(load_settings())
    app.ensure_organisation("default")
    app.close()


def test_settings_go_out_are_compared_and_come_back(terminal: Any) -> None:
    a_house()
    file = terminal.folder / "house.toml"
    assert terminal("config", "export", str(file)).code == DONE
    text = file.read_text("utf-8")
    same = terminal("config", "diff", str(file), "--json")
    assert same.data == {"changes": [], "statuses": [], "turned_off_track": []}

    wanted = text.replace("closed = []", 'closed = ["2026-12-29..2026-12-31"]').replace(
        "fiscal_year_begins = 4", "fiscal_year_begins = 1"
    )
    file.write_text(wanted, encoding="utf-8")
    told = terminal("config", "diff", str(file), "--json").data["changes"]
    assert [one["what"] for one in told] == ["house.closed", "house.fiscal_year_begins"]
    assert terminal("config", "export", str(terminal.folder / "still.toml")).code == DONE
    assert (terminal.folder / "still.toml").read_text("utf-8") == text

    taken = terminal("config", "apply", str(file), "--lang", "ja")
    assert "house.closed：– → 2026-12-29..2026-12-31" in taken.out
    app = build(load_settings())
    with app.begin("default") as state:
        own = state.connections.organisation()
        entries = [one for one in state.trail.unsealed() if one.what == "settings.changed"]
    app.close()
    days = frozenset(date(2026, 12, day) for day in (29, 30, 31))
    assert own == replace(own, fiscal_start=1, holidays=days)
    assert [one.subject for one in entries] == ["house.closed", "house.fiscal_year_begins"]


def test_a_file_that_is_wrong_changes_nothing(terminal: Any) -> None:
    a_house()
    file = terminal.folder / "house.toml"
    file.write_text("[house]\nprofile = 'starter'\nfiscal_year_begins = 14\n", encoding="utf-8")
    for what in ("diff", "apply"):
        said = terminal("config", what, str(file), "--json", "--lang", "ja")
        assert said.code == WRONG_USAGE
        assert "fiscal_year_begins" in said.json["error"]["happened"]
        assert said.json["error"]["kept"] == "何も変更していません。"


def test_kpis_by_role_go_out_come_back_and_are_checked(terminal: Any) -> None:
    a_house()
    said = terminal("kpi", "choose", "SDR", "calls", "win_rate", "--json")
    assert said.data == {"role": "SDR", "kpis": ["win_rate", "calls"]}
    roles = terminal("kpi", "chosen", "--json").data["roles"]
    assert [(one["role"], one["chosen_by"]) for one in roles] == [
        ("AE", "profile"), ("SDR", "admin"), ("AM", "profile"),
    ]  # fmt: skip
    file = terminal.folder / "house.toml"
    terminal("config", "export", str(file))
    text = file.read_text("utf-8")
    assert 'SDR = ["win_rate", "calls"]' in text
    assert terminal("config", "diff", str(file), "--json").data["changes"] == []

    file.write_text(text.replace('"win_rate", "calls"', '"bookings", "calls"'), encoding="utf-8")
    (change,) = terminal("config", "diff", str(file), "--json").data["changes"]
    assert change == {"what": "kpis.SDR", "old": "win_rate, calls", "new": "bookings, calls"}
    assert terminal("config", "apply", str(file)).code == DONE
    assert "受注金額" in terminal("kpi", "chosen", "--lang", "ja").out

    file.write_text("[kpis]\nAE = ['calls']\n", encoding="utf-8")
    wrong = terminal("config", "apply", str(file), "--lang", "ja")
    assert (wrong.code, "成果とプロセス" in wrong.err) == (WRONG_USAGE, True)
    file.write_text("[kpis]\n", encoding="utf-8")
    assert terminal("config", "apply", str(file)).code == DONE
    assert all(
        o["chosen_by"] == "profile" for o in terminal("kpi", "chosen", "--json").data["roles"]
    )
    assert terminal("kpi", "choose", "Manager").code == WRONG_USAGE


def test_templates_go_through_the_file_and_are_shown(terminal: Any) -> None:
    a_house()
    file = terminal.folder / "house.toml"
    blocks = "blocks = {last_actions = 3, theme = 8, obstacles_support = 2, next_actions = 2}"
    asked = 'questions = {theme = {ja = "いま何が気になりますか", en = "What is on your mind?"}}'
    file.write_text(f"[templates.AE]\nminutes = 15\n{blocks}\n{asked}\n", encoding="utf-8")
    assert terminal("config", "apply", str(file)).code == DONE
    (plan, *others) = terminal("templates", "list", "--json").data["templates"]
    assert (plan["role"], plan["planned_by"], plan["blocks"]["theme"]) == ("AE", "admin", 8)
    assert {one["planned_by"] for one in others} == {"usual"}
    assert "いま何が気になりますか" in terminal("templates", "list", "--lang", "ja").out
    memo = terminal("templates", "preview", "AE", "--lang", "ja").out
    assert "今日のテーマ（8分）" in memo
    assert "いま何が気になりますか" in memo
    assert terminal("templates", "preview", "Manager").code == WRONG_USAGE
    file.write_text("[templates.AE]\nminutes = 15\nblocks = {theme = 15}\n", encoding="utf-8")
    wrong = terminal("config", "apply", str(file), "--lang", "ja")
    assert (wrong.code, "templates.AE：「last_actions」は外せません" in wrong.err) == (
        WRONG_USAGE, True,
    )  # fmt: skip
    file.write_text("[templates]\n", encoding="utf-8")
    assert terminal("config", "apply", str(file)).code == DONE
    rows = terminal("templates", "list", "--json").data["templates"]
    assert {one["planned_by"] for one in rows} == {"usual"}
