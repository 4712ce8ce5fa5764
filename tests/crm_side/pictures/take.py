"""Pictures of both cards with a sandbox's records, in both languages, into var/screenshots.

Each page is also looked through by axe, for those who use a keyboard or a screen reader; a finding
ends the run with code 1.

usage: python take.py   (`make pictures` builds the bundles first)
"""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from xml.etree import ElementTree as ET

import requests

from crm_loop.connector.contract import Account, Change, Op, TaskFields
from crm_loop.connector.memory import MemoryPorts
from crm_loop.connector.publishing import Figure, Sheet
from crm_loop_hubspot.connector import HubSpotConnector
from crm_loop_salesforce.connector import SalesforceConnector

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PACKAGE = ROOT / "connectors/salesforce"
SHOTS = ROOT / "var/screenshots"
SPACE = "{http://soap.sforce.com/2006/04/metadata}"
FIELDS = ("Rep_Topic__c", "Wanted_Response__c", "Next_Step__c", "Next_Step_Due__c",
          "Support_Asked__c")  # fmt: skip
LOCALES = {"ja": "ja_JP", "en": "en_US"}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    browser = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if browser is None:
        sys.exit("Chromium is missing; on Debian and Ubuntu: apt-get install chromium "
                 "fonts-noto-cjk")  # fmt: skip
    SHOTS.mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    for lang in LOCALES:
        with served(lang) as url:
            for name, page, size in [*salesforce(url, lang), *hubspot(url, lang)]:
                shoot(browser, f"{name}-{lang}", page, size)
                # What stands in whose way is the same in both languages.
                blocked = hindrances(browser, name, page) if lang == "ja" else []
                found += [f"{name}: {one}" for one in blocked]
    if found:
        sys.exit("\n".join(found))


@contextmanager
def served(lang: str) -> Iterator[str]:
    """A sandbox with the whole package."""
    command = [sys.executable, "-m", "crm_loop_sandbox.cli", "serve", "--port", "0", "--reps", "4",
               "--weeks", "4", "--rate-limits", "off", "--package", "full", "--package-dir",
               str(PACKAGE / "force-app"), "--locale", LOCALES[lang],
               "--faces", "both"]  # fmt: skip
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        yield str(json.loads(child.stdout.readline())["url"])
    finally:
        child.terminate()
        child.wait(10)


def told(lang: str) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((HERE / "memos.toml").read_text("utf-8"))[lang]
    return found


def access(url: str, kind: str) -> dict[str, Any]:
    with urlopen(f"{url}/__access") as answer:
        found: dict[str, Any] = json.loads(answer.read())[kind]
    return found


# --- Salesforce ----------------------------------------------------------------------------------


def salesforce(url: str, lang: str) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """The rep's home, a 1on1's page for its manager, and what is seen without data."""
    answers = org(url, lang)
    home: dict[str, Any] = {}
    on_page = {"recordId": "a00000000000001AAA", "objectApiName": "CrmLoop_Session__c"}
    empty = {name: {"data": {"uiapi": {"query": {}}}} for name in answers}
    failed = {name: {"errors": [{"message": "no"}]} for name in answers}
    for name, card, given, height in (
        ("salesforce-home", home, answers, 1180),
        ("salesforce-1on1-page", on_page, answers, 1180),
        ("salesforce-empty", home, empty, 260),
        ("salesforce-error", home, failed, 170),
    ):
        yield name, salesforce_page(lang, card, given), (560, height)


def org(url: str, lang: str) -> dict[str, Any]:
    """What the org answers to the card's queries, once the worker has written."""
    given = access(url, "salesforce")
    signed = {name: given["jwt"][name] for name in ("client_id", "username", "private_key")}
    account = Account(organisation="o", connection="c", url=given["login_url"],
                      settings={"allow_loopback": True}, credentials=signed)  # fmt: skip
    connector = SalesforceConnector(account, MemoryPorts().ports)
    ask = _Soql(url, given)
    rep = ask("SELECT Id, Name, LastName, ManagerId, Manager.LastName FROM User WHERE "
              "Title = 'AE' AND ManagerId != null ORDER BY Name LIMIT 1")[0]  # fmt: skip
    deals = [row["Name"] for row in ask("SELECT Name FROM Opportunity LIMIT 2")]
    words = told(lang)
    names = {"rep": rep["LastName"], "manager": rep["Manager"]["LastName"],
             "deals": "、".join(deals) if lang == "ja" else " and ".join(deals)}  # fmt: skip
    connector.publish_sheets([
        Sheet(key=_key("a", 1), name="1on1", rep_id=rep["Id"], manager_id=rep["ManagerId"],
              starts_at=datetime(2026, 6, 16, 1, tzinfo=UTC),
              summary=words["memo"].strip().format(**names))
    ])  # fmt: skip
    connector.publish_figures([
        Figure(key=_key("k", place), rep_id=rep["Id"], kpi=_key("k", 100 + place), label=label,
               unit=unit, higher_is_better=way == "up", as_of=date(2026, 6, 15),
               period_start=date(2026, 6, 1), period_end=date(2026, 6, 30),
               actual=Decimal(actual), target=Decimal(target))
        for place, (label, unit, way, actual, target) in enumerate(words["figures"])
    ])  # fmt: skip
    connector.apply(_steps(rep["Id"], words["steps"]))
    return {
        "crmLoopNextSession": _found(ask, "CrmLoop_Session__c", "Id, Rep__c, Scheduled_At__c, "
                                     "Summary__c"),
        "crmLoopThisSession": _found(ask, "CrmLoop_Session__c", "Id, Rep__c, Rep__r.Name, "
                                     "Rep__r.LastName, Scheduled_At__c, Summary__c"),
        "crmLoopFigures": _found(ask, "CrmLoop_KPI_Snapshot__c", "Id, KPI_Label__c, Actual__c, "
                                 "Target__c, As_Of__c, KPI__r.Unit__c, KPI__r.Direction__c"),
        "crmLoopActions": _found(ask, "Task", "Id, Subject, ActivityDate",
                                 "WHERE CrmLoop_Key__c != null"),
    }  # fmt: skip


class _Soql:
    """Queries as the integration user."""

    def __init__(self, url: str, given: dict[str, Any]) -> None:
        form = {"grant_type": "client_credentials", "client_id": given["client_id"],
                "client_secret": given["client_secret"]}  # fmt: skip
        answer = requests.post(f"{url}/services/oauth2/token", data=form, timeout=20)
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        self.url = f"{url}/services/data/v67.0/query"

    def __call__(self, query: str) -> list[dict[str, Any]]:
        answer = requests.get(self.url, params={"q": query}, headers=self.headers, timeout=20)
        rows: list[dict[str, Any]] = answer.json()["records"]
        return rows


def _found(ask: _Soql, table: str, fields: str, where: str = "") -> dict[str, Any]:
    """Rows in the shape of the platform's GraphQL."""
    rows = ask(f"SELECT {fields} FROM {table} {where}")  # noqa: S608 - named right here
    edges = [{"node": _node(row)} for row in rows]
    return {"data": {"uiapi": {"query": {table: {"edges": edges}}}}}


def _node(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if name == "Id" else _node(value) if isinstance(value, dict)
        else {"value": value}
        for name, value in row.items() if name != "attributes"
    }  # fmt: skip


def salesforce_page(lang: str, card: dict[str, Any], answers: dict[str, Any]) -> str:
    i18n = {
        "locale": "ja-JP" if lang == "ja" else "en-US", "lang": lang, "dir": "ltr",
        "currency": "JPY" if lang == "ja" else "USD",
        "timeZone": "Asia/Tokyo", "dateTime.shortDateFormat": "yyyy/MM/dd",
        "number.currencyFormat": "¤#,##0.00", "number.numberFormat": "#,##0.###",
        "number.decimalSeparator": ".", "number.groupingSeparator": ",",
    }  # fmt: skip
    topic = {"ja": ("A社への提案の進め方", "think_along"), "en": ("How to go on with A", "advice")}
    record = dict(zip(FIELDS, topic[lang], strict=False))
    facts = {"__LABELS__": labels(lang), "__I18N__": i18n, "__FIELDS__": fields(lang),
             "__RECORD__": record, "__ANSWERS__": answers, "__CARD__": card}  # fmt: skip
    slds = "node_modules/@salesforce-ux/design-system/assets/styles"
    style = f"{HERE / slds}/salesforce-lightning-design-system.min.css"
    head = f'<link rel="stylesheet" href="file://{style}">'
    css = (
        'html,body{background:#f3f3f3}body{padding:16px;font-family:"Noto Sans CJK JP",sans-serif}'
    )
    return _page(lang, head, css, facts, "salesforce.js")


def labels(lang: str) -> dict[str, str]:
    if lang == "en":
        file, one, name, value = (
            PACKAGE / "force-app/main/default/labels/CustomLabels.labels-meta.xml",
            "labels", "fullName", "value",
        )  # fmt: skip
    else:
        file, one, name, value = (
            PACKAGE / "i18n-ja/main/default/translations/ja.translation-meta.xml",
            "customLabels", "name", "label",
        )  # fmt: skip
    root = ET.parse(file).getroot()
    return {_text(each, name): _text(each, value) for each in root.iterfind(SPACE + one)}


def fields(lang: str) -> dict[str, Any]:
    home = PACKAGE / "force-app/main/default/objects/CrmLoop_Session__c/fields"
    ja = PACKAGE / "i18n-ja/main/default/objectTranslations/CrmLoop_Session__c-ja"
    found = {}
    for name in FIELDS:
        root = ET.parse(home / f"{name}.field-meta.xml").getroot()
        other = ET.parse(ja / f"{name}.fieldTranslation-meta.xml").getroot()
        words = {_text(one, "masterLabel"): _text(one, "translation")
                 for one in other.iterfind(f"{SPACE}picklistValues")}  # fmt: skip
        options = [
            {"value": _text(one, "fullName"),
             "label": words[_text(one, "label")] if lang == "ja" else _text(one, "label")}
            for one in root.iter(f"{SPACE}value")
        ]  # fmt: skip
        found[name] = {
            "label": _text(other if lang == "ja" else root, "label"),
            "help": _text(other, "help") if lang == "ja" else _text(root, "inlineHelpText"),
            "type": "date" if _text(root, "type") == "Date" else "text",
            "options": options,
        }
    return found


def _text(element: ET.Element, name: str) -> str:
    return (element.findtext(SPACE + name) or "").strip()


# --- HubSpot -------------------------------------------------------------------------------------


def hubspot(url: str, lang: str) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """The rep's page, the manager's page, the card on a deal, and what is seen without data."""
    rep, manager, zone, rows = portal(url, lang)
    card = [{"toObjectId": row["objectId"], "properties": row["properties"]} for row in rows]
    context = {"portal": {"id": 1, "timezone": zone}}

    def seen(user: int, **more: Any) -> dict[str, Any]:
        facts = {"__CONTEXT__": {**context, "user": {"id": user, "language": lang}},
                 "__SHOW__": "page", "__SEARCH__": {"results": rows}}  # fmt: skip
        return facts | more

    nothing = {"__SEARCH__": {}, "__ASSOCIATIONS__": {}}
    failed = {"__SEARCH__": {"error": {}}, "__ASSOCIATIONS__": {"error": {}}}
    for name, facts, size in (
        ("hubspot-page", seen(rep), (620, 760)),
        ("hubspot-manager-page", seen(manager), (620, 260)),
        ("hubspot-deal-card",
         seen(rep, __SHOW__="card", __ASSOCIATIONS__={"results": card}), (340, 180)),
        ("hubspot-deal-card-empty", seen(manager, __SHOW__="card", **nothing), (340, 180)),
        ("hubspot-error", seen(rep, **failed), (620, 200)),
    ):  # fmt: skip
        yield name, hubspot_page(lang, facts), size


def portal(url: str, lang: str) -> tuple[int, int, str, list[dict[str, Any]]]:
    """The user ids of rep and manager, the time zone, and our tasks as a search gives them."""
    given = access(url, "hubspot")
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    account = Account(organisation="o", connection="c", url=given["base_url"],
                      settings={"allow_loopback": True, "tasks_private": True},
                      credentials={"access_token": given["access_token"]})  # fmt: skip
    connector = HubSpotConnector(account, MemoryPorts().ports)
    connector.provision()
    owners = requests.get(f"{url}/crm/owners/2026-03", headers=headers, timeout=20).json()
    rep, manager = owners["results"][:2]
    words = told(lang)
    names = {"rep": rep["lastName"], "manager": manager["lastName"], "deals": "A, B"}
    due = date(2026, 6, 16)
    memo = TaskFields(owner_id=rep["id"], subject=words["subject"].format(**names),
                      body=words["memo"].strip().format(**names), due=due)  # fmt: skip
    week = TaskFields(owner_id=manager["id"], subject=words["week"],
                      body=words["week_text"].format(**names), due=due)  # fmt: skip
    first, *_ = connector.apply([
        Change(key=_key("a", 1), op=Op.CREATE, fields=memo),
        Change(key=_key("a", 2), op=Op.CREATE, fields=week),
        *_steps(rep["id"], words["steps"]),
    ])  # fmt: skip
    connector.note_figures({str(first.crm_id): [
        Figure(key=_key("k", place), rep_id=rep["id"], kpi=_key("k", place), label=label,
               unit={"currency": "money"}.get(unit, unit), higher_is_better=way == "up",
               as_of=date(2026, 6, 15), period_start=date(2026, 6, 1),
               period_end=date(2026, 6, 30), actual=Decimal(actual), target=Decimal(target),
               currency="JPY" if lang == "ja" else "USD")
        for place, (label, unit, way, actual, target) in enumerate(words["figures"])
    ]})  # fmt: skip
    names_ = ["hs_task_subject", "hs_task_body", "hs_task_status", "hs_timestamp",
              "hubspot_owner_id", "crm_loop_key", "crm_loop_payload"]  # fmt: skip
    body = {"limit": 100, "properties": names_,
            "filterGroups": [{"filters": [
                {"propertyName": "crm_loop_key", "operator": "HAS_PROPERTY"}]}]}  # fmt: skip
    found = requests.post(f"{url}/crm/objects/2026-03/tasks/search", json=body, headers=headers,
                          timeout=20).json()  # fmt: skip
    users = {one["id"]: str(one["userId"]) for one in owners["results"]}
    rows = []
    for row in found["results"]:
        properties = row["properties"]
        owner = users.get(properties["hubspot_owner_id"])
        rows.append({"objectId": int(row["id"]),
                     "properties": {**properties, "hs_user_ids_of_all_owners": owner}})  # fmt: skip
    details = requests.get(f"{url}/account-info/2026-03/details", headers=headers, timeout=20)
    zone = details.json()["timeZone"]
    return int(users[rep["id"]]), int(users[manager["id"]]), zone, rows


def hubspot_page(lang: str, facts: dict[str, Any]) -> str:
    css = """body{background:#fff;margin:0;padding:16px;color:#33475b;font-size:14px;
      line-height:1.6;font-family:"Lexend Deca","Noto Sans CJK JP",Helvetica,sans-serif}
      h2{font-size:18px;margin:0} p{margin:0} a{color:#00707f;font-weight:600}
      span{white-space:pre-wrap} .microcopy{font-size:12px;color:#516f90}
      .bar{background:#eaf0f6;border-radius:3px;height:8px;margin-top:4px}
      .bar div{background:#00a4bd;border-radius:3px;height:8px}
      hr{border:0;border-top:1px solid #cbd6e2;width:100%}
      .empty{text-align:center;padding:16px} .alert{background:#fdedee;border:1px solid #fac7cd;
      padding:12px}"""
    return _page(lang, "", css, facts, "hubspot.js")


# --- both ----------------------------------------------------------------------------------------


def _key(kind: str, number: int) -> str:
    return f"cl1{kind}{number:040x}"


def _steps(owner: str, subjects: list[str]) -> list[Change]:
    return [
        Change(key=_key("t", place), op=Op.CREATE,
               fields=TaskFields(owner_id=owner, subject=subject, body="",
                                 due=date(2026, 6, 19 + 3 * place)))
        for place, subject in enumerate(subjects)
    ]  # fmt: skip


def _page(lang: str, head: str, css: str, facts: dict[str, Any], script: str) -> str:
    told_ = "".join(f"window.{name}={json.dumps(value)};" for name, value in facts.items())
    safe = told_.replace("</", "<\\/")
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">{head}'
        f"<style>{css}</style></head><body><main></main><script>{safe}</script>"
        f'<script src="file://{HERE / "dist" / script}"></script></body></html>'
    )


def shoot(browser: str, name: str, page: str, size: tuple[int, int]) -> None:
    place = HERE / "dist" / f"{name}.html"
    place.write_text(page, "utf-8")
    picture = SHOTS / f"{name}.png"
    picture.unlink(missing_ok=True)
    width, height = size
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
               "--allow-file-access-from-files", f"--screenshot={picture}",
               f"--window-size={width},{height}", "--virtual-time-budget=4000",
               f"file://{place}"]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    if not picture.exists():
        sys.exit(f"Chromium drew no {picture.name}.")
    sys.stdout.write(f"{picture.relative_to(ROOT)}\n")


def hindrances(browser: str, name: str, page: str) -> list[str]:
    """What would keep somebody out who does not see the page or has no mouse."""
    place = HERE / "dist" / f"{name}.axe.html"
    axe = HERE / "node_modules/axe-core/axe.min.js"
    # A card is part of a page that has landmarks and a first heading of its own.
    ask = """<script>setTimeout(() => axe.run({rules: {region: {enabled: false},
      "page-has-heading-one": {enabled: false}, "document-title": {enabled: false}}}).then(
      (found) => { document.body.dataset.axe = JSON.stringify(found.violations.map((one) =>
      one.id + " " + one.nodes.map((node) => node.html).join(" ").slice(0, 200))); }), 1500)
      </script>"""
    script = f'<script src="file://{axe}"></script>{ask}</body>'
    place.write_text(page.replace("</body>", script), "utf-8")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
               "--allow-file-access-from-files", "--virtual-time-budget=8000",
               f"file://{place}"]  # fmt: skip
    drawn = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    told = re.search(r'data-axe="([^"]*)"', drawn.stdout)
    if told is None:
        return ["axe did not come to an end"]
    answer: list[str] = json.loads(unescape(told[1]))
    return answer


if __name__ == "__main__":
    main()
