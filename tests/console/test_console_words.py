"""Pages speak of records as the CRM of their readers does, and say what figures are for."""

from pathlib import Path

import pytest
from console_house import House
from opened_console import opened

from crm_loop.console.texts import crm_of, texts
from crm_loop.store.connections import ConnectionRow

LEAD, REP, ADMIN = "lead@acme.example", "rep@acme.example", "admin@acme.example"
NEVER = {
    "ja": "人事評価用に書き出す機能はありません（評価での扱いは会社の決まりによります）。",
    "en": "no export for appraisals; how your company uses targets is its own rule.",
}


def connect(house: House, *kinds: str) -> None:
    with house.app.begin("acme") as state:
        for row in state.connections.all():
            state.connections.remove(row.name)
        for kind in kinds:
            state.connections.put(ConnectionRow(name=kind, kind=kind, url="https://x"))


@pytest.mark.parametrize(
    ("kinds", "stage", "task"),
    [
        (("salesforce",), "フェーズ", "ToDo"),
        (("hubspot",), "ステージ", "タスク"),
        (("salesforce", "hubspot"), "フェーズ", "タスク"),
    ],
)
def test_words_are_those_of_the_connected_crm(
    seeded: Path, tmp_path: Path, kinds: tuple[str, ...], stage: str, task: str
) -> None:
    with opened(seeded, tmp_path / "house") as house:
        connect(house, *kinds)
        browser = house.browser(ADMIN)
        assert f"CRMの{stage}が" in browser.get("/setup/map?lang=ja").text
        assert f"メモも{task}も作りません" in browser.get("/setup/pilot?lang=ja").text


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("crm", ["salesforce", "hubspot", "other"])
def test_no_place_for_a_word_is_left_open(language: str, crm: str) -> None:
    assert [key for key, text in texts(language, crm).flat.items() if "{crm_" in text] == []


def test_several_crms_are_spoken_of_in_words_that_fit_all() -> None:
    assert crm_of(["salesforce"]) == "salesforce"
    assert crm_of([]) == crm_of(["salesforce", "hubspot"]) == crm_of(["unheard-of"]) == "other"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_wherever_figures_stand_it_is_said_what_they_are_for(
    shared_house: House, language: str
) -> None:
    person = shared_house.person(REP)
    browser = shared_house.browser(LEAD)
    pages = ["/team", f"/people/{person}", f"/people/{person}/kpis/bookings",
             "/team/meeting-sheet", "/team/pipeline", f"/people/{person}/pipeline"]  # fmt: skip
    for path in pages:
        answer = browser.get(f"{path}?lang={language}")
        assert answer.status_code in (200, 404)
        assert answer.status_code == 404 or NEVER[language] in answer.text, path
    assert NEVER[language] in browser.get(f"{pages[1]}?lang={language}").text
