"""The guides name what the package really asks for and writes, no more and no less."""

import json
import re
from pathlib import Path

import pytest
from salesforce_project import HOME, Project

DOCS = Path(__file__).parents[2] / "docs"
APP = DOCS.parent / "connectors/hubspot/app/src/app/app-hsmeta.json"
PROJECT = Project(HOME)
LANGUAGES = ("", ".ja")


def guide(crm: str, language: str) -> str:
    return (DOCS / f"install-{crm}{language}.md").read_text("utf-8")


def section(text: str, number: int) -> str:
    """The part below one of the headings."""
    return re.split(r"^## ", text, flags=re.MULTILINE)[number]


def code(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_permission_of_the_integration_user_is_named_with_its_reason(language: str) -> None:
    (file,) = (one for one in PROJECT.of("PermissionSet") if one.name == "CrmLoop_Integration")
    wanted = {one.text("name") for one in file.each("userPermissions")}
    wanted |= {one.text("object") for one in file.each("objectPermissions")}
    assert code(section(guide("salesforce", language), 3)) == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_object_that_is_written_is_named_with_its_readers(language: str) -> None:
    named = code(section(guide("salesforce", language), 4))
    objects = {one for one in named if re.fullmatch(r"\w+__c", one)}
    assert objects == PROJECT.objects.keys()
    assert {one for one in named if one.startswith("Task.")} <= PROJECT.fields.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_scope_of_the_app_is_named_with_its_reason(language: str) -> None:
    scopes = set(json.loads(APP.read_bytes())["config"]["auth"]["requiredScopes"])
    table = [line for line in section(guide("hubspot", language), 4).splitlines()
             if line.startswith("| `")]  # fmt: skip
    assert {scope for line in table for scope in code(line.split("|")[1])} == scopes


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_both_languages_give_the_same_commands(crm: str) -> None:
    plain, japanese = (
        {one for one in re.findall(r"crm-loop [a-z]+ [a-z]+[^`\n。）]*", guide(crm, language))
         if "check" not in one}
        for language in LANGUAGES
    )  # fmt: skip
    assert {" ".join(one.split()[:3]) for one in plain} == {
        " ".join(one.split()[:3]) for one in japanese
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_every_option_in_a_guide_exists(crm: str, language: str) -> None:
    from importlib.metadata import entry_points

    import typer

    (found,) = entry_points(group="crm_loop.commands", name=crm)
    group = typer.main.get_command(found.load())
    known = {option for command in group.commands.values() for one in command.params  # type: ignore[attr-defined]
             for option in one.opts}  # fmt: skip
    used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", guide(crm, language)))
    elsewhere = {"--kind", "--url", "--credentials", "--setting", "--all", "--json", "--tasks"}
    assert used - elsewhere <= known
