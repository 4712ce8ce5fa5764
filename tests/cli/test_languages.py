"""The command line speaks the reader's language, in names and words."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crm_loop.bootstrap import build
from crm_loop.cli.saying import says
from crm_loop.loop_records import CycleState, MissingLink, PairRest, ProgressStatus, WriteState
from crm_loop.records import Subject
from crm_loop.settings import load_settings

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
#: Where everything that a table says comes from the CRM.
COMMANDS = [
    ("agenda", "--week", "2026-W30"),
    ("cycle", "--week", "2026-W30"),
    ("measure",),
    ("writes", "list"),
    ("writes", "preview"),
    ("jobs", "list"),
    ("audit", "list"),
    ("audit", "verify"),
    ("people", "export", "people.csv"),
    ("people", "resume", "nobody@example.com"),
    ("pause", "--all"),
    ("resume", "--all"),
    ("kpi", "list"),
    ("doctor",),
    ("waterfall", "--from", "2026-06-01", "--to", "2026-06-08"),
]
WRONG = [
    ("agenda", "--week", "soon"),
    ("jobs", "show", "nothing"),
    ("pause",),
    ("people", "import", "nowhere.csv"),
    ("explain", "nothing", "--rep", "x"),
]


def keys(texts: Any, at: str = "") -> set[str]:
    if not isinstance(texts, dict) or {"one", "other"} <= texts.keys():
        return {at}
    return {key for name, one in texts.items() for key in keys(one, f"{at}.{name}")}


def test_both_languages_have_the_same_sentences_and_columns() -> None:
    japanese, english = (dict(says(language).texts) for language in ("ja", "en"))
    words = [texts.pop("words") for texts in (japanese, english)]
    assert keys(japanese) == keys(english)
    assert set(words[1]) <= set(words[0])


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_code_in_a_table_has_a_word(language: str) -> None:
    said = says(language)
    steps = [state for state in CycleState if state is not CycleState.OPENED]
    for group, codes in (
        ("cycle", steps),
        ("missing", list(MissingLink)),
        ("status", list(ProgressStatus)),
        ("subject", list(Subject)),
        ("write", list(WriteState)),
    ):
        named = said.texts["words"][group]
        assert {code.value for code in codes} <= set(named), group


@pytest.fixture
def japanese(connected: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CRM_LOOP_LANG", "ja")
    return connected


def test_the_settings_choose_the_language_of_every_command(japanese: Any) -> None:
    for command in COMMANDS:
        said = japanese(*command)
        assert JAPANESE.search(said.out), command
        assert not re.search(r"\bThere |\bNothing |\bNo ", said.out), command


def test_an_option_chooses_the_language_of_errors_too(terminal: Any) -> None:
    for command in WRONG:
        said = terminal(*command, "--lang", "ja")
        assert JAPANESE.search(said.err), command
        assert not JAPANESE.search(terminal(*command, "--lang", "en").err), command
        error = terminal(*command, "--lang", "ja", "--json").json["error"]
        assert JAPANESE.search(error["happened"]), command


def test_a_wrong_setting_is_said_in_the_language_that_was_wanted(
    terminal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_LOOP_LANG", "ja")
    monkeypatch.setenv("CRM_LOOP_WORKER_THREADS", "0")
    assert JAPANESE.search(terminal("cycle").err)


def test_an_empty_week_is_one_helpful_sentence(connected: Any) -> None:
    agenda, cycle = (connected(one, "--week", "2026-W30").out for one in ("agenda", "cycle"))
    assert "at 9:00 on the working day before" in " ".join(agenda.split())
    assert "crm-loop cycle --turn" in " ".join(cycle.split())


def test_tables_show_names_instead_of_addresses_and_codes(connected: Any) -> None:
    connected("cycle", "--turn")
    for command in (("cycle",), ("measure",), ("writes", "list")):
        said = connected(*command, "--lang", "ja")
        assert "@" not in said.out, command
        assert "meetings_held" not in said.out, command
    assert JAPANESE.search(connected("measure", "--lang", "ja").out)


def test_a_rest_that_ends_is_told_with_the_name(connected: Any) -> None:
    connected("pull")
    house = build(load_settings())
    with house.begin("default") as state:
        member = next(one for one in state.people.members() if one.manager)
        state.pairs.rest(
            [PairRest(rep=member.person, manager=str(member.manager), since="2026-W01")]
        )
    house.close()
    said = connected("people", "resume", member.person, "--lang", "ja")
    assert said.out.startswith(f"{member.name}さんのメモを再開します。")
    again = connected("people", "resume", member.person, "--lang", "en")
    assert again.out.startswith(f"The notes of {member.name} are not paused.")


def test_a_crm_that_lives_on_another_day_is_named_by_doctor_and_measure(connected: Any) -> None:
    codes = [one["code"] for one in connected("doctor", "--json").data["findings"]]
    assert codes.count("connection.other_day") == 2
    warnings = connected("measure", "--json").json["warnings"]
    assert len(warnings) == 2
    day = re.search(r"--as-of (\S+)\.", warnings[0])
    assert day is not None
    assert connected("measure", "--as-of", day.group(1), "--json").json["warnings"] == []


def test_a_house_that_lives_on_the_crms_day_says_nothing_of_it(
    connected: Any, crms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file: Path = connected.folder / "clock"
    file.write_text(crms.get("/__clock")["now"], encoding="utf-8")
    monkeypatch.setenv("CRM_LOOP_CLOCK_FILE", str(file))
    codes = [one["code"] for one in connected("doctor", "--json").data["findings"]]
    assert "connection.other_day" not in codes
    assert connected("measure", "--json").json["warnings"] == []


def test_a_starter_sees_where_the_pipeline_stood_and_not_what_moved_it(japanese: Any) -> None:
    asked = ("waterfall", "--from", "2026-06-01", "--to", "2026-06-08")
    assert "新しい案件" not in japanese(*asked).out
    assert set(japanese(*asked, "--json").data["parts"]) > {"pushed"}
    house = build(load_settings())
    with house.begin("default") as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile="standard"))
    house.close()
    assert "新しい案件" in japanese(*asked).out
