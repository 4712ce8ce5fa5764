"""What documents say of commands, settings, tables and times is so."""

import re
from datetime import timedelta
from fnmatch import fnmatch
from pathlib import Path

import pytest
from click import Context, Group
from typer.main import get_command

from crm_loop.access import sign_in
from crm_loop.cli.mount import app as commands
from crm_loop.settings import Settings
from crm_loop.store.retention import RECORDS, RULES, TALKS, WORK
from crm_loop.store.tables import metadata

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *DOCS.parent.glob("README*.md")])
#: Read by the shell, by compose or by tests, not by crm_loop.
ELSEWHERE = {
    "CRM_LOOP_VERSION", "CRM_LOOP_CONNECTORS", "CRM_LOOP_KEY_FILE", "CRM_LOOP_SHARED",
    "CRM_LOOP_HISTORIES",
}  # fmt: skip
MONTHS = {RECORDS: 25, TALKS: 13}


def command_exists(words: list[str]) -> bool:
    found, context = get_command(commands), None
    for word in words:
        if not isinstance(found, Group):
            return True
        context = Context(found, parent=context)
        try:
            _, command, _ = found.resolve_command(context, [word])
        except Exception:  # noqa: BLE001 - there is no such command
            return False
        if command is None:
            return False
        found = command
    return True


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_document_gives_exists(page: Path) -> None:
    """In code, so that sentences may speak of crm-loop as well."""
    text = page.read_text("utf-8")
    code = re.findall(r"`([^`\n]+)`", text) + re.findall(r"^ {4}(.+)$", text, re.MULTILINE)
    for line in code:
        for said in re.findall(r"(?:^|[/\s])crm-loop ((?:[a-z][a-z-]*\b ?){1,2})", line):
            words = said.split()
            assert command_exists(words[:1]), said
            group = get_command(commands).resolve_command(Context(get_command(commands)), words)[1]
            if isinstance(group, Group) and len(words) > 1:
                assert command_exists(words), said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_that_a_document_names_exists(page: Path) -> None:
    known = {f"CRM_LOOP_{name.upper()}" for name in Settings.model_fields} | ELSEWHERE
    assert set(re.findall(r"CRM_LOOP_[A-Z_]+", page.read_text("utf-8"))) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_that_a_document_points_to_is_there(page: Path) -> None:
    for target in re.findall(
        r"\]\(([^)#:\s]+?\.(?:md|yaml|json))(?:#[^)]*)?\)", page.read_text("utf-8")
    ):
        assert (page.parent / target).exists(), target


def rows(language: str) -> list[tuple[list[str], str]]:
    """Patterns of tables and the words for how long, of each row of the data map."""
    text = (DOCS / f"privacy{language}.md").read_text("utf-8").split("\n## ")[1]
    lines = [line.split("|") for line in text.splitlines() if line.startswith("| ")]
    found = [(re.findall(r"`([^`]+)`", line[4]), line[5]) for line in lines if len(line) > 5]
    return [(names, kept) for names, kept in found if names]


@pytest.mark.parametrize("language", ["", ".ja"])
def test_the_data_map_names_every_table_once(language: str) -> None:
    patterns = [name for names, _ in rows(language) for name in names]
    for table in metadata.tables:
        matching = [one for one in patterns if fnmatch(table, one)]
        exact = [one for one in matching if one == table]
        assert len(exact or matching) == 1, (table, matching)
    for pattern in patterns:
        assert any(fnmatch(table, pattern) for table in metadata.tables), pattern


@pytest.mark.parametrize(("language", "months", "days"), [("", "{} months", "{} days"),
                                                          (".ja", "{}か月", "{}日")])  # fmt: skip
def test_the_data_map_gives_the_times_of_the_nightly_rule(
    language: str, months: str, days: str
) -> None:
    for names, kept in rows(language):
        for table, rule in RULES.items():
            if any(fnmatch(table, one) for one in names):
                said = days.format(rule.keep.days) if rule.keep == WORK else ""
                said = said or months.format(MONTHS[rule.keep])
                assert said in kept, (table, said)


def test_the_white_paper_gives_the_figures_of_the_door() -> None:
    text = (DOCS / "security.md").read_text("utf-8")
    japanese = (DOCS / "security.ja.md").read_text("utf-8").replace("\n", "")
    assert timedelta(minutes=30) == sign_in.IDLE
    assert timedelta(hours=12) == sign_in.LONGEST
    assert (sign_in.MOST_OF_ACCOUNT, sign_in.MOST_OF_ADDRESS) == (5, 30)
    assert "30 idle minutes or 12 hours" in text
    assert "five failures of an account or thirty of an address" in text
    assert "操作がないまま30分、または12時間でサインアウト" in japanese
    assert "同じアカウントで5回、同じアドレスから30回失敗すると" in japanese


def test_the_white_paper_names_the_same_settings_and_has_as_many_rows_in_both_languages() -> None:
    papers = [(DOCS / name).read_text("utf-8") for name in ("security.md", "security.ja.md")]
    english, japanese = (sorted(set(re.findall(r"CRM_LOOP_\w+", text))) for text in papers)
    assert english == japanese
    rows = [[line for line in text.splitlines() if line.startswith("|")] for text in papers]
    assert len(rows[0]) == len(rows[1])


@pytest.mark.parametrize("page", ["incidents.md", "incidents.ja.md"])
def test_the_runbook_gives_the_deadlines_of_both_laws(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    for number in ("3", "5", "30", "60", "72", "1,000"):
        assert re.search(rf"(?<![\d,]){number}(?![\d,])", text), number


def test_the_handbook_says_in_japanese_too_what_every_alert_asks_of_whom_it_wakes() -> None:
    rules = (DOCS.parent / "deploy/monitoring/rules.yaml").read_text("utf-8")
    alerts = re.findall(r"alert: (\w+)\n(?:.*\n)*?.*severity: (\w+)", rules)
    when = {"page": "すぐ", "ticket": "当日"}
    page = (DOCS / "operations.ja.md").read_text("utf-8")
    told = re.findall(r"^\| (CrmLoop\w+) \| (\S+) \|", page, re.MULTILINE)
    assert sorted(told) == sorted((name, when[severity]) for name, severity in alerts)
