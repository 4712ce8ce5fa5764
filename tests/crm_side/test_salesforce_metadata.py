"""Every metadata file of the Salesforce package, and what a deploy would refuse: without an org."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from salesforce_project import HOME, SOURCES, UNITS, Project
from salesforce_rules import RULES, Rule
from salesforce_schema import problems

from crm_loop.connector.marked import BRACKETS, SPELLINGS

PROJECT = Project(HOME)
CORE = "force-app/main/default"


@pytest.mark.parametrize("unit", UNITS)
def test_every_file_is_what_the_metadata_api_takes(unit: str) -> None:
    files = [file for file in PROJECT.files if (HOME / unit) in file.path.parents]
    assert files
    assert [f"{file.path.name}: {told}" for file in files for told in problems(file)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_deploy_would_find_nothing(rule: Rule) -> None:
    assert list(rule(PROJECT)) == []


def test_there_are_thirteen_rules() -> None:
    assert len(RULES) == 13


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in SOURCES:
        source = HOME / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def put(file: str, old: str, new: str) -> Callable[[Path], None]:
    """Replaces one text in one file; it must have been there."""

    def change(home: Path) -> None:
        path = home / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return change


SESSION = f"{CORE}/objects/CrmLoop_Session__c"
ITEM = f"{CORE}/objects/CrmLoop_Agenda_Item__c"
FIGURE = f"{CORE}/objects/CrmLoop_KPI_Snapshot__c"
REP = f"{CORE}/permissionsets/CrmLoop_Rep.permissionset-meta.xml"
CARD = f"{CORE}/lwc/crmLoopCard"
HOME_PAGE = f"{CORE}/flexipages/CrmLoop_Home.flexipage-meta.xml"
APP = f"{CORE}/applications/CrmLoop.app-meta.xml"
JA = "i18n-ja/main/default"

BREACHES = [
    (1, put(REP, ">CrmLoop_Agenda_Item__c.Detail__c<", ">CrmLoop_Agenda_Item__c.Title__c<"),
     "is required"),
    (1, put(REP, ">CrmLoop_Agenda_Item__c.Detail__c<", ">CrmLoop_Agenda_Item__c.Nowhere__c<"),
     "there is no field"),
    (1, put(REP, "<editable>true</editable>\n        <field>CrmLoop_Agenda_Item__c.Detail__c",
            "<editable>true</editable>\n        <field>CrmLoop_KPI_Snapshot__c.Attainment__c"),
     "is computed"),
    (1, put(REP, "<object>CrmLoop_KPI__c", "<object>CrmLoop_Nothing__c"), "there is no object"),
    (2, put(f"{ITEM}/CrmLoop_Agenda_Item__c.object-meta.xml",
            "<sharingModel>ControlledByParent", "<sharingModel>Private"), "does not fit"),
    (2, put(f"{ITEM}/fields/Session__c.field-meta.xml", "<type>MasterDetail",
            "<required>true</required><type>MasterDetail"), "has no required"),
    (3, put(f"{FIGURE}/CrmLoop_KPI_Snapshot__c.object-meta.xml",
            "<startingNumber>1</startingNumber>", ""), "startingNumber"),
    (4, put(f"{SESSION}/CrmLoop_Session__c.object-meta.xml",
            "<label>1on1 Session", "<fullName>X__c</fullName><label>1on1 Session"), "by its place"),
    (4, put(f"{SESSION}/fields/Rep__c.field-meta.xml",
            "<fullName>Rep__c", "<fullName>Reps__c"), "holds Reps__c"),
    (5, put(f"{CORE}/tabs/CrmLoop_KPI__c.tab-meta.xml",
            "<motif>", "<label>KPI</label><motif>"), "label"),
    (6, put(APP, "<actionName>Tab", "<actionName>View"), "stands for the tab"),
    (6, put(APP, "<tabs>CrmLoop_Session__c", "<tabs>CrmLoop_Sessions__c"), "no tab"),
    (6, put(APP, "<content>CrmLoop_Home", "<content>CrmLoop_House"), "no page"),
    (7, put(HOME_PAGE, "<identifier>events", "<identifier>todayTasks"), "2 times"),
    (7, put(HOME_PAGE, "<name>bottomLeft", "<name>bottomRight"), "2 times"),
    (8, put(HOME_PAGE, ">crmLoopCard<", ">crmLoopCart<"), "no component"),
    (8, put(f"{CARD}/crmLoopCard.js-meta.xml", "<target>lightning__HomePage</target>", ""),
     "not made for"),
    (9, put(f"{CARD}/crmLoopCard.js", "label/c.CrmLoop_Due", "label/c.CrmLoop_Deu"), "no label"),
    (9, put(f"{CARD}/queries.js", "Summary__c {", "Summery__c {"), "no Summery__c"),
    (9, put(f"{CARD}/queries.js", "KPI_Label__c: { order", "Rep_Topic__c: { order"),
     "has no Rep_Topic__c"),
    (9, put(f"{CARD}/crmLoopCard.js", "schema/CrmLoop_Session__c", "schema/CrmLoop_Visit__c"),
     "no CrmLoop_Visit__c"),
    (9, put(f"{JA}/translations/ja.translation-meta.xml", "<name>CrmLoop_Due</name>",
            "<name>CrmLoop_Old</name>"), "one of the two languages"),
    (9, put(f"{JA}/objectTranslations/CrmLoop_Session__c-ja/Status__c.fieldTranslation-meta.xml",
            "<masterLabel>Held", "<masterLabel>Done"), "one language only"),
    (10, put(f"{SESSION}/fields/CrmLoop_Key__c.field-meta.xml",
             "<unique>true", "<unique>false"), "not unique"),
    (10, put(f"{SESSION}/fields/CrmLoop_Key__c.field-meta.xml",
             "<length>64", "<length>40"), "shorter"),
    (11, put(f"{SESSION}/listViews/CrmLoop_Planned.listView-meta.xml",
             "<operation>equals", "<operation>lessThan"), "does not fit"),
    (11, put(f"{SESSION}/listViews/CrmLoop_Planned.listView-meta.xml",
             "<value>planned", "<value>Planned"), "never is"),
    (11, put(f"{SESSION}/listViews/CrmLoop_Mine.listView-meta.xml",
             "<label>My 1on1s", "<label>My 1on1s, the ones of this year and the next"), "too long"),
    (11, put(f"{FIGURE}/fields/KPI__c.field-meta.xml",
             "<referenceTo>CrmLoop_KPI__c", "<referenceTo>CrmLoop_K__c"), "not there"),
    (11, put("analytics/main/default/dashboards/CrmLoop/CrmLoop_Team.dashboard-meta.xml",
             "CrmLoop/CrmLoop_Planned_1on1s", "CrmLoop/Gone"), "no report"),
    (12, put(f"{CARD}/crmLoopCard.js-meta.xml", ">67.0<", ">68.0<"), "68.0"),
    (13, put(REP, "<label>1on1 Notes Rep", "<label>client_secret"), "secret"),
    (13, put("auth/main/default/extlClntAppGlobalOauthSets/CrmLoop_glbloauth.ecaGlblOauth-meta.xml",
             "{{certificate}}", "-----BEGIN CERTIFICATE-----"), "of anybody"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "change", "told"), BREACHES)
def test_a_breach_is_told(
    copy: Path, number: int, change: Callable[[Path], None], told: str
) -> None:
    change(copy)
    found = list(RULES[number - 1](Project(copy)))
    assert any(told in one for one in found), found


MISTAKES = [
    put(f"{SESSION}/fields/Rep__c.field-meta.xml", "<type>Lookup", "<type>Lockup"),
    put(f"{SESSION}/fields/Rep__c.field-meta.xml", "<required>false", "<required>no"),
    put(f"{SESSION}/fields/Rep__c.field-meta.xml", "<label>Rep", "<title>x</title><label>Rep"),
    put(f"{SESSION}/fields/Rep__c.field-meta.xml", "<label>Rep", "<label>R</label><label>Rep"),
    put(f"{SESSION}/fields/Summary__c.field-meta.xml", "<length>32768", "<length>long"),
    put(REP, "PermissionSet xmlns=", "PermissionSets xmlns="),
]


@pytest.mark.parametrize("change", MISTAKES)
def test_a_mistake_in_a_file_is_told(copy: Path, change: Callable[[Path], None]) -> None:
    change(copy)
    path = copy / REP
    text = path.read_text("utf-8").replace("</PermissionSet>", "</PermissionSets>")
    if "<PermissionSets " in text:
        path.write_text(text, "utf-8")
    found = [told for file in Project(copy).files for told in problems(file)]
    assert len(found) == 1, found


def test_the_card_looks_for_every_mark_that_the_worker_takes_up() -> None:
    text = (HOME / CARD / "queries.js").read_text("utf-8")
    wanted = {f"%{left}{one}{right}%" for left, right in BRACKETS for one in SPELLINGS}
    assert set(re.findall(r'Subject: \{ like: "(.*?)" \}', text)) == wanted
